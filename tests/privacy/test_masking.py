"""What stands in a log helps whoever reads it, and tells nobody whom it is about."""

from __future__ import annotations

import io
import json
import logging
import time
from contextlib import suppress
from datetime import datetime, timezone

import pytest
from django.db import IntegrityError, transaction

from ecommerce_comms import masking, testing
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.masking import hide, mask, masked
from ecommerce_comms.orders import events
from tests.privacy.story import EMAIL, order_of_asha, traces

POSTGRES = (
    'null value in column "key" of relation "ecommerce_comms_customer" violates not-null constraint\n'
    "DETAIL:  Failing row contains (7, null, 7, asha@customers.example, +919876543210, Asha, Sharma, 12 Ashok Marg).\n"
)


@pytest.mark.parametrize("text, shown", [
    ("asha@customers.example", "a…@c….example"),
    ("550 <asha@customers.example>: no such user", "550 <a…@c….example>: no such user"),
    ("To: Asha <asha+x@mail.customers.co.in>, ravi@y", "To: Asha <a…@m….in>, r…@y…"),
    ("अशा@उदाहरण.भारत", "अ…@उ….भारत"),
    ("https://x.example/?to=asha%40customers.example&n=1", "https://x.example/?to=a…@c….example&n=1"),
    ("redis://user:secret@host:6379", "redis://user:s…@h…:6379"),
    ("call +91 98765 43210 now", "call …10 now"),
    ("call (0522) 123-4567", "call (…67"),
    ("2026-03-02 04:30:00+00:00 and 2026-03-02", "2026-03-02 04:30:00+00:00 and 2026-03-02"),
    ("order 1001 of 20 lines, 3.50 EUR", "order 1001 of 20 lines, 3.50 EUR"),
    ("", ""), ("@", "@"), ("a @ b", "a @ b"),
])
def test_addresses_and_numbers_are_masked(text, shown):
    assert mask(text) == shown
    assert mask(shown) == shown


@pytest.mark.parametrize("text", [
    "250 2.0.0 queued as 4400012345678", "250 2.0.0 Ok: queued as 4400012345678", "250 OK 1732252800 d9443c01a7336-2ab - gsmtp",
    "250 2.0.0 OK  1732252800 d9443c01a7336-2ab - gsmtp", "(2, b'250 OK id=12345678901')", "250-OK 1234567890",
    "[InternalId=12345678901234, Hostname=X] Queued mail for delivery", "Message-ID: 12345678901", "mid=9876543210",
    "trace 12345678901234567890", "12345678-1234-1234-1234-123456789abc", "2026/11/22 05:17:29", "10.0.0.1:54321", "192.168.100.200",
])
def test_number_of_something_else_than_a_phone_stays(text):
    assert mask(text) == text


@pytest.mark.parametrize("text, shown", [
    ("call 9876543210", "call …10"), ("9876543210: unknown user", "…10: unknown user"), ("550 <919876543210>: no", "550 <…10>: no"),
    ("tel:9876543210", "tel:…10"), ("phone=+919876543210", "phone=…10"), ("{'phone': '9876543210'}", "{'phone': '…10'}"),
    ("0800-1234567", "…67"), ("00919876543210.", "…10."), ("0522.123.4567", "…67"), ("06.12.34.56.78", "…78"), ("+4400012345678", "…78"),
    ("queued as +919876543210", "queued as …10"), ("queued as 98765 43210", "queued as …10"),
    ("250 2.0.0 OK 98765 43210", "250 2.0.0 OK …10"),
    ("message id 4400012345678 for 9876543210", "message id 4400012345678 for …10"), ("amid 9876543210", "amid …10"),
    ("1234567890123456 98765 43210", "…10"), ("queued 9876543210", "queued …10"),
])
def test_phone_number_is_masked_wherever_and_however_it_is_written(text, shown):
    assert mask(text) == shown


@pytest.mark.parametrize("text", [
    "1" * 300_000, "1-" * 150_000 + "x", "x" * 300_000 + "@ ", "queued as " + "1" * 300_000 + "@", "250 ok " * 50_000,
])
def test_long_text_takes_no_long_time(text):
    began = time.process_time()
    mask(text)
    assert time.process_time() - began < 10  # a tenth of that, really; a quadratic search takes minutes


