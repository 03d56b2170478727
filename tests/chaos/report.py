"""A verdict in words, and as a row of the table in the documentation."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- rows -->", "<!-- end of rows -->"
SHOWN = 20
"""Findings whose story is told in full."""


def in_words(verdict: dict[str, Any]) -> str:
    """What a person at a terminal wants to know."""
    faults = Counter(incident["fault"] for incident in verdict["incidents"])
    told = [
        f"{verdict['database']} + {verdict['broker']}, seed {verdict['seed']}: {verdict['facts']} facts of {verdict['orders']} orders, "
        f"{verdict['mails']} mails, {sum(faults.values())} faults",
        f"  lost {verdict['lost']} · doubled {verdict['doubled']} (at most {verdict['bound']} threads and answers were in doubt) · "
        f"marked {verdict['marked']} · marketing doubled {verdict['marketing doubled']}, given up {verdict['offers given up']} · "
        f"refused for good {verdict['refused']}",
        f"  settled {verdict['settled after']} s after all was mended · {1000 * verdict['cpu a mail']:.1f} ms of workers' CPU a mail · "
        + ", ".join(f"{role} {seconds} s" for role, seconds in sorted(verdict["cpu"].items())),
        "  " + ", ".join(f"{name} {count}" for name, count in sorted(faults.items())),
    ]
    if verdict["ended by themselves"]:
        told.append(f"  ended by themselves: {verdict['ended by themselves']}")
    rules = Counter(finding["rule"] for finding in verdict["findings"])
    told += [f"  BROKEN {count} ×  {rule}" for rule, count in rules.most_common()]
    for finding in verdict["findings"][:SHOWN]:
        told += [f"\n  {finding['rule']}: {finding['what']}", *(f"      {line}" for line in finding["story"])]
    return "\n".join(told)


def row(verdict: dict[str, Any]) -> str:
    """One row of the table."""
    faults = Counter(incident["fault"].partition(":")[0] if incident["fault"].startswith("mail") else incident["fault"]
                     for incident in verdict["incidents"])
    cells = [
        f"{verdict['database']} + {verdict['broker']}{'' if faults else ', all well'}",
        f"{verdict['facts']:,}", f"{verdict['mails']:,}", sum(faults.values()),
        verdict["lost"], verdict["doubled"], verdict["marked"], verdict["marketing doubled"], f"{verdict['settled after']:.0f} s",
        f"{1000 * verdict['cpu a mail']:.1f} ms",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def write(page: Path, verdict: dict[str, Any]) -> None:
    """Put the row into the table of ``page``, in the place of the pair's last one."""
    head, _mark, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    table, _mark, foot = rest.partition(END)
    mine = row(verdict)
    begins = mine.split("|")[1].strip()
    rows = [line for line in table.strip().splitlines() if line.split("|")[1].strip() != begins]
    page.write_text(f"{head}{BEGIN}\n" + "\n".join([*rows, mine]) + f"\n{END}{foot}", encoding="utf-8")
