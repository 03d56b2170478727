"""What ``comms_doctor`` looks at beside the figures: settings, tables, clocks, folders, broker, mail servers."""

from __future__ import annotations

import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import partial

from django.core.checks import ERROR, run_checks
from django.db import Error, connections, router
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import CommsError
from ecommerce_comms.health import rules, servers
from ecommerce_comms.health.colours import Colour
from ecommerce_comms.health.figures import collect
from ecommerce_comms.health.lessons import lesson_lights
from ecommerce_comms.health.lights import Light, lights
from ecommerce_comms.masking import mask, masked
from ecommerce_comms.messaging import outbox
from ecommerce_comms.messaging.addresses import usable
from ecommerce_comms.messaging.backends.base import Outgoing, Route, get_backend
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.sending import journal
from ecommerce_comms.orders import waker
from ecommerce_comms.shipping.carriers import unknowns
from ecommerce_comms.shipping.models import PollTurn

UNKNOWN_AFTER = timedelta(days=1)
"""A number may wait so long for its parcel before anybody is told."""
NETWORK_SECONDS = 5.0
"""Longer than this nobody is waited for."""
CLOCKS_AMBER, CLOCKS_RED = 2.0, 60.0
"""Seconds by which the clocks of this machine and of the database may differ."""
TIME_SQL = {"postgresql": "SELECT clock_timestamp()", "mysql": "SELECT UTC_TIMESTAMP(6)"}
"""How a database is asked for its time; SQLite's is the machine's own."""

Probe = Callable[[], Iterator[Light]]


def examine(*, network: bool = True, mail: str = "") -> Iterator[Light]:
    """Every finding; ``network`` asks the broker and the mail servers too, and ``mail`` gets a test mail from each of these."""
    asked = (_broker, _mail_servers) if network else ()
    probes: list[Probe] = [_settings, _tables, _clocks, _journal, *asked, _rules, _figures, _carriers, _lessons]
    if mail:
        probes.append(lambda: _test_mails(mail))
    for probe in probes:
        try:
            yield from probe()
        except Exception as error:  # an examination goes on, whatever it finds
            name = getattr(probe, "__name__", "").strip("_")
            yield Light(name, name, Colour.RED, _say(error), _("Mend this first, then ask again."))


def _settings() -> Iterator[Light]:
    complaints = [each for each in run_checks() if str(each.id).startswith("ecommerce_comms.")]
    for complaint in complaints:
        colour = Colour.RED if complaint.level >= ERROR else Colour.AMBER
        yield Light(str(complaint.id), _("Settings"), colour, f"{complaint.msg} ({complaint.id})", str(complaint.hint or ""))
    if not complaints:
        yield Light("settings", _("Settings"), Colour.GREEN, _("no complaints"))


def _tables() -> Iterator[Light]:
    executor = MigrationExecutor(connections[router.db_for_write(Message)])
    targets = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "ecommerce_comms"]
    missing = [migration.name for migration, _backwards in executor.migration_plan(targets) if migration.app_label == "ecommerce_comms"]
    if missing:
        says = _("missing: %(names)s") % {"names": ", ".join(missing)}
        yield Light("migrations", _("Tables"), Colour.RED, says, _("Run “manage.py migrate”."))
    else:
        yield Light("migrations", _("Tables"), Colour.GREEN, _("up to date"))


def _clocks() -> Iterator[Light]:
    database = connections[router.db_for_write(Message)]
    sql = TIME_SQL.get(database.vendor)
    if sql is None:
        return
    with database.cursor() as cursor:
        cursor.execute(sql)
        told: datetime = cursor.fetchone()[0]
    theirs = told if told.tzinfo else told.replace(tzinfo=timezone.utc)
    apart = abs((clock.wall_clock() - theirs).total_seconds())
    colour = Colour.RED if apart > CLOCKS_RED else Colour.AMBER if apart > CLOCKS_AMBER else Colour.GREEN
    yield Light("clocks", _("Clocks"), colour, _("this machine and the database are %(apart).1f s apart") % {"apart": apart},
                _("Let both machines set their clocks by NTP.") if colour else "")


def _journal() -> Iterator[Light]:
    if not journal.is_possible():
        yield Light("journal", _("Journal"), Colour.AMBER, _("this machine cannot lock files"),
                    _("After a crash more messages may be in doubt."))
        return
    try:
        folder = journal.folder()
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        yield Light("journal", _("Journal"), Colour.RED, _say(error), _("Set JOURNAL_DIR to a folder that the workers may write to."))
    else:
        yield Light("journal", _("Journal"), Colour.GREEN, _("%(folder)s can be written to") % {"folder": folder})


def _broker() -> Iterator[Light]:
    if conf.WAKER == "off":
        yield Light("broker", _("Broker"), Colour.GREEN, _("not used: WAKER is off"))
        return
    problem = _within(NETWORK_SECONDS, _ask_broker)
    yield Light("broker", _("Broker"), Colour.AMBER if problem else Colour.GREEN, problem or _("answers"),
                _("Start it, and see CELERY_BROKER_URL. Until then mail waits for the sweep; nothing is lost.") if problem else "")


