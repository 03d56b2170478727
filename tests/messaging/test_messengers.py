"""Other messengers over Apprise, and the console: proved against a server of our own."""

from __future__ import annotations

import json
import logging
from time import monotonic

import pytest

from ecommerce_comms import plugins
from ecommerce_comms.exceptions import DeliveryError, PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging import channels
from ecommerce_comms.messaging.backends import messengers
from ecommerce_comms.messaging.backends.base import Attachment, Outgoing, get_backend
from ecommerce_comms.messaging.channels import Contact
from tests.sms_server import Say, SmsServer, running

PATH = "ecommerce_comms.messaging.backends.messengers.AppriseBackend"
CONSOLE = "ecommerce_comms.messaging.backends.console.ConsoleBackend"
needs_apprise = pytest.mark.skipif(not messengers.IS_AVAILABLE, reason="the extra messengers is not installed")


@pytest.fixture
def server():
    with running(SmsServer()) as running_server:
        yield running_server


@pytest.fixture
def lead(settings):
    """Lets channels lead to these addresses."""

    def to(**urls):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": dict.fromkeys(urls, PATH), "MESSENGERS": urls}
        plugins.forget()

    return to


def outgoing(**changes):
    """A line to Asha."""
    usual = {"recipient": "+919830012345", "recipient_name": "Asha", "subject": "Sent", "short": "आपका पार्सल <निकल> गया & {phone} 🎁",
             "message_id": "1@shop.example", "kind": "order_shipped", "key": "k"}
    return Outgoing(**{**usual, **changes})


def send(channel, **changes):
    """Over the channel's one route."""
    [route] = get_backend(channel).routes(channel)
    return route.backend.send(outgoing(**changes))


def test_address_is_quoted_where_it_stands():
    assert messengers.filled("json://host/{customer}/x", "account:7@ü.example+1") == "json://host/account%3A7%40%C3%BC.example%2B1/x"


