"""``comms_backtest``, as a merchant sees it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ecommerce_comms.histories.progress import Progress
from tests.backtest import making
from tests.backtest.making import COLUMNS, Row

METHOD_KEYS = {
    "mae", "pinball_10", "pinball_50", "pinball_90", "crps", "window80_coverage", "window80_days", "promise90_coverage", "promise90_days",
    "worst_month_coverage", "worst_month", "late_share", "late_at_shop_length",
}
POLICY_KEYS = {
    "precision", "recall", "recall_day_ahead", "median_lead_days", "needless_per_100_on_time", "new_date_held", "notices_per_order",
}
ROWS = making.history()
SPAN = ("--from", "2023-03-15", "--until", "2023-03-31")


def run(*arguments: str) -> tuple[str, str]:
    """What the command prints and what it tells beside it."""
    out, errors = io.StringIO(), io.StringIO()
    call_command("comms_backtest", *arguments, stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def measured(kind: str, path: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(kind, str(path), "--json", *arguments)[0])
    return found


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return making.write(tmp_path_factory.mktemp("history") / "orders.csv.gz", ROWS)


@pytest.fixture(scope="module")
def promised(path: Path) -> dict[str, Any]:
    return measured("promises", path, *SPAN)


@pytest.fixture(scope="module")
def watched(path: Path) -> dict[str, Any]:
    return measured("delays", path, *SPAN)


def without(rows: list[Row], *names: str) -> tuple[list[Row], list[str]]:
    return rows, [name for name in COLUMNS if name not in names]


class TestPromises:
    def test_figures_have_the_promised_names(self, promised: dict[str, Any]) -> None:
        assert list(promised) == ["from", "until", "orders", "seconds", "methods"]
        assert list(promised["methods"]) == ["engine", "lane_table", "shop"]
        assert all(set(figures) == METHOD_KEYS for figures in promised["methods"].values())
        assert (promised["from"], promised["until"]) == ("2023-03-15", "2023-03-31")

    def test_every_delivered_order_of_the_days_is_scored(self, promised: dict[str, Any]) -> None:
        meant = [row for row in ROWS if "2023-03-15" <= row["ordered_at"][:10] <= "2023-03-31" and row["delivered_at"]]
        assert promised["orders"] == len(meant)

    def test_shop_has_a_date_and_no_distribution(self, promised: dict[str, Any]) -> None:
        shop = promised["methods"]["shop"]
        assert {name for name, figure in shop.items() if figure is None} == {"pinball_10", "crps", "window80_coverage", "window80_days"}
        assert shop["pinball_50"] == pytest.approx(shop["mae"] / 2, abs=1e-4)
        assert shop["late_at_shop_length"] == shop["late_share"] == pytest.approx(1 - shop["promise90_coverage"], abs=1e-4)

    def test_distributions_are_better_than_a_guess(self, promised: dict[str, Any]) -> None:
        for name in ("engine", "lane_table"):
            figures = promised["methods"][name]
            assert figures["mae"] < 4 and figures["crps"] < figures["mae"] < promised["methods"]["shop"]["mae"]
            assert 0.7 <= figures["promise90_coverage"] <= 1 and figures["window80_days"] < figures["promise90_days"] + 3
            assert figures["worst_month"] == "2023-03"

    def test_without_days_the_file_says_which(self, path: Path) -> None:
        found = measured("promises", path)
        behind = sum(row["ordered_at"][:10] < found["from"] for row in ROWS)
        assert len(ROWS) / 3 <= behind < len(ROWS) / 3 + 15
        assert "2023-04-10" < found["until"] <= max(row["ordered_at"] for row in ROWS)[:10]

    def test_later_rows_change_nothing(self, promised: dict[str, Any], tmp_path: Path) -> None:
        earlier = [row for row in ROWS if row["ordered_at"][:10] <= "2023-03-31"]
        again = measured("promises", making.write(tmp_path / "orders.csv", earlier), *SPAN)
        assert {**again, "seconds": 0} == {**promised, "seconds": 0}

    def test_people_read_a_table_with_the_cost(self, path: Path) -> None:
        said, _ = run("promises", str(path), *SPAN)
        assert re.search(r"engine +lane table +shop\n", said)
        assert re.search(r"Engine / lane table: MAE \d\.\d{3}, CRPS \d\.\d{3}, pinball loss at 0\.9 \d\.\d{3}\.\n", said)
        assert re.search(r"\d seconds, [\d,]+ MB of memory at most", said)


class TestDelays:
    def test_figures_have_the_promised_names(self, watched: dict[str, Any]) -> None:
        assert list(watched) == ["orders", "late", "against"]
        assert list(watched["against"]) == ["shop", "own"]
        for against in watched["against"].values():
            assert {"default", "when_passed"} < set(against["policies"])
            assert all(set(figures) == POLICY_KEYS for figures in against["policies"].values())

    def test_orders_and_late_ones_are_those_of_the_shop(self, watched: dict[str, Any]) -> None:
        meant = [row for row in ROWS if "2023-03-15" <= row["ordered_at"][:10] <= "2023-03-31"]
        late = [row for row in meant if not row["delivered_at"] or row["delivered_at"][:10] > row["promised_by"]]
        assert (watched["orders"], watched["late"]) == (len(meant), len(late))

    def test_who_waits_until_the_date_has_passed_tells_nobody_early(self, watched: dict[str, Any]) -> None:
        figures = watched["against"]["shop"]["policies"]["when_passed"]
        assert (figures["precision"], figures["recall"], figures["median_lead_days"]) == (None, 0, -1)
        assert figures["needless_per_100_on_time"] == 0

    def test_early_policy_tells_more_and_errs_more_than_a_careful_one(self, watched: dict[str, Any]) -> None:
        early, careful = (watched["against"]["shop"]["policies"][name] for name in ("early", "careful"))
        assert early["recall"] >= careful["recall"] and early["needless_per_100_on_time"] >= careful["needless_per_100_on_time"]

    def test_promise_whose_day_comes_too_close_to_the_end_is_left_out(self, tmp_path: Path) -> None:
        path = making.write(tmp_path / "orders.csv", ROWS)
        found = measured("delays", path, "--from", "2023-04-20")
        end = max(row["delivered_at"] for row in ROWS)[:10]
        assert 0 < found["orders"] < sum(row["ordered_at"][:10] >= "2023-04-20" and row["promised_by"] <= end for row in ROWS)

    def test_people_read_one_table_for_each_kind_of_promise(self, path: Path) -> None:
        said, _ = run("delays", str(path), *SPAN)
        assert "Against the shop's own promise" in said and "Against our own 90 % promise" in said


@pytest.mark.parametrize("kind", ["promises", "delays"])
class TestBoth:
    def test_page_stands_alone(self, kind: str, path: Path, tmp_path: Path) -> None:
        page = tmp_path / "report.html"
        run(kind, str(path), *SPAN, "--report", str(page))
        text = page.read_text(encoding="utf-8")
        assert text.startswith("<!DOCTYPE html>") and text.count("<svg") >= 3
        assert re.findall(r"<script|\son\w+=|style=|url\(|@import|(?:src|href)=", text) == []
        assert len(re.findall(r"<svg[^>]*><title>[^<]+</title>", text)) == text.count("<svg")

    def test_json_is_one_object_without_progress(self, kind: str, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        said, errors = run(kind, str(path), "--json", *SPAN)
        assert said.count("\n") == 1 and json.loads(said)
        assert (errors, capfd.readouterr().err) == ("", "")

    @pytest.mark.parametrize("names", [
        ("promised_by",), ("shipped_at",), ("origin_region", "destination_region"),
        ("currency", "value", "freight", "weight_kg", "category"),
        tuple(name for name in COLUMNS if name not in ("order_id", "ordered_at", "delivered_at")),
    ])
    def test_missing_columns_are_missed_by_nobody(self, kind: str, names: tuple[str, ...], tmp_path: Path) -> None:
        rows, columns = without(ROWS, *names)
        found = measured(kind, making.write(tmp_path / "orders.csv", rows, columns), *SPAN)
        groups = found["methods"] if kind == "promises" else found["against"]
        assert ("shop" in groups) is ("promised_by" not in names)
        assert found["orders"] > 0

    def test_bad_rows_are_named_and_counted(self, kind: str, tmp_path: Path) -> None:
        broken = [{**ROWS[0], "order_id": f"broken {number}", "ordered_at": "soon"} for number in range(12)]
        _, errors = run(kind, str(making.write(tmp_path / "orders.csv", [*ROWS, *broken])), "--json", *SPAN)
        assert errors.count("is not a date and time: 'soon'") == 10
        assert "12 rows cannot be used and are left out; 600 orders are read." in errors

    @pytest.mark.parametrize(("arguments", "sentence"), [
        (("--from", "yesterday"), "--from: 'yesterday' is not a date"),
        (("--until", "2018-02-30"), "--until: '2018-02-30' is not a date"),
        (("--from", "2023-04-01", "--until", "2023-03-01"), "2023-04-01 is later than 2023-03-01"),
        (("--from", "2030-01-01"), "choose the first day with --from"),
        (("--time-zone", "Mars/Base"), "there is no time zone 'Mars/Base'"),
        (("--country", "Brazil"), "'Brazil' is not a country's two letters"),
        (("--report", "/nowhere/at/all.html"), "name a file in a folder that exists"),
    ])
    def test_wrong_options_are_refused_in_a_sentence(self, kind: str, path: Path, arguments: tuple[str, ...], sentence: str) -> None:
        with pytest.raises(CommandError, match=re.escape(sentence)):
            run(kind, str(path), *arguments)

    @pytest.mark.parametrize(("content", "sentence"), [
        (b"", "The file is empty."),
        (b"order_id,ordered_at,delivered_at\n", "a header and nothing else"),
        (b"order_id,ordered_at,delivered_at\na,2023-03-01,2023-03-04\n", "1 orders that can be read; more than 100 are needed"),
        (b"\x89PNG\r\n\x1a\n\0\0", "The file has no column order_id"),
    ])
    def test_file_that_is_none_is_refused_in_a_sentence(self, kind: str, content: bytes, sentence: str, tmp_path: Path) -> None:
        path = tmp_path / "orders.csv"
        path.write_bytes(content)
        with pytest.raises(CommandError, match=sentence):
            run(kind, str(path))

    def test_file_in_which_nothing_was_delivered_is_refused(self, kind: str, tmp_path: Path) -> None:
        rows = [{**row, "delivered_at": ""} for row in ROWS]
        with pytest.raises(CommandError, match="no order that was delivered"):
            run(kind, str(making.write(tmp_path / "orders.csv", rows)))

    def test_history_is_not_overwritten_by_its_report(self, kind: str, path: Path) -> None:
        with pytest.raises(CommandError, match="--report"):
            run(kind, str(path), "--report", str(path))


def test_what_does_not_exist_is_refused_with_what_does(path: Path) -> None:
    with pytest.raises(CommandError, match=r"promises.*delays"):
        run("suggestions", str(path))


def test_days_count_in_the_zone_that_is_named(tmp_path: Path) -> None:
    path = making.write(tmp_path / "orders.csv", ROWS)
    here, there = (measured("promises", path, *SPAN, *zone)["methods"]["shop"]["mae"] for zone in ((), ("--time-zone", "Asia/Tokyo")))
    assert here != there


def test_progress_is_told_while_it_runs(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("ecommerce_comms.histories.progress._BETWEEN_LINES", {True: 0.0, False: 0.0})
    run("promises", str(path), *SPAN)
    assert re.search(r"\d+ of \d+ orders · \d\d Mar 2023 · [\d,]+ a second", capsys.readouterr().err)


@pytest.mark.parametrize("kind", ["promises", "delays"])
def test_ctrl_c_stops_it_with_the_status_of_one(kind: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Progress, "reached", lambda progress, *_: setattr(progress, "stopping", True))
    out, errors = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("comms_backtest", kind, str(path), "--json", *SPAN, stdout=out, stderr=errors)
    assert (stopped.value.code, out.getvalue()) == (130, "")
    assert "Stopped; nothing was measured." in errors.getvalue()


def test_without_numpy_it_says_what_to_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecommerce_comms.shipping.engine.numeric.numpy", None)
    with pytest.raises(CommandError, match=r"Learning from deliveries needs numpy\. Install"):
        run("promises", str(path))


def test_orders_before_anything_is_known_are_left_out_and_told_of(path: Path) -> None:
    first = min(row["ordered_at"] for row in ROWS)[:10]
    days = ("--from", first, "--until", first)
    assert set(measured("promises", path, *days)["methods"]["engine"].values()) == {None}
    said, _ = run("promises", str(path), *days)
    assert re.search(r"0 orders of .*; \d+ had no estimate for want of earlier deliveries", said)
    assert measured("delays", path, *days)["against"].keys() == {"shop"}