@pytest.mark.parametrize("text, shown", [
    ('duplicate key value violates unique constraint "x"\nDETAIL:  Key (first_name)=(Asha) already exists.',
     'duplicate key value violates unique constraint "x"\nDETAIL: …'),
    ("bad\nDETAIL:  Failing row contains (Asha,\n two lines).\nHINT:  Look.", "bad\nDETAIL: …\nHINT:  Look."),
    ("syntax error\nLINE 1: INSERT INTO x VALUES ('Asha')\n        ^", "syntax error\nLINE 1: …"),
    ("(1062, \"Duplicate entry 'Asha O'Neill' for key 'name'\")", "(1062, \"Duplicate entry '…' for key 'name'\")"),
    ('invalid input syntax for type integer: "Asha"', 'invalid input syntax for type integer: "…"'),
    ("UNIQUE constraint failed: ecommerce_comms_customer.key", "UNIQUE constraint failed: ecommerce_comms_customer.key"),
])
def test_row_that_a_database_quotes_is_left_out(text, shown):
    assert mask(text) == shown


@pytest.mark.parametrize("address, shown", [
    (" asha@customers.example ", "a…@c….example"), ("a@localhost", "a…@l…"), ("+919876543210", "…10"), ("", ""),
])
def test_one_address_is_masked(address, shown):
    assert masked(address) == shown


@pytest.mark.parametrize("text, words, shown", [
    ("Mug for ASHA, Ashas mug", {"Asha"}, "Mug for …, …s mug"),
    ("Li's link", {"Li"}, "…'s link"),
    ("Zoe\u0308 and Zo\u00eb", {"Zo\u00eb"}, "… and …"),
    ("12  Ashok\nMarg", {"12 Ashok Marg"}, "…"),
    ("我爱李明!", {"李明"}, "我爱…!"),
    ("call 98765-43210", {"+91 98765 43210", "98765 43210"}, "call …"),
    ("a.b (c) [d]", {"(c)", "."}, "a.b … [d]"),
    ("kept", set(), "kept"), ("kept", {"", " ", "x"}, "kept"), ("", {"x"}, ""),
])
def test_words_are_hidden(text, words, shown):
    assert hide(text, words) == shown


class Written:
    """A logger of the package, and what it writes."""

    def __init__(self, formatter=None):
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(formatter)
        self.log = masking.logger("ecommerce_comms.tests_of_masking")
        self.log.propagate = False
        self.log.setLevel(logging.INFO)
        self.log.addHandler(self.handler)

    @property
    def text(self):
        return self.stream.getvalue()


@pytest.fixture
def written():
    """A logger whose lines can be read."""
    found = Written()
    yield found
    found.log.removeHandler(found.handler)