def _ask_broker() -> None:
    with waker.app().connection_for_write(connect_timeout=NETWORK_SECONDS) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=int(NETWORK_SECONDS) or 1)


def _mail_servers() -> Iterator[Light]:
    """As on the health page: red only where no other way is left."""
    for channel in conf.BACKENDS:
        try:
            routes = get_backend(channel).routes(channel)
        except CommsError as error:
            yield Light(f"connection:{channel}", _("Channel %(name)s") % {"name": channel}, Colour.RED, _say(error),
                        _("See the settings of this channel; its messages wait."))
            continue
        problems = [_within(NETWORK_SECONDS, partial(_knock, route)) for route in routes]
        shut = Colour.RED if all(problems) else Colour.AMBER
        for route, problem in zip(routes, problems, strict=True):
            what = _("Connection to %(name)s") % {"name": route.name}
            yield Light(f"connection:{route.name}", what, shut if problem else Colour.GREEN,
                        problem or _("can be opened"), servers.todo_when_shut(route.name) if problem else "")


def _rules() -> Iterator[Light]:
    """What only the database knows of rules; the rest is told with the settings."""
    found = rules.from_rows()
    for finding in found:
        colour = Colour.RED if finding.is_error else Colour.AMBER
        yield Light(f"rule:{finding.id}", _("Rules"), colour, str(finding), f"{finding.where}: {finding.todo}")
    if not found:
        yield Light("rules", _("Rules"), Colour.GREEN, _("nothing is missing"))


def _mail_routes() -> list[Route]:
    mails = [channel for channel in conf.BACKENDS if get_backend(channel).address_for(channel) == "email"]
    return [route for channel in mails for route in get_backend(channel).routes(channel)]


def _knock(route: Route) -> None:
    if servers.is_file(route.name):  # that it could be made says that its folder can be written to
        return
    route.backend.knock()


def _figures() -> Iterator[Light]:
    try:
        yield from lights(collect())
    except Error as error:
        yield Light("database", _("Database"), Colour.RED, _say(error), _("See that it runs and that the tables are there."))


def _carriers() -> Iterator[Light]:
    """Numbers that no parcel has, words that nobody knows, carriers that do not answer; nothing if there are none."""
    strangers = unknowns.count_numbers(before=clock.now() - UNKNOWN_AFTER)
    words = unknowns.words(limit=3)
    if strangers or words:
        says = [ngettext("%d number that no parcel has", "%d numbers that no parcel has", strangers) % strangers] if strangers else []
        says += [_("unknown words: %(words)s") % {"words": ", ".join(word for _source, word, _count in words)}] if words else []
        todo = _("See “What nobody knows” among the scans in the admin.")
        yield Light("scans", _("Carriers' scans"), Colour.AMBER, "; ".join(says), todo)
    for turn in PollTurn.objects.filter(failures__gte=3).order_by("name"):
        failed = _("%(count)d failures in a row: %(error)s") % {"count": turn.failures, "error": turn.error}
        yield Light(f"poller:{turn.name}", _("Carrier asked by %(name)s") % {"name": turn.name}, Colour.AMBER, failed,
                    _("See whether its key is still good and its service answers; it is asked again by itself."))


def _lessons() -> Iterator[Light]:
    yield from lesson_lights(clock.now())


def _test_mails(address: str) -> Iterator[Light]:
    if not usable(address):
        yield Light("mail", _("Test mail"), Colour.RED, _("this is no e-mail address"), _("Write it as --mail you@example.org."))
        return
    for route in _mail_routes():
        problem = _within(conf.SEND_SECONDS, partial(_send_test, route, address))
        what = _("Test mail by %(name)s") % {"name": route.name}
        yield Light(f"mail:{route.name}", what, Colour.RED if problem else Colour.GREEN,
                    problem or _("accepted for %(address)s; look whether it arrives") % {"address": masked(address)},
                    servers.todo_when_refused(route.name) if problem else "")


def _send_test(route: Route, address: str) -> None:
    key, names = uuid.uuid4().hex, {"shop": conf.SHOP_NAME or "Django", "provider": route.name}
    subject = _("Test mail from %(shop)s") % names
    text = _("This is a test of the mail of %(shop)s, sent by %(provider)s. It needs no answer.") % names
    try:
        route.backend.open()
        route.backend.send(Outgoing(
            recipient=address, recipient_name="", subject=subject, text=text, html="", short=text, kind="test",
            message_id=f"{key}@{outbox.message_domain()}", language=conf.language, purpose="service", key=key,
        ))
    finally:
        route.backend.close()


def _within(seconds: float, work: Callable[[], object]) -> str:
    """Do ``work`` in a thread of its own; what went wrong in a sentence, empty if nothing did."""
    ended: list[str] = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            ended.append(_say(error))
        else:
            ended.append("")

    thread = threading.Thread(target=run, name="comms-doctor", daemon=True)
    thread.start()
    thread.join(seconds)
    return ended[0] if ended else _("no answer within %(seconds)d s") % {"seconds": seconds}


def _say(error: Exception) -> str:
    told = str(error) if isinstance(error, CommsError) else f"{type(error).__name__}: {error}"
    return " ".join(mask(told).split())[:300]
