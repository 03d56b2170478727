"""The way out over SMTP: cut in time, understood by what the server says, and never said twice without need."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import threading
from email import message_from_bytes, policy
from time import monotonic

import pytest
from aiosmtpd.controller import Controller
from django.core import mail as django_mail
from django.core.mail.backends.smtp import EmailBackend as DjangoSmtp

from ecommerce_comms.exceptions import DeliveryError, PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging.backends.base import Attachment, Outgoing
from ecommerce_comms.messaging.backends.cutting import Cutter
from ecommerce_comms.messaging.backends.email import EmailBackend
from ecommerce_comms.messaging.backends.errors import classify
from ecommerce_comms.messaging.backends.providers import Provider
from tests.mail_server import SmtpServer, running

SMTP = "django.core.mail.backends.smtp.EmailBackend"
RESEND = "ecommerce_comms.messaging.backends.resend.EmailBackend"
CALENDAR = Attachment(name="delivery.ics", content_type="text/calendar; charset=utf-8; method=PUBLISH",
                      content="BEGIN:VCALENDAR\r\nSUMMARY:দোকান\r\n.\r\nEND:VCALENDAR\r\n".encode())
BACKENDS: list[EmailBackend] = []
EXTENSIONS = ([], ["PIPELINING", "SIZE 10240000", "8BITMIME", "SMTPUTF8"])
HOSTILE = ["A\r\nBcc: victim@x.example", "\x0bBcc: v@x.example", "\u2028Bcc: v@x.example", "=?utf-8?q?=0D=0ABcc:_v@x.example?=",
           "=?utf-8?b?DQpCY2M6IHZAeC5leGFtcGxl?=", "x" * 5_000, '"<v@x.example>, ', "v@x.example,", "\ud800", "{{ x }}", "\\", '\\"', "a\\"]


def outgoing(**changes):
    """A mail to Asha."""
    usual = {
        "recipient": "asha@customers.example", "recipient_name": "Asha Sharma", "subject": "We have your order",
        "text": "Dear Asha\n.\n..", "html": "<p>Dear Asha</p>", "short": "", "message_id": "1@shop.example", "kind": "order_placed",
        "key": "key-1",
    }
    return Outgoing(**{**usual, **changes})


class Kept:
    """A handler of aiosmtpd that keeps what it is given."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope.content)
        return "250 OK"


@contextlib.contextmanager
def as_started(controller):
    """``controller`` listens."""
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@pytest.fixture(params=EXTENSIONS, ids=["plain", "pipelining"])
def server(request):
    """A mail server without extensions, and one with those that are used."""
    with running(SmtpServer()) as made:
        made.extensions = request.param
        yield made


@pytest.fixture
def quick_server():
    """A mail server with extensions, for what does not depend on them."""
    with running(SmtpServer()) as made:
        made.extensions = EXTENSIONS[1]
        yield made


@pytest.fixture(autouse=True)
def _hung_up():
    """No test leaves a connection open."""
    yield
    while BACKENDS:
        BACKENDS.pop().close()


def over(path, **options):
    """A backend that sends over the Django backend at ``path``."""
    BACKENDS.append(EmailBackend(Provider(backend=path, options=options)))
    return BACKENDS[-1]


def to(server, **options):
    """A backend that sends to ``server``."""
    return over(SMTP, **{"host": "127.0.0.1", "port": getattr(server, "port", server), "timeout": 5, **options})


def failure(backend, message=None):
    """What goes wrong with ``message``."""
    with pytest.raises(DeliveryError) as caught:
        backend.send(message or outgoing())
    backend.close()
    return caught.value


def cut_while(backend, work):
    """Do ``work`` in a thread of its own and cut it after a moment; returns its error and how many seconds it went on."""
    caught = []

    def run():
        try:
            work()
        except DeliveryError as error:
            caught.append(error)
        finally:
            backend.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(0.25)
    assert thread.is_alive(), caught
    began = monotonic()
    backend.abort(thread.ident)
    thread.join(5)
    assert not thread.is_alive()
    return caught[0], monotonic() - began