@needs_apprise
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the libraries that some of Apprise's plug-ins want
class TestApprise:
    def test_line_goes_where_the_channel_leads(self, server, lead):
        address = server.url.removeprefix("http://")
        lead(signal=f"json://{address}/a/{{phone}}", matrix=f"json://{address}/b/{{email}}?+X-Shop=Lotus")
        assert send("signal").provider_message_id == ""
        send("matrix", recipient="asha+x@customers.example")
        first, second = server.requests
        assert json.loads(first.body)["message"] == outgoing().short
        assert first.path in ("/a/+919830012345", "/a/%2B919830012345", "/a/%2B919830012345/")
        assert second.path.rstrip("/") in ("/b/asha+x@customers.example", "/b/asha%2Bx%40customers.example")

    def test_channel_asks_for_what_its_address_names(self, lead):
        lead(signal="json://127.0.0.1/{phone}", matrix="json://127.0.0.1/{email}", own="json://127.0.0.1/{customer}", staff="json://127.0.0.1/")
        contact = Contact(email="asha@customers.example", phone="+91 98300 12345", customer="account:7")
        assert [channels.address_of(name, contact) for name in ("signal", "matrix", "own", "staff")] == [
            "+919830012345", "asha@customers.example", "account:7", "account:7"]
        assert channels.form_of("signal") == "chat"

    @pytest.mark.parametrize("hostile", [
        "x@evil.example/", "/../..", "a,b", "a b", "?to=evil", "#all", "a&b=c", "%2f", "\\evil", "a\nb", "{phone}", "",
    ])
    def test_customer_cannot_say_where_messages_go(self, server, lead, hostile):
        lead(own=f"json://{server.url.removeprefix('http://')}/a/{{customer}}")
        with pytest.raises(PermanentDeliveryError):
            send("own", recipient=hostile)
        assert server.requests == []

    @pytest.mark.parametrize("hostile", ["evil.example:80@x", "account:7@evil.example", "@evil.example", "::1", "ü"])
    def test_what_looks_like_a_host_stays_in_its_place(self, server, lead, hostile):
        lead(own=f"json://{server.url.removeprefix('http://')}/a/{{customer}}")
        send("own", recipient=hostile)
        [got] = server.requests
        assert got.headers["Host"] == server.url.removeprefix("http://")
        assert got.path.startswith("/a/")

    @pytest.mark.parametrize(("status", "kind", "uncertain"), [
        (400, PermanentDeliveryError, False), (404, TransientDeliveryError, False), (429, TransientDeliveryError, False),
        (503, TransientDeliveryError, False), (500, TransientDeliveryError, True),
    ])
    def test_answer_of_the_service_is_understood(self, server, lead, status, kind, uncertain):
        server.say = Say(status, "{}")
        lead(signal=f"json://{server.url.removeprefix('http://')}/{{phone}}")
        with pytest.raises(kind) as caught:
            send("signal")
        assert (getattr(caught.value, "uncertain", False), caught.value.code) == (uncertain, status)

    def test_server_that_drips_is_not_waited_for(self, server, lead, settings):
        server.say = Say(drips=True)
        lead(signal=f"json://{server.url.removeprefix('http://')}/{{phone}}")
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SEND_SECONDS": 1}
        began = monotonic()
        with pytest.raises(TransientDeliveryError) as caught:
            send("signal")
        assert caught.value.uncertain
        assert monotonic() - began < 3
        server.stop.set()

    def test_log_of_apprise_masks_addresses(self, server, lead, caplog):
        caplog.set_level(logging.DEBUG, logger="apprise")
        lead(signal=f"json://{server.url.removeprefix('http://')}/{{phone}}")
        server.say = Say(500)
        with pytest.raises(DeliveryError):
            send("signal")
        assert "+919830012345" not in caplog.text

    @pytest.mark.parametrize(("url", "says"), [
        ("json://{phone}/", "after that"), ("{phone}://host/", "after that"), ("json://user:{email}@host/x", "after that"),
        ("json://host/{token}", "braces may hold"), ("json://host/{phone}/{email}", "leads to one"),
        ("", "missing"), ("nonsense", "after that"), ("json://host/{phone", "brace"), ("json://host/phone}", "brace"),
        ("json://None@host/{phone}", "not set"),
    ])
    def test_address_that_cannot_be_used_says_why(self, lead, url, says):
        lead(signal=url)
        with pytest.raises(TransientDeliveryError, match=says):
            get_backend("signal").routes("signal")

    def test_missing_extra_says_what_to_install(self, lead, monkeypatch):
        lead(signal="json://127.0.0.1/{phone}")
        monkeypatch.setattr(messengers, "IS_AVAILABLE", False)
        with pytest.raises(TransientDeliveryError, match=r"pip install .*messengers"):
            get_backend("signal").routes("signal")


class TestConsole:
    def test_everything_can_be_read(self, capsys, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": dict.fromkeys(("email", "sms", "phone", "chat"), CONSOLE)}
        backend = get_backend("email")
        calendar = Attachment(name="a.ics", content_type="text/calendar", content=b"")
        backend.send(outgoing(text="Dear Asha", html="<p>ü</p>", attachments=(calendar,)))
        said = capsys.readouterr().out
        assert "To: Asha <+919830012345>\nSubject: Sent\nKind: order_shipped\nHTML: 9 bytes\nAttached: a.ics\n\nDear Asha\n" in said
        backend.send(outgoing(recipient_name="", subject=""))
        assert f"To: +919830012345\nKind: order_shipped\n\n{outgoing().short}\n" in capsys.readouterr().out

    def test_channel_keeps_its_form_and_address(self, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": dict.fromkeys(("email", "sms", "phone", "chat"), CONSOLE)}
        assert [channels.form_of(name) for name in ("email", "sms", "phone", "chat")] == ["email", "sms", "phone", "chat"]
        contact = Contact(email="asha@customers.example", phone="+919830012345", customer="account:7")
        assert [channels.address_of(name, contact) for name in ("email", "sms", "phone", "chat")] == [
            "asha@customers.example", "+919830012345", "+919830012345", "account:7"]
