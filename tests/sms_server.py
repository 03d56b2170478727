"""A gateway on a real socket that speaks Twilio's form and our own JSON, and remembers what it was given."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from base64 import b64decode
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

DRIP_SECONDS = 0.05


@dataclass
class Got:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """Its form, or its JSON."""
        if self.headers.get("Content-Type", "").startswith("application/json"):
            return json.loads(self.body)
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    @property
    def login(self) -> str:
        """``name:password``; empty if there is none."""
        return b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()


@dataclass
class Say:
    """What the gateway answers: with ``status`` and ``body``, in drips, or not at all."""

    status: int = 201
    body: str | bytes | None = None
    """Of itself a yes with a number."""
    headers: dict[str, str] = field(default_factory=dict)
    drips: bool = False
    hangs: bool = False
    """Accepts the text, and says nothing for ever."""
    breaks: bool = False
    """Accepts the text, and hangs up in the middle of its answer."""


class Conversation(BaseHTTPRequestHandler):
    """Accepts texts."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        got = Got("POST", self.path, dict(self.headers), body)
        self.server.requests.append(got)
        say = self.server.script.pop(0) if self.server.script else self.server.say
        if say.status < 300 or say.hangs or say.breaks:
            self.server.texts.append(got.fields)
        if say.hangs:
            self.server.stop.wait(30)
            self.close_connection = True
            return
        self._answer(say)

    def do_GET(self):
        self.server.requests.append(Got("GET", self.path, dict(self.headers), b""))
        self._answer(Say(404, "{}"))

    def _answer(self, say):
        number = f"SM{len(self.server.texts):032d}"
        usual = json.dumps({"sid": number, "id": number, "status": "queued"})
        raw = say.body if say.body is not None else usual
        raw = raw.encode() if isinstance(raw, str) else raw
        self.send_response(say.status)
        for name, value in {"Content-Type": "application/json", **say.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "1000000" if say.drips or say.breaks else str(len(raw)))
        self.end_headers()
        try:
            while say.drips and not self.server.stop.wait(DRIP_SECONDS):
                self.wfile.write(b" ")
            self.wfile.write(raw)
        except OSError:
            self.close_connection = True
        if say.breaks:
            self.close_connection = True

    def log_message(self, *_arguments):
        """Say nothing on the console."""


class SmsServer(ThreadingHTTPServer):
    """``say`` is what it answers, ``script`` what it answers first, once each; ``texts`` are those that it accepted."""

    daemon_threads = True

    def __init__(self, certificate=None):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.requests, self.texts, self.script, self.say = [], [], [], Say()
        self.stop = threading.Event()
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"

    @property
    def url(self):
        """Its address."""
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """Who hangs up on it, as over TLS that is not trusted, is no error of a test."""

    def twilio(self, name="twilio", **options):
        """An entry of ``SMS_GATEWAYS`` that leads here."""
        return {"name": name, "gateway": "twilio", "options": {
            "account_sid": "AC1", "auth_token": "a-token-that-is-long", "from": "+15005550006", "base_url": self.url, **options}}

    def json(self, name="bridge", **options):
        """The same in our own form."""
        return {"name": name, "gateway": "json", "options": {
            "url": f"{self.url}/texts", "secret": "a-secret-that-is-long", "from": "Lotus", **options}}


@contextmanager
def running(server):
    """``server``, answering until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def self_signed(folder):
    """A certificate for 127.0.0.1 that nobody trusts, and its key."""
    certificate, key = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return certificate, key
