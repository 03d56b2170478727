"""A mail server and a web server on real sockets that do what a test tells them to."""

from __future__ import annotations

import json
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DRIP_SECONDS = 0.05


class Hangup(Exception):
    """The server goes away."""


class SmtpConversation(socketserver.StreamRequestHandler):
    """Speaks SMTP by its server's script, and keeps what it is given."""

    def handle(self):
        self.server.connections += 1
        self.refused = False
        try:
            self.answer("banner")
            while line := self.rfile.readline().decode(errors="replace"):
                self.server.heard.append(line.rstrip())
                verb = line[:4].upper().strip()
                reply = self.answer(verb)
                self.refused = verb in ("MAIL", "RCPT") and (reply[0] != "2" or (self.refused and verb == "RCPT"))
                if reply.startswith("354"):
                    mail = b"".join(iter(self.rfile.readline, b".\r\n"))
                    self.answer("content", lambda mail=mail: self.server.mails.append(mail))
        except (Hangup, OSError):
            return

    def answer(self, step, taken=lambda: None):
        """Say what the script has for ``step``; a list is used up answer by answer. "!" at the end hangs up, "?" falls silent."""
        planned = self.server.script.get(step)
        reply = (planned.pop(0) if planned else None) if isinstance(planned, list) else planned
        reply = reply or self.usual(step)
        if reply == "hangup":
            raise Hangup
        if reply == "silence":
            self.server.stop.wait(30)
            raise Hangup
        if reply == "drip":
            return self.drip()
        if reply.startswith("250"):
            taken()
        self.wfile.write(f"{reply.rstrip('!?')}\r\n".encode())
        if reply.endswith("?"):
            self.server.stop.wait(30)
        if reply.endswith(("!", "?")):
            raise Hangup
        return reply

    def drip(self):
        """One byte at a time, for as long as anybody listens."""
        while not self.server.stop.wait(DRIP_SECONDS):
            self.wfile.write(b"2")
            self.wfile.flush()
        raise Hangup

    def usual(self, step):
        """What an ordinary server says."""
        lines = ["mail.example", *self.server.extensions]
        ehlo = "\r\n".join(f"250{' ' if line is lines[-1] else '-'}{line}" for line in lines)
        data = "503 5.5.1 whose mail" if self.refused else "354 go on"
        told = {"banner": "220 ready", "EHLO": ehlo, "DATA": data, "content": "250 2.0.0 Ok: queued as 4F2A", "QUIT": "221 bye!"}
        return told.get(step, "250 2.1.0 fine")


class SmtpServer(socketserver.ThreadingTCPServer):
    """The server; ``script`` says what is answered to which step, ``mails`` are those it took over."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SmtpConversation)
        self.script, self.mails, self.heard, self.extensions, self.connections = {}, [], [], [], 0
        self.stop = threading.Event()

    @property
    def port(self):
        """Where it listens."""
        return self.server_address[1]


@dataclass
class Request:
    """What came in over HTTP."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def data(self):
        """Its JSON."""
        return json.loads(self.body)


@dataclass
class Answer:
    """What goes back; ``drips`` sends the body byte by byte for ever, ``says_nothing`` sends none at all."""

    status: int = 200
    body: str | bytes = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    drips: bool = False
    says_nothing: bool = False


class WebConversation(BaseHTTPRequestHandler):
    """Keeps requests, and answers as it was told."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.requests.append(Request(self.path, dict(self.headers), body))
        answer = self.server.answer
        if answer.says_nothing:
            self.server.stop.wait(30)
            return self.hang_up()
        raw = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "1000000" if answer.drips else str(len(raw)))
        self.end_headers()
        try:
            while answer.drips and not self.server.stop.wait(DRIP_SECONDS):
                self.wfile.write(b" ")
            self.wfile.write(raw)
        except OSError:
            return self.hang_up()
        return None

    def hang_up(self):
        """Say no more."""
        self.close_connection = True

    def log_message(self, *_arguments):
        """Say nothing on the console."""


class WebServer(ThreadingHTTPServer):
    """The server; ``answer`` is what it says to everybody."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), WebConversation)
        self.requests, self.answer = [], Answer()
        self.stop = threading.Event()

    @property
    def url(self):
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running(server):
    """``server``, answering until the block ends."""
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.stop.set()
        server.shutdown()
        server.server_close()
