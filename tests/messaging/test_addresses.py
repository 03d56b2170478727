"""Addresses to which something can be sent."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecommerce_comms.messaging import addresses

PART = st.text(alphabet="abz09_+-.@'\" ", max_size=12)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.emails(), st.builds(lambda local, name, top: f"{local}@{name}.{top}", PART, PART, PART)))
def test_short_cut_for_plain_addresses_says_what_the_whole_grammar_says(address):
    with pytest.MonkeyPatch.context() as patch:
        quick = addresses.usable.__wrapped__(address)
        patch.setattr(addresses, "_PLAIN", re.compile("(?!)"))
        assert addresses.usable.__wrapped__(address) == quick


def test_blanks_around_an_address_do_no_harm():
    assert addresses.usable("  asha@customers.example\n") == "asha@customers.example"


@pytest.mark.parametrize("address", ["", "asha", "asha@customers", "a b@customers.example", "asha@customers.example, bo@x.example"])
def test_what_is_no_address_is_not_written_to(address):
    assert addresses.usable(address) == ""
