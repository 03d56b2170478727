"""Which message knows which facts, held against what the journeys collect and what the reference says."""

from __future__ import annotations

import re

import pytest

from ecommerce_comms.journeys import others
from ecommerce_comms.journeys.rules import SPECS
from ecommerce_comms.messaging.channels import Contact
from ecommerce_comms.messaging.editing import linting
from ecommerce_comms.messaging.reaching import Person
from ecommerce_comms.messaging.speaking import localise
from ecommerce_comms.messaging.writing import facts, texts
from ecommerce_comms.snapshots import CustomerSnapshot, OrderSnapshot
from tests.reader import ROOT

KINDS = [kind for kind in texts.KINDS if not kind.endswith(texts.OTHERS)]
PAGE = (ROOT / "docs/reference/facts.md").read_text(encoding="utf-8")
SIGNALS = (ROOT / "docs/reference/signals.md").read_text(encoding="utf-8")


def names(kind):
    return {fact.name for fact in facts.of(kind)}


@pytest.mark.parametrize("kind", SPECS)
def test_promise_is_known_to_the_kinds_that_tell_it(kind):
    assert ("promise.window" in names(kind)) is SPECS[kind].tells_promise
    assert not (SPECS[kind].follow_up and "parcel.of" in names(kind))
    assert not (SPECS[kind].per_parcel and "parcel.of" not in names(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_signal_may_tell_is_known(kind):
    row = next((line for line in SIGNALS.splitlines() if line.startswith(f"| `{kind}` |")), "")
    told = {f"event.{name}" for name in re.findall(r"`(\w+)`", row.split("|")[3] if row else "")} & facts.FACTS.keys()
    told -= {"event.earliest", "event.latest"}
    assert told <= names(kind)
    of_the_event = {name for name in names(kind) if name.startswith("event.")}
    assert of_the_event - told <= {"event.occurred_on", "event.occurred_at", "event.reason_kind", "event.choices"}


@pytest.mark.parametrize("kind", KINDS)
def test_reference_says_what_each_kind_knows(kind):
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |")).split("|")[2]
    common = set.intersection(*map(names, KINDS))
    told = {name for name in facts.FACTS if f"`{name}`" in row or f"`{name.partition('.')[0]}`" in row}
    assert told == names(kind) - common


def test_reference_lists_every_fact_with_its_meaning():
    for fact in facts.FACTS.values():
        assert f"| `{fact.name}` | {fact.type} | {fact.meaning} | {fact.example} | {fact.optional or 'never'} |" in PAGE
        for member in fact.members:
            assert f"| `{member.name}` | {member.type} | {member.meaning} | {member.optional or 'never'} |" in PAGE


def test_others_know_who_ordered_and_no_prices():
    known = names("order_shipped.others")
    assert {"buyer.name", "recipient.role", "order.number", "parcel.tracking_url", "promise.window"} <= known
    assert not known & {"order.total", "order.url", "order.shipping_price", "customer.name", "order.currency"}
    lines = next(fact for fact in facts.of("order_shipped.others") if fact.name == "order.lines")
    assert [member.name for member in lines.members] == ["title", "quantity", "url"]


@pytest.mark.parametrize("kind", [kind for kind in texts.KINDS if kind.endswith(texts.OTHERS)])
def test_what_others_may_be_told_is_what_journeys_pass_on(kind):
    desk = Person(role="desk", name="Goods-in", contact=Contact(email="desk@shop.example"))
    customer = CustomerSnapshot(first_name="Asha", last_name="Rao")
    known = linting.sample(kind.removesuffix(texts.OTHERS))
    lines = {"lines": known["order"]["lines"], "more_lines": 3}
    full = {**known, "order": {**known["order"], **lines}, "parcel": {**known.get("parcel", {}), **lines}}
    told = others.told(full, desk, OrderSnapshot(reference="1001", customer=customer))
    view = localise.present(told, "en")
    assert [name for name in sorted(names(kind)) if name.partition(".")[2] not in view[name.partition(".")[0]]] == []


def test_kind_of_the_shops_own_knows_what_it_declares(monkeypatch):
    club = type("Kind", (), {"facts": ("customer.first_name",)})
    monkeypatch.setattr(texts, "KINDS_OF_SHOP", {"club": club, "open": type("Kind", (), {"facts": ()})}, raising=False)
    assert names("club") == {"customer.first_name"}
    assert names("open") == set(facts.FACTS)


@pytest.mark.parametrize("kind", KINDS)
def test_sample_holds_every_fact_of_its_kind(kind):
    view = localise.present(linting.sample(kind), "en")
    missing = {fact.name for fact in facts.of(kind) if fact.name.partition(".")[2] not in view[fact.name.partition(".")[0]]}
    assert missing <= {"order.more_lines", "parcel.lines", "parcel.more_lines", "order.free_shipping"}


def test_every_fact_has_a_type_that_is_known():
    kinds = {"text", "number", "date", "window", "money", "link", "list", "word"}
    assert {fact.type for fact in facts.FACTS.values()} <= kinds
    assert all(fact.meaning and fact.example for fact in facts.FACTS.values())
