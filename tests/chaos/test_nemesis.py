"""The plan of a chaos run follows from its seed, and its row goes into the page."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.chaos import nemesis, report
from tests.chaos.nemesis import FAULTS, Fault, Nemesis
from tests.chaos.sink import TROUBLES

ALL = [fault.name for fault in FAULTS]
WITH_SERVERS = SimpleNamespace(has_server=True, broker=object())
SQLITE_ALONE = SimpleNamespace(has_server=False, broker=None)
VERDICT = {
    "database": "postgres", "broker": "redis", "seed": 1, "facts": 1200, "mails": 1100, "lost": 0, "doubled": 2, "marked": 3,
    "marketing doubled": 0, "settled after": 4.2, "cpu a mail": 0.0042, "incidents": [{"fault": "worker killed"}, {"fault": "mail: 451"}],
}


def plan(stage=WITH_SERVERS, names=ALL, count=60, seed=1):
    """When each fault strikes."""
    return [(round(at, 3), fault.name) for at, fault in Nemesis(stage, names, count, 600.0, seed)._plan]


def test_same_seed_means_the_same_plan_and_another_seed_another():
    assert plan() == plan()
    assert plan() != plan(seed=2)


def test_every_fault_strikes_before_any_strikes_again():
    names = [name for _at, name in plan()]
    assert sorted(names[: len(ALL)]) == sorted(ALL)
    assert len(names) == 60


def test_faults_come_one_after_the_other_within_the_time():
    moments = [at for at, _name in plan()]
    assert moments == sorted(moments)
    assert moments[0] > 0
    assert moments[-1] < 600


def test_faults_that_cannot_be_are_left_out():
    names = {name for _at, name in plan(SQLITE_ALONE)}
    assert {"worker killed", "database frozen"} <= names
    assert not names & {"broker stopped", "beat killed", "database crashed", "clock jumped", "host lost"}


def test_every_trouble_of_the_mail_server_is_a_fault():
    assert {name.removeprefix("mail: ") for name in ALL if name.startswith("mail: ")} == set(TROUBLES)


@pytest.fixture
def told(monkeypatch):
    """What was broken and mended, with faults that only say so."""
    told = []

    def fault(name, area):
        def strike(stage, chance, incident):
            told.append(f"+{name}")
            return lambda: told.append(f"-{name}")

        return Fault(name=name, area=area, lasts=(10, 10), strike=strike)

    monkeypatch.setattr(nemesis, "BY_NAME", {name: fault(name, area) for name, area in (("a", "x"), ("b", "x"), ("c", "y"))})
    return told


@pytest.mark.parametrize("names, order", [("ab", {"+a -a +b -b", "+b -b +a -a"}), ("ac", {"+a +c -a -c", "+c +a -c -a"})])
def test_faults_of_one_area_never_overlap_and_all_are_mended(names, order, told, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(nemesis.time, "monotonic", lambda: now[0])
    hand = Nemesis(WITH_SERVERS, names, 2, 4.0, 1)
    while not hand.is_done():
        now[0] += 0.5
        hand.turn()
    assert " ".join(told) in order
    assert all(incident.until - incident.at >= 9 for incident in hand.incidents)


def test_row_takes_the_place_of_the_pairs_last_one(tmp_path):
    page = tmp_path / "chaos.md"
    page.write_text(f"Before\n{report.BEGIN}\n| postgres + redis | old |\n| sqlite + none | kept |\n{report.END}\nAfter\n")
    report.write(page, VERDICT)
    lines = page.read_text().splitlines()
    assert lines[:3] == ["Before", report.BEGIN, "| sqlite + none | kept |"]
    assert lines[3] == "| postgres + redis | 1,200 | 1,100 | 2 | 0 | 2 | 3 | 0 | 4 s | 4.2 ms |"
    assert lines[4:] == [report.END, "After"]


def test_calm_run_has_a_row_of_its_own(tmp_path):
    page = tmp_path / "chaos.md"
    page.write_text(f"{report.BEGIN}\n{report.END}\n")
    for verdict in (VERDICT | {"incidents": []}, VERDICT):
        report.write(page, verdict)
    assert [line.split(" | ")[0] for line in page.read_text().splitlines()[1:-1]] == ["| postgres + redis, all well", "| postgres + redis"]