class TestLogger:
    @pytest.mark.parametrize("arguments", [
        ("Sent to %s.", EMAIL), ("Sent to %r.", [EMAIL]), ("Sent to %(to)s.", {"to": EMAIL}), (f"Sent to {EMAIL}.",),
        ("%s", ValueError(EMAIL)), ("%s", f"call +919876543210 {EMAIL}"), (ValueError(EMAIL),),
    ])
    def test_arguments_are_masked(self, written, arguments):
        written.log.warning(*arguments)
        assert traces(written.text) == []
        assert "a…@c….example" in written.text

    def test_numbers_names_and_times_stay(self, written):
        moment = datetime(2026, 3, 2, tzinfo=timezone.utc)
        written.log.warning("Order %s (%d, %.1f, %s, %s) at %s", "1000000001", 12345678901, 1.25, None, "order-10000001", moment)
        assert written.text == f"Order 1000000001 (12345678901, 1.2, None, order-10000001) at {moment}\n"

    def test_words_of_the_call_stay_so_that_like_lines_can_be_counted(self, written):
        seen = []
        written.handler.addFilter(lambda record: seen.append((record.msg, record.args[0])) or True)
        written.log.warning("Sent to %s.", EMAIL)
        assert seen == [("Sent to %s.", "a…@c….example")]

    def test_error_and_its_causes_are_masked(self, written):
        try:
            try:
                raise IntegrityError(POSTGRES)
            except IntegrityError as error:
                error.add_note(f"while writing to {EMAIL}")
                raise RuntimeError(f"Cannot keep {EMAIL}") from error
        except RuntimeError:
            written.log.exception("It failed for %s.", EMAIL)
        assert traces(written.text.replace(__file__, "")) == []
        for kept in ("IntegrityError: null value in column", "RuntimeError: Cannot keep a…@c….example", "while writing to a…",
                     "The above exception was the direct cause", "in test_error_and_its_causes_are_masked"):
            assert kept in written.text

    def test_formatter_that_writes_errors_in_its_own_way_gets_a_masked_one(self):
        class AsJson(logging.Formatter):
            def format(self, record):
                return json.dumps({"error": self.formatException(record.exc_info), "args": repr(record.exc_info[1].args)})

        written = Written(AsJson())
        try:
            raise IntegrityError(POSTGRES)
        except IntegrityError as error:
            written.log.error("no", exc_info=error)
        written.log.removeHandler(written.handler)
        assert traces(json.loads(written.text)["error"].replace(__file__, "")) == []
        assert json.loads(written.text)["args"] == "()"

    @pytest.mark.parametrize("error", [
        ExceptionGroup(f"of {EMAIL}", [ValueError("x")]), UnicodeDecodeError("utf-8", b"x", 0, 1, EMAIL), OSError(2, EMAIL),
        KeyError(EMAIL), SyntaxError(EMAIL), SystemExit(EMAIL),
    ])
    def test_every_kind_of_error_can_be_masked(self, written, error):
        written.log.error("no", exc_info=error)
        assert type(error).__name__ in written.text
        assert traces(written.text) == []

    def test_error_that_was_its_own_cause_ends(self, written):
        error, other = ValueError(EMAIL), KeyError(EMAIL)
        error.__context__, other.__context__ = other, error
        written.log.error("no", exc_info=error)
        assert traces(written.text) == []

    def test_handler_still_knows_the_class_of_an_error(self):
        assert isinstance(masking.masked_error(IntegrityError("x")), IntegrityError)

    def test_line_that_is_not_written_costs_no_masking(self, written, monkeypatch):
        monkeypatch.setattr(masking, "mask", lambda text: pytest.fail("masked"))
        written.log.debug("Sent to %s.", EMAIL)

    def test_line_that_cannot_be_put_together_tells_nobody_either(self, written, capsys):
        with suppress(TypeError):  # pytest's own handler raises what others print
            written.log.warning("Sent to %d.", EMAIL)
        said = capsys.readouterr().err
        assert "Arguments: ('a…@c….example',)" in said
        assert traces(said) == []


def test_every_logger_of_the_package_masks():
    named = {name: found for name, found in logging.root.manager.loggerDict.items() if name.startswith("ecommerce_comms.")}
    plain = [name for name, found in named.items() if isinstance(found, logging.Logger)
             and not any(isinstance(each, masking.MaskingFilter) for each in found.filters)]
    assert "ecommerce_comms.messaging.delivery" in named
    assert plain == []


@pytest.mark.django_db
class TestRealTrouble:
    def test_database_error_is_logged_without_the_row(self, fake_shop, clock, caplog, monkeypatch):
        rows = [Customer(key=EMAIL, email=EMAIL, first_name="Asha") for _ in range(2)]

        def refuse(*_arguments, **_options):
            with transaction.atomic():
                for row in rows:
                    row.save()

        monkeypatch.setattr("ecommerce_comms.journeys.planning.Planner.plan", refuse)
        testing.tell("order_placed", order_of_asha())
        assert "IntegrityError" in caplog.text
        assert traces(caplog.text) == []

    def test_order_that_cannot_be_read_is_logged_by_its_number(self, fake_shop, clock, caplog, monkeypatch):
        monkeypatch.setattr(testing.FakeOrderAdapter, "snapshot", lambda self, order: {}[f"{EMAIL} {order!r}"])
        events.record_safely("order_placed", order_of_asha("1000000001"))
        assert "1000000001" in caplog.text
        assert traces(caplog.text.replace("order_of_asha", "")) == []
