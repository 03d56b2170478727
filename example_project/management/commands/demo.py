"""``manage.py demo``: the example shop with everything that it needs, in one process; ``--story`` plays a story instead."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from ecommerce_comms.beat import BEAT_SCHEDULE
from example_project.celery import app
from example_project.demo.mailserver import Mailserver
from example_project.demo.report import Report
from example_project.demo.story import Story
from example_project.demo.web import Webserver, free_port
from example_project.demo.worker import EmbeddedWorker

BEAT = {
    "comms-sweep": {**BEAT_SCHEDULE["comms-sweep"], "schedule": 5.0},
    "carrier": {"task": "shop.carrier_step", "schedule": 3.0},
}
WELCOME = """
  Banyan & Clay is open.

    shop        {web}/
    mailbox     {web}/mailbox/        every mail that the shop sends lands here
    staff       {web}/staff/          pay, ship, delay, cancel … (admin / admin)
    admin       {web}/admin/          rules, texts, and the timeline of each order (admin / admin)

    customers   tom / tom (English) · asha / asha (हिन्दी) · rahim / rahim (বাংলা)
    mail server 127.0.0.1:{smtp}

  Ctrl-C ends all of it; the data stays in {database}.
"""


class Command(BaseCommand):
    """Run the example shop, or its story."""

    help = "Runs the example shop: web, worker, periodic tasks and mail server in one process. --story plays a fixed story and checks it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command's options."""
        parser.add_argument("--story", action="store_true", help="play a fixed story without a person and say what happened")
        parser.add_argument("--json", action="store_true", help="with --story: print the outcome as JSON")
        parser.add_argument("--port", type=int, default=8000, help="where the shop answers; the next free port if it is taken")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play the story or run the shop."""
        if options["json"] and not options["story"]:
            raise CommandError("--json belongs to --story.")
        if options["story"]:
            self._story(as_json=options["json"])
        else:
            self._shop(options["port"])

    def _shop(self, port: int) -> None:
        self._set_up()
        smtp_port, web_port = free_port(settings.EMAIL_PORT), free_port(port)
        web = Webserver(web_port)
        _configure(web.address, smtp_port)
        services = [Mailserver(settings.MAILBOX_DIR, smtp_port), EmbeddedWorker(app, BEAT), web]
        stop = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        started = []
        try:
            for service in services:
                service.start()
                started.append(service)
            database = settings.DATABASES["default"]["NAME"]
            self.stdout.write(WELCOME.format(web=web.address, smtp=smtp_port, database=os.path.relpath(database)))
            self.stdout.flush()
            stop.wait()
            self.stdout.write("Closing …")
        finally:
            for service in reversed(started):
                service.stop()
            connections.close_all()
        self.stdout.write("Closed.")

    def _story(self, *, as_json: bool) -> None:
        folder = Path(settings.VAR_DIR) / "story"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _use_database(folder / "story.sqlite3")
        self._set_up(quiet=True)
        port = free_port(8125)
        _configure("http://localhost:8000", port)
        server, worker = Mailserver(folder / "mailbox", port), EmbeddedWorker(app)
        server.start()
        worker.start()
        try:
            expected = Story(server).play()
        finally:
            worker.stop()
            server.stop()
        report = Report.of(expected, server.mails())
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2) if as_json else report.as_text())
        connections.close_all()
        if report.problems:
            sys.exit(1)

    def _set_up(self, *, quiet: bool = False) -> None:
        """Database and seed; both change nothing the second time."""
        if not quiet:
            self.stdout.write("Setting up the shop …")
        call_command("migrate", verbosity=0)
        call_command("seed", verbosity=0)


def _configure(address: str, smtp_port: int) -> None:
    """What only this process knows: its addresses."""
    settings.SHOP_URL = address
    settings.ECOMMERCE_COMMS["SHOP_URL"] = f"{address}/"
    settings.ECOMMERCE_COMMS["SMS_GATEWAYS"][0]["options"]["url"] = f"{address}/texts/"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp_port


def _use_database(path: Path) -> None:
    """Play in a database of its own: the shop's data is not touched."""
    connections["default"].close()
    connections.settings["default"]["NAME"] = path
