"""The style sheet of the charts, for pages that cannot link to it."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).parent.parent / "static" / "ecommerce_comms" / "charts.css"


def stylesheet() -> str:
    """The text of ``charts.css``: a report in one file puts it into its own ``<style>``; pages of the shop link to the file."""
    return FILE.read_text(encoding="utf-8")
