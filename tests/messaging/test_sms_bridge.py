"""The bridge of the docs works: it takes our texts, and what it tells is believed."""

from __future__ import annotations

import json
from http.server import ThreadingHTTPServer
from threading import Thread
from uuid import UUID

import pytest

from ecommerce_comms import clock
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.exceptions import TransientDeliveryError
from ecommerce_comms.messaging.backends.base import Outgoing
from ecommerce_comms.messaging.backends.sms import SmsBackend, gateways
from ecommerce_comms.messaging.models import Message
from tests.reader import FENCE, ROOT

pytestmark = pytest.mark.django_db
PHONE, UID = "+919830012345", UUID(int=9)


@pytest.fixture
def bridge():
    """The names of the page's program, with its server running."""
    page = (ROOT / "docs" / "how-to" / "send-sms.md").read_text(encoding="utf-8")
    [code] = [block for language, block in FENCE.findall(page) if language == "python" and block.startswith("# bridge.py")]
    names = {"__name__": "bridge"}
    exec(compile(code, "bridge.py", "exec"), names)
    names["Bridge"].log_message = lambda *_arguments: None
    server = ThreadingHTTPServer(("127.0.0.1", 0), names["Bridge"])
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield {**names, "url": f"http://127.0.0.1:{server.server_address[1]}/texts"}
    server.shutdown()
    server.server_close()


def use(settings, bridge, secret):
    entry = {"name": "bridge", "gateway": "json", "options": {"url": bridge["url"], "secret": secret}}
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SMS_GATEWAYS": [entry], "SHOP_URL": "https://shop.example"}
    return SmsBackend(gateways.make(entry))


def text():
    return Outgoing(recipient=PHONE, recipient_name="", subject="", short="नमस्ते", message_id="1@shop.example", kind="order_shipped",
                    key=UID.hex)


def test_text_goes_over_the_bridge_once(settings, bridge):
    backend = use(settings, bridge, "a-secret-of-a-good-length")
    first, again = backend.send(text()), backend.send(text())
    backend.close()
    assert first.provider_message_id == again.provider_message_id == "number-1"


def test_bridge_believes_only_what_is_signed(settings, bridge):
    backend = use(settings, bridge, "another-secret-of-that-length")
    with pytest.raises(TransientDeliveryError, match="not signed"):
        backend.send(text())
    backend.close()
    assert bridge["done"] == {}


def test_what_the_bridge_tells_is_believed(settings, bridge, client):
    use(settings, bridge, "a-secret-of-a-good-length")
    message = Message.objects.create(
        uid=UID, kind="order_shipped", language="en", recipient=PHONE, recipient_hash=address_hash(PHONE), dedupe_key="1",
        due_at=clock.now(), sent_at=clock.now(), state=Message.State.SENT, backend="sms", message_id="1@shop.example")
    body = json.dumps({"type": "report", "id": "number-1", "ref": UID.hex, "to": PHONE, "status": "delivered"}).encode()
    signature = bridge["sign"](body, str(int(clock.now().timestamp())))
    answer = client.post("/comms/sms/bridge/", body, content_type="application/json", headers={"X-Comms-Signature": signature})
    assert answer.status_code == 200
    message.refresh_from_db()
    assert message.state == Message.State.DELIVERED