class TestHandingOver:
    def test_servers_answer_is_kept(self, server):
        assert to(server).send(outgoing()).answer == "250 2.0.0 Ok: queued as 4F2A"

    def test_one_connection_serves_a_batch_and_dots_arrive_as_written(self, server):
        backend = to(server)
        for number in range(3):
            backend.send(outgoing(message_id=f"{number}@shop.example"))
        backend.close()
        assert (server.connections, len(server.mails)) == (1, 3)
        plain = next(message_from_bytes(server.mails[0].replace(b"\r\n..", b"\r\n."), policy=policy.default).iter_parts())
        assert plain.get_content().splitlines() == ["Dear Asha", ".", ".."]

    def test_file_for_calendars_arrives_as_it_was(self, server):
        to(server).send(outgoing(attachments=(CALENDAR,)))
        mail = message_from_bytes(server.mails[0], policy=policy.default)
        (file,) = mail.iter_attachments()
        assert file.get_payload(decode=True) == CALENDAR.content and file.get_filename() == "delivery.ics"
        assert (file.get_content_type(), file.get_param("method")) == ("text/calendar", "PUBLISH")
        assert mail.get_body(("html",)).get_content().strip() == "<p>Dear Asha</p>" and not mail.defects

    def test_file_arrives_at_a_server_that_others_wrote(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            controller = Controller(Kept(), hostname="127.0.0.1", port=free.getsockname()[1])
        with as_started(controller):
            to(controller).send(outgoing(attachments=(CALENDAR,)))
            BACKENDS.pop().close()
        mail = message_from_bytes(controller.handler.mails[0], policy=policy.default)
        (file,) = mail.iter_attachments()
        assert file.get_payload(decode=True) == CALENDAR.content
        assert [part.get_content_type() for part in mail.walk()] == [
            "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"]

    def test_envelope_names_one_sender_and_one_recipient(self, server, settings):
        settings.DEFAULT_FROM_EMAIL = "Lotus Höuse <orders@shöp.example>"
        to(server).send(outgoing(recipient="asha@büro.example"))
        envelope = [line.partition(" SIZE")[0] for line in server.heard if line[:4] in ("MAIL", "RCPT")]
        assert envelope == ["MAIL FROM:<orders@xn--shp-tna.example>", "RCPT TO:<asha@xn--bro-hoa.example>"]

    def test_server_that_hangs_up_after_saying_yes_has_the_mail(self, server):
        server.script["content"] = "250 taken!"
        backend = to(server)
        assert backend.send(outgoing()).answer == "250 taken"
        assert backend.send(outgoing()).answer == "250 taken"
        assert (len(server.mails), server.connections) == (2, 2)

    @pytest.mark.parametrize("last_word", ["421 4.4.2 too long idle!", "hangup"])
    def test_server_that_hung_up_between_two_mails_is_called_again(self, server, last_word):
        backend = to(server)
        backend.send(outgoing())
        server.script["MAIL"] = [last_word]
        backend.send(outgoing())
        backend.close()
        assert (len(server.mails), server.connections) == (2, 2)

    def test_subclass_that_sends_in_its_own_way_is_let(self, quick_server):
        backend = over(f"{__name__}.Signing", host="127.0.0.1", port=quick_server.port)
        assert backend.send(outgoing()).answer.startswith("250")
        backend.close()
        assert quick_server.mails[0].startswith(b"DKIM-Signature: x\r\n")

    def test_subclass_that_hides_how_far_it_came_leaves_doubt(self, quick_server):
        quick_server.script["content"] = "hangup"
        error = failure(over(f"{__name__}.Reconnecting", host="127.0.0.1", port=quick_server.port))
        assert isinstance(error, TransientDeliveryError)
        assert error.uncertain

    def test_mail_that_cannot_be_written_is_not_in_doubt(self, quick_server, monkeypatch):
        backend = to(quick_server)
        backend.send(outgoing())
        monkeypatch.setattr("ecommerce_comms.messaging.mime.write", lambda *_parts: "\ud800".encode())
        assert isinstance(failure(backend), PermanentDeliveryError)

    def test_address_beyond_ascii_goes_where_the_server_takes_it(self, server):
        message = outgoing(recipient="आशा@customers.example")
        if server.extensions:
            to(server).send(message)
            assert "RCPT TO:<आशा@customers.example>" in server.heard
            assert 'To: "Asha Sharma"\r\n <आशा@customers.example>'.encode() in server.mails[0]
        else:
            error = failure(to(server), message)
            assert isinstance(error, PermanentDeliveryError)
            assert "SMTPUTF8" in str(error)

    @pytest.mark.parametrize("text", HOSTILE)
    def test_strangers_words_stay_in_their_header(self, quick_server, text):
        to(quick_server).send(outgoing(
            recipient_name=text, subject=text, kind=text, language=text,
            headers={"X-Note": text, "X-Bad\r\nBcc": "v@x.example", "Bcc": "v@x.example"},
        ))
        read = message_from_bytes(quick_server.mails[0], policy=policy.default)
        assert [address.addr_spec for address in read["To"].addresses] == ["asha@customers.example"]
        assert read["Bcc"] is None
        assert not read.defects
        assert [line for line in quick_server.heard if line.startswith("RCPT")] == ["RCPT TO:<asha@customers.example>"]
        assert max(map(len, quick_server.mails[0].split(b"\r\n"))) <= 998

    @pytest.mark.parametrize("address", ["a@x.example>\r\nRCPT TO:<v@x.example", "a b@x.example", "<a@x.example>", "a@x.example\n"])
    def test_address_that_is_none_never_reaches_the_server(self, quick_server, address):
        assert isinstance(failure(to(quick_server), outgoing(recipient=address)), PermanentDeliveryError)
        assert not [line for line in quick_server.heard if line.startswith("RCPT")]


class TestRefusals:
    @pytest.mark.parametrize(("step", "reply", "kind", "blamed", "bad_address"), [
        ("RCPT", "550 5.1.1 no such user", PermanentDeliveryError, False, True),
        ("RCPT", "550 5.1.10 null MX", PermanentDeliveryError, False, True),
        ("RCPT", "550 5.4.4 no such domain", PermanentDeliveryError, False, True),
        ("RCPT", "553 5.1.3 bad syntax", PermanentDeliveryError, False, True),
        ("RCPT", "551 not here", PermanentDeliveryError, False, True),
        ("RCPT", "550 no", PermanentDeliveryError, False, False),
        ("RCPT", "550 5.7.1 policy", PermanentDeliveryError, False, False),
        ("RCPT", "552 5.2.2 mailbox full", PermanentDeliveryError, False, False),
        ("RCPT", "450 4.2.0 greylisted", TransientDeliveryError, False, False),
        ("RCPT", "451 try later", TransientDeliveryError, False, False),
        ("RCPT", "452 4.3.1 disk full", TransientDeliveryError, True, False),
        ("RCPT", "550 4.2.0 enhanced decides", TransientDeliveryError, False, False),
        ("RCPT", "421 closing!", TransientDeliveryError, True, False),
        ("MAIL", "530 5.7.0 log in first", TransientDeliveryError, True, False),
        ("MAIL", "550 5.7.1 not your domain", TransientDeliveryError, True, False),
        ("MAIL", "552 5.3.4 too big", PermanentDeliveryError, False, False),
        ("DATA", "554 no", PermanentDeliveryError, False, False),
        ("DATA", "451 not now", TransientDeliveryError, False, False),
        ("content", "554 5.6.0 spam", PermanentDeliveryError, False, False),
        ("content", "550 5.7.1 spam", PermanentDeliveryError, False, False),
        ("content", "451 4.7.1 later", TransientDeliveryError, False, False),
        ("content", "421 4.3.2 going down!", TransientDeliveryError, True, False),
    ])
    def test_servers_answer_is_understood(self, server, step, reply, kind, blamed, bad_address):
        server.script[step] = reply
        error = failure(to(server))
        assert isinstance(error, kind)
        assert (error.code, error.blames_provider, getattr(error, "bad_address", False)) == (int(reply[:3]), blamed, bad_address)
        assert getattr(error, "uncertain", False) is False
        assert reply.rstrip("!")[4:] in str(error)
        assert not server.mails

    @pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "content"])
    def test_refusal_spoils_nothing_for_the_next_mail(self, server, step):
        server.script[step] = ["451 not this one"]
        backend = to(server)
        with pytest.raises(TransientDeliveryError):
            backend.send(outgoing())
        backend.send(outgoing())
        backend.close()
        assert (len(server.mails), server.connections) == (1, 1)
        assert step == "content" or "rset" in server.heard

    def test_server_that_wants_a_mail_for_nobody_gets_none(self, quick_server):
        quick_server.script |= {"RCPT": ["550 5.1.1 no"], "DATA": ["354 go on"], "content": ["554 5.5.1 no valid recipients"]}
        backend = to(quick_server)
        with pytest.raises(PermanentDeliveryError):
            backend.send(outgoing())
        backend.send(outgoing())
        assert [mail[:5] for mail in quick_server.mails] == [b"From:"]

    @pytest.mark.parametrize(("step", "uncertain"), [("MAIL", False), ("RCPT", False), ("DATA", False), ("content", True)])
    def test_line_that_breaks_is_uncertain_only_after_the_last_dot(self, server, step, uncertain):
        server.script[step] = "hangup"
        error = failure(to(server))
        assert isinstance(error, TransientDeliveryError)
        assert (error.uncertain, error.blames_provider) == (uncertain, True)

    def test_mail_that_is_cut_off_in_the_middle_was_not_taken(self, quick_server):
        quick_server.script["DATA"] = "354 go on!"
        error = failure(to(quick_server), outgoing(text="x" * 8_000_000, html=""))
        assert isinstance(error, TransientDeliveryError)
        assert not error.uncertain

    @pytest.mark.parametrize(("script", "options"), [
        ({"banner": "554 no service here!"}, {}), ({"banner": "hangup"}, {}), ({"banner": "421 busy!"}, {}),
        ({"EHLO": "hangup"}, {"use_tls": True}),
        ({}, {"use_tls": True}), ({"EHLO": "250-x\r\n250 AUTH PLAIN", "AUTH": "535 5.7.8 wrong"}, {"username": "u", "password": "p"}),
        ({"EHLO": "250-x\r\n250 STARTTLS", "STAR": "220 go!"}, {"use_tls": True}), ({}, {"use_ssl": True}),
    ])
    def test_no_connection_blames_the_server_and_no_mail(self, quick_server, script, options):
        quick_server.script.update(script)
        error = failure(to(quick_server, **options))
        assert isinstance(error, TransientDeliveryError)
        assert (error.blames_provider, error.uncertain) == (True, False)

    @pytest.mark.parametrize("options", [{"port": 1}, {"host": "no.such.host.invalid"}, {"ssl_certfile": "/no/file", "use_tls": True}])
    def test_server_that_is_not_there_is_to_blame(self, quick_server, options):
        error = failure(to(quick_server, **options))
        assert isinstance(error, TransientDeliveryError)
        assert (error.blames_provider, error.uncertain) == (True, False)

    def test_tls_that_fails_is_never_done_without(self, quick_server):
        quick_server.script["EHLO"] = "250 mail.example"
        failure(to(quick_server, use_tls=True, fail_silently=True))
        assert not quick_server.mails

    def test_failure_is_never_swallowed(self, quick_server):
        quick_server.script["RCPT"] = "550 5.1.1 no"
        assert isinstance(failure(to(quick_server, fail_silently=True)), PermanentDeliveryError)

    @pytest.mark.parametrize(("error", "kind", "uncertain"), [
        (smtplib.SMTPServerDisconnected("gone"), TransientDeliveryError, True),
        (TimeoutError("slow"), TransientDeliveryError, True),
        (ConnectionRefusedError("closed"), TransientDeliveryError, False),
        (OSError("disk full"), TransientDeliveryError, False),
        (ValueError("bad header"), PermanentDeliveryError, False),
    ])
    def test_where_nobody_knows_how_far_the_mail_came_doubt_remains(self, error, kind, uncertain):
        found = classify(error)
        assert isinstance(found, kind)
        assert getattr(found, "uncertain", False) is uncertain


