"""``comms_score``: what the sweeps do, now."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from ecommerce_comms.insights import kept
from ecommerce_comms.insights.models import Score
from tests.insights.making import delivery

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("comms_score", *arguments, stdout=out)
    return out.getvalue().splitlines()[-1]


def test_it_scores_what_is_due_and_adds_it_up():
    delivery()
    assert run() == "Looked at 1 promises and added up 2 months."
    assert [(row.names, row.of) for row in kept.by("carrier")] == [(("Delhivery",), 1)]
    assert run() == "Looked at 0 promises and added up 0 months."


def test_it_makes_everything_anew_when_asked():
    delivery()
    run()
    Score.objects.update(carrier="wrong")
    assert run("--again") == "Looked at 1 promises and added up 2 months."
    assert Score.objects.get().carrier == "Delhivery"
