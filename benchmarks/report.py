"""The figures as tables, and whether the goals are met: ``python -m benchmarks.report < figures.json`` for figures that were kept."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from typing import Any

Figures = dict[str, Any]


def _cell(pattern: str, part: str, *names: str) -> Callable[[Figures], str]:
    def cell(way: Figures) -> str:
        values = [way.get(part, {}).get(name) for name in names]
        return pattern.format(*values) if None not in values else "–"

    return cell


def _times_the_limit(way: Figures) -> str:
    """CPU in units of what finished bytes cost at the same moment, to take the speed of the machine out; on a busy one it wavers itself."""
    found = way.get("drain", {})
    return f"{found['cpu_ms'] / found['yardstick_ms']:.1f}" if found.get("cpu_ms") and found.get("yardstick_ms") else "–"


def _lost(way: Figures) -> str:
    found = way.get("kill")
    if not found:
        return "–"
    unmarked = "" if found["unmarked"] is None else f", {found['unmarked']} unmarked"
    return f"{found['lost']} / {found['doubles']}{unmarked}"


def _void(way: Figures) -> str:
    found = way.get("void")
    if not found:
        return "–"
    return f"{found['max_s']:.1f}" if found["max_s"] is not None else f"never ({found['mails']} of {found['orders']})"


def _frozen(way: Figures) -> str:
    found = way.get("frozen")
    if not found:
        return "–"
    return f"over {found['max_s']:.0f} s" if found["stuck"] else f"{1000 * found['max_s']:.0f} ms"


COLUMNS: dict[str, Callable[[Figures], str]] = {
    "way": lambda way: str(way["title"]),
    "CPU ms/mail": _cell("{:.2f}", "drain", "cpu_ms"),
    "times smtplib": _times_the_limit,
    "mails/s": _cell("{:.0f}", "drain", "rate"),
    "shop CPU ms": _cell("{:.2f}", "drain", "shop_cpu_ms"),
    "database CPU ms": _cell("{:.2f}", "drain", "database_cpu_ms"),
    "broker CPU ms": _cell("{:.2f}", "drain", "broker_cpu_ms"),
    "sink CPU ms": _cell("{:.2f}", "drain", "sink_cpu_ms"),
    "PSS MB": _cell("{:.0f}", "drain", "memory_pss_mb"),
    "bytes": _cell("{:.0f}", "drain", "bytes"),
    "latency p50/p99 ms": _cell("{:.0f} / {:.0f}", "latency", "p50_ms", "p99_ms"),
    "CPU ms/mail at that rate": _cell("{:.2f}", "latency", "cpu_ms"),
    "added p50/p99 ms": _cell("{:.2f} / {:.2f}", "added", "p50_ms", "p99_ms"),
    "added CPU ms": _cell("{:.2f}", "added", "cpu_p50_ms"),
    "queries": _cell("{}", "added", "queries"),
    "frozen broker, worst": _frozen,
    "kill -9: lost / doubles": _lost,
    "messages of the broker lost, s": _void,
}


def text(found: Figures) -> str:
    """Everything, for people to read; the tables are Markdown."""
    where = found["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in where["packages"].items())
    head = [f"Python {where['python']}, {where['cores']} cores (load {where['load']:.1f}), {where['database']}, {where['broker']}",
            packages, f"{where['messages']} mails a way"]
    return "\n".join([*head, "", *_table(found["ways"]), "", *_limits(found["limits"]), "", *goals(found)])


def _table(ways: dict[str, Figures]) -> list[str]:
    """A row for each way, without the columns that nothing was measured for."""
    rows = [[cell(way) for cell in COLUMNS.values()] for way in ways.values()]
    kept = [index for index, _name in enumerate(COLUMNS) if any(row[index] != "–" for row in rows)]
    lines = [[name for index, name in enumerate(COLUMNS) if index in kept], ["---"] + ["--:"] * (len(kept) - 1)]
    lines += [[row[index] for index in kept] for row in rows]
    return [f"| {' | '.join(line)} |" for line in lines] + [f"{way['title']}: {way['error']}" for way in ways.values() if "error" in way]


def _limits(limits: dict[str, Figures]) -> list[str]:
    if not limits:
        return []
    rows = [f"| {limit['title']} | {limit['cpu_ms']:.3f} | {limit['rate']:.0f} |" for limit in limits.values()]
    return ["| limit | CPU ms/mail | mails/s |", "| --- | --: | --: |", *rows]


# ---- goals ------------------------------------------------------------------------------------------------------------


def goals(found: Figures) -> list[str]:
    """What was aimed at, what came of it; only of what was measured."""
    lines = [f"{name}: {wanted}; found {value:.3g}: {'goal met' if good else 'GOAL NOT MET'}"
             for name, wanted, value, good in _judged(found["ways"])]
    return ["Goals", *lines] if lines else []


def _judged(ways: dict[str, Figures]) -> list[tuple[str, str, float, bool]]:
    """Goal, its bound, what was found, and whether that is good."""
    ours = ways.get("ours", {})
    judged: list[tuple[str, str, float, bool]] = []
    for name, peers, factor in RATIOS:
        own, theirs = _cost(ours), [cost for peer in peers if (cost := _cost(ways.get(peer, {})))]
        if own and theirs:
            judged.append((name, f"at least {factor} times ours", min(theirs) / own, min(theirs) / own >= factor))
    for name, part, figure, most in BOUNDS:
        if part in ours and figure in ours[part]:
            value = ours[part][figure]
            value = math.inf if value is None else value  # what never came took for ever
            judged.append((name, f"at most {most}", value, value <= most))
    return judged


def _cost(way: Figures) -> float | None:
    """CPU of the senders for each mail, in milliseconds."""
    return way.get("drain", {}).get("cpu_ms")


RATIOS = [
    ("CPU of on_commit + Celery task + send_mail", ["celery"], 25),
    ("CPU of django-post_office at its best", ["post-office", "post-office-at-send", "post-office-tuned"], 2),
]
BOUNDS = [
    ("Queries added to the shop's transaction", "added", "queries", 2),
    ("Milliseconds added to the shop's transaction, p50", "added", "p50_ms", 1),
    ("Milliseconds from commit to acceptance, p50", "latency", "p50_ms", 50),
    ("Milliseconds from commit to acceptance, p99", "latency", "p99_ms", 250),
    ("Seconds when the broker loses every message", "void", "max_s", 60),
    ("Lost after kill -9", "kill", "lost", 0),
    ("Doubles after kill -9 that are not marked", "kill", "unmarked", 0),
]


if __name__ == "__main__":
    print(text(json.load(sys.stdin)))