class TestCutting:
    @pytest.mark.parametrize("manner", ["silence", "drip"])
    @pytest.mark.parametrize(("step", "uncertain"), [
        ("banner", False), ("EHLO", False), ("MAIL", False), ("RCPT", False), ("DATA", False), ("content", True),
    ])
    def test_server_that_keeps_us_is_left(self, quick_server, step, manner, uncertain):
        quick_server.script[step] = manner
        backend = to(quick_server, timeout=60)
        error, seconds = cut_while(backend, lambda: backend.send(outgoing()))
        assert seconds < 2
        assert isinstance(error, TransientDeliveryError)
        assert (error.uncertain, error.blames_provider) == (uncertain, True)

    @pytest.mark.parametrize("options", [{"use_ssl": True}, {"use_tls": True}])
    def test_tls_handshake_that_never_ends_is_cut(self, quick_server, options):
        quick_server.script = {"EHLO": "250-x\r\n250 STARTTLS", "STAR": "220 go?"}
        quick_server.script["banner"] = "silence" if "use_ssl" in options else "220 ready"
        backend = to(quick_server, timeout=60, **options)
        error, seconds = cut_while(backend, lambda: backend.send(outgoing()))
        assert seconds < 2
        assert not error.uncertain

    def test_server_that_does_not_read_is_left_and_has_no_mail(self, quick_server):
        quick_server.script["DATA"] = ["354 go on"]
        held = threading.Event()
        quick_server.finish_request = lambda request, address: (request.sendall(b"220 x\r\n"), held.wait(20))
        backend = to(quick_server, timeout=60)
        error, seconds = cut_while(backend, lambda: backend.send(outgoing()))
        held.set()
        assert seconds < 2
        assert not error.uncertain

    def test_connecting_is_cut(self):
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            waiting = [socket.socket() for _ in range(4)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            backend = to(full.getsockname()[1], timeout=60)
            error, seconds = cut_while(backend, lambda: backend.send(outgoing()))
            for one in waiting:
                one.close()
        assert seconds < 2
        assert not error.uncertain

    def test_after_a_cut_the_next_mail_finds_a_new_connection(self, quick_server):
        quick_server.script["MAIL"] = ["silence"]
        backend = to(quick_server, timeout=60)
        cut_while(backend, lambda: backend.send(outgoing()))
        backend.send(outgoing())
        backend.close()
        assert len(quick_server.mails) == 1

    def test_cutting_an_idle_thread_harms_no_later_mail(self, quick_server):
        backend = to(quick_server)
        backend.send(outgoing())
        backend.abort(threading.get_ident())
        backend.send(outgoing())
        backend.close()
        assert (len(quick_server.mails), quick_server.connections) == (2, 1)

    @pytest.mark.parametrize("manner", ["silence", "drip"])
    def test_server_that_will_not_say_goodbye_is_left_standing(self, quick_server, manner):
        quick_server.script["QUIT"] = manner
        backend = to(quick_server, timeout=60)
        backend.send(outgoing())
        began = monotonic()
        backend.close()
        assert monotonic() - began < 3

    def test_what_was_cut_connects_no_more(self, quick_server):
        cutter = Cutter()
        cutter.cut()
        with pytest.raises(ConnectionAbortedError):
            cutter.connect(("127.0.0.1", quick_server.port), 5)

    def test_connection_that_comes_to_be_after_the_cut_is_dead(self, quick_server):
        cutter = Cutter()
        with socket.create_connection(("127.0.0.1", quick_server.port), 5) as one:
            cutter.cut()
            cutter.hold(one)
            with contextlib.suppress(ConnectionResetError):
                while one.recv(64):
                    pass
        cutter.drop()
        cutter.settle()

    def test_server_without_a_timeout_gets_the_time_of_a_send(self, quick_server, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SEND_SECONDS": 7}
        backend = to(quick_server, timeout=None)
        backend.open()
        assert backend._line.connection.connection.sock.gettimeout() == 7
        backend.close()


class TestOtherBackends:
    @pytest.mark.parametrize("name", ["locmem", "console", "dummy"])
    def test_django_backends_take_mails(self, name, capsys, mailoutbox):
        backend = over(f"django.core.mail.backends.{name}.EmailBackend")
        if name == "dummy":
            backend.send(outgoing())
        elif name == "console":
            backend.send(outgoing())
            assert "Subject: We have your order" in capsys.readouterr().out
        else:
            backend.send(outgoing())
            assert django_mail.outbox[-1].subject == "We have your order"

    def test_file_backend_takes_mails(self, tmp_path):
        backend = over("django.core.mail.backends.filebased.EmailBackend", file_path=str(tmp_path))
        backend.send(outgoing())
        backend.close()
        assert b"Message-ID: <1@shop.example>" in next(tmp_path.iterdir()).read_bytes()

    def test_backend_that_takes_nobody_has_not_sent(self):
        backend = over(f"{__name__}.Refusing")
        assert isinstance(failure(backend), PermanentDeliveryError)


class TestProviders:
    def test_without_providers_djangos_own_settings_are_the_one_way(self, settings):
        (route,) = EmailBackend().routes("email")
        assert (route.name, route.rate, route.key_seconds) == ("default", None, 0.0)

    def test_each_provider_is_a_way_of_its_own_in_its_order(self, settings, quick_server):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "EMAIL_PROVIDERS": [
            {"name": "relay", "backend": SMTP, "options": {"host": "127.0.0.1", "port": quick_server.port}, "rate": "14/s"},
            {"name": "resend", "backend": RESEND, "options": {"api_key": "k"}, "rate": "600/h"},
        ]}
        backend = EmailBackend()
        relay, resend = backend.routes("email")
        assert (relay.name, relay.rate, relay.key_seconds) == ("relay", (14, 1.0), 0.0)
        assert (resend.name, resend.rate, resend.key_seconds) == ("resend", (600, 3600.0), 86_400.0)
        assert backend.routes("email")[0].backend is relay.backend
        backend.send(outgoing())
        relay.backend.send(outgoing())
        assert len(quick_server.mails) == 2
        for one in (backend, relay.backend):
            one.close()


class Signing(DjangoSmtp):
    """As shops write it to sign their mails."""

    def _send(self, email_message):
        self.connection.sendmail("a@shop.example", email_message.to, b"DKIM-Signature: x\r\n" + email_message.message().as_bytes())
        return True


class Reconnecting(DjangoSmtp):
    """Hangs up by itself when something goes wrong."""

    def _send(self, email_message):
        try:
            return super()._send(email_message)
        except smtplib.SMTPException:
            self.close()
            raise


class Refusing(django_mail.backends.base.BaseEmailBackend):
    """Takes no mail."""

    def send_messages(self, email_messages):
        return 0
