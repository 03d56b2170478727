"""Set-up by CSV: what would change is shown, what is wrong is named, and nothing is written by halves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ecommerce_comms.shipping.models import Carrier, ClosedDay, PickupPoint, Place, Rate, Service, Zone
from ecommerce_comms.shipping.options import quote
from ecommerce_comms.shipping.sheets.kinds import SHEETS
from ecommerce_comms.shipping.sheets.reading import MOST_LINES, decode
from ecommerce_comms.snapshots import AddressSnapshot
from tests.shipping.making import KOLKATA, local, service, warehouse

pytestmark = pytest.mark.django_db
PRICES = "option,zone,days_min,days_max,price,currency,up_to_kg,offered\n"
MONDAY_10 = local(KOLKATA, 2026, 3, 2, 10)


@pytest.fixture
def shop():
    """Two zones, a carrier and an option with one price."""
    Zone.objects.create(name="India", countries="IN")
    Zone.objects.create(name="Near", countries="BD, NP")
    service("post", country="", price="80", currency="INR", carrier="Blue")
    Rate.objects.update(zone=Zone.objects.get(name="India"))


def plan(kind, text, **how):
    return SHEETS[kind].plan(text, **how)


def bring_in(kind, text, **how):
    made = plan(kind, text, **how)
    assert [str(problem) for problem in made.problems] == []
    SHEETS[kind].apply(made)
    return len(made.new), len(made.changed), len(made.removed), made.same


def problems(kind, text, **how):
    return [str(problem) for problem in plan(kind, text, **how).problems]


def test_new_changed_and_unchanged_lines_are_told_apart(shop):
    text = PRICES + "post,India,2,3,90,INR,,yes\npost,Near,4,7,450,INR,,yes\n"
    made = plan("prices", text)
    assert [(each.becomes["zone"], each.differences) for each in made.changed] == [("India", [("price", "80", "90")])]
    assert [each.becomes["zone"] for each in made.new] == ["Near"]
    assert Rate.objects.count() == 1  # nothing is written by looking
    assert bring_in("prices", text) == (1, 1, 0, 0)
    assert bring_in("prices", text) == (0, 0, 0, 2)
    assert Rate.objects.get(zone__name="India").price == 90


def test_what_comes_in_counts_at_once(shop):
    warehouse()
    assert quote(AddressSnapshot(country="NP"), at=MONDAY_10) == []
    bring_in("prices", PRICES + "post,Near,4,7,450,INR,,yes\n")
    assert [option.price for option in quote(AddressSnapshot(country="NP"), at=MONDAY_10)] == [450]


@pytest.mark.parametrize("kind", list(SHEETS))
def test_what_was_taken_out_comes_in_again_and_changes_nothing(shop, kind):
    warehouse(name="Depot")
    service("fetch", kind="point", weight_up_to="2.5", value_from="1000", delivery_days="17")
    Place.objects.create(zone=Zone.objects.get(name="Near"), country="IN", region="WB", postcodes="7000*, 110001-110096")
    PickupPoint.objects.create(name="=Corner, “shop”", country="IN", latitude=-22.57, carrier=Carrier.objects.get(), is_active=False)
    ClosedDay.objects.create(day=date(2026, 12, 24), last_day=date(2026, 12, 26), name="-Feast", country="IN")
    text = decode(SHEETS[kind].export().encode())
    made = plan(kind, text, remove=True)
    assert (made.problems, made.changes) == ([], [])
    assert made.same == SHEETS[kind].model.objects.count() > 0


@pytest.mark.parametrize("text", [
    "option;zone;days_min;days_max;price;currency\npost;India;2;3;4,90;EUR\n",
    "Option\tZone\tDays_Min\tdays_max\tprice\tcurrency\npost\tindia\t2\t3\t4,90\teur\n",
    "\ufeffprice,currency,option,zone,days_min,days_max\r\n 4.90 ,EUR, POST ,India,2,3\r\n\r\n",
])
def test_files_are_read_as_spreadsheets_of_many_lands_write_them(shop, text):
    assert bring_in("prices", decode(text.encode())) == (1, 0, 0, 0)
    assert Rate.objects.get(currency="EUR").price == Decimal("4.90")


@pytest.mark.parametrize(("line", "says"), [
    ("post,India,2,3,cheap,INR,,yes", "Line 2, price: Enter a number."),
    ("post,India,2,3,-1,INR,,yes", "Line 2, price: Ensure this value is greater than or equal to 0."),
    ("post,India,5,3,80,INR,,yes", "Line 2, days_max: The worst case cannot be quicker than the best one."),
    ("post,India,,3,80,INR,,yes", "Line 2, days_min: "),
    ("post,Mars,2,3,80,INR,,yes", "Line 2, zone: “Mars” is not known yet."),
    (",India,2,3,80,INR,,yes", "Line 2, option: This must not be empty."),
    ("post,India,2,3,80,RUPEE,,yes", "Line 2, currency: "),
    ("post,India,2,3,80,INR,,perhaps", "Line 2, offered: Write yes or no."),
    ("post,India,2,3,80,INR,heavy,yes", "Line 2, up_to_kg: Enter a number."),
    ("post,India,2,3,80,INR,,yes,more", "Line 2: There are more values than columns."),
    ("post,India,2,3,80,INR,,yes\npost,INDIA,2,3,81,INR,,yes", "Line 3: This is the same as line 2: post, india, inr."),
    ('post,"India\n",2,3,80,INR,,yes\npost,Near,x,3,80,INR,,yes', "Line 4, days_min: Enter a whole number."),
])
def test_what_is_wrong_is_named_by_line_and_column_in_words(shop, line, says):
    [said, *_more] = problems("prices", f"{PRICES}{line}\n")
    assert said.startswith(says)


def test_every_mistake_is_named_at_once_and_nothing_is_written(shop):
    text = PRICES + "post,Near,1,2,5,INR,,yes\npost,India,2,3,cheap,INR,,yes\npost,Mars,2,3,1,INR,,yes\n"
    made = plan("prices", text)
    assert [problem.line for problem in made.problems] == [3, 4]
    with pytest.raises(ValueError, match="Line 3, price"):
        SHEETS["prices"].apply(made)
    assert list(Rate.objects.values_list("price", flat=True)) == [80]


@pytest.mark.parametrize(("text", "says"), [
    ("", "The file is empty."),
    ("\n\n", "The file is empty."),
    ("zone,cost\n", "Line 1: There is no column “cost”. The columns are: zone, countries."),
    ("zone,zone\n", "Line 1: The column “zone” stands there twice."),
    ("countries\nIN\n", "Line 1: The column “zone” is missing."),
    ('zone\n"open\n', "This cannot be read as CSV"),
    ("zone,countries\nBay,\"IN, India\"\n", "Line 2, countries: “INDIA” is no country."),
    ("zone\n" + "\n".join(f"z{number}" for number in range(MOST_LINES + 1)), f"The file has more than {MOST_LINES} lines."),
])
def test_a_file_that_is_no_sheet_is_refused_as_a_whole(text, says):
    assert problems("zones", text)[0].startswith(says)


def test_a_file_in_another_encoding_or_too_large_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match="Line 2 is not UTF-8"):
        decode("zone\nInde du Sud – été\n".encode("latin-1", "replace"))
    with pytest.raises(ValueError, match="Split it"):
        decode(b"x" * 2_000_001)


def test_columns_that_are_left_out_stay_as_they_are(shop):
    Rate.objects.update(delivery_days="135", value_from="10", weight_up_to="5")
    text = "option,zone,currency,up_to_kg,orders_from,days_min,days_max,price\npost,India,INR,5,10,2,3,81\n"
    assert bring_in("prices", text) == (0, 1, 0, 0)
    rate = Rate.objects.get()
    assert (rate.price, rate.delivery_days, rate.value_from) == (81, "135", 10)


def test_what_the_file_does_not_name_goes_only_if_that_is_wished(shop):
    text = PRICES + "post,Near,4,7,450,INR,,yes\n"
    assert bring_in("prices", text) == (1, 0, 0, 0)
    assert bring_in("prices", text, remove=True) == (0, 0, 1, 1)
    assert [rate.zone.name for rate in Rate.objects.all()] == ["Near"]


def test_a_zone_with_prices_is_not_removed_with_them(shop):
    assert problems("zones", "zone,countries\nNear,BD\n", remove=True) == [
        "“India” is not in the file, and cannot go: 1 times and prices belong to it. Remove those first."]
    assert problems("options", "code,name\nelse,Else\n", remove=True)[0].startswith("“Post” is not in the file, and cannot go")


def test_pickup_points_come_in_by_the_thousand(shop, django_assert_max_num_queries):
    lines = "".join(f"P{number},Shop {number},IN,7000{number % 90 + 10},blue\n" for number in range(500))
    with django_assert_max_num_queries(10):
        made = plan("points", "code,name,country,postcode,carrier\n" + lines)
    SHEETS["points"].apply(made)
    assert PickupPoint.objects.filter(carrier__name="Blue", opening_days="123456", is_active=True).count() == 500


def test_closed_days_come_in_for_one_warehouse(shop):
    warehouse(name="Hills")
    text = "day,until,name,warehouse,open\n2026-12-24,2026-12-26,Feast,hills,\n2027-01-26,,Open,,yes\n"
    assert bring_in("closed-days", text) == (2, 0, 0, 0)
    assert list(ClosedDay.objects.values_list("name", "warehouse__name", "is_open")) == [("Feast", "Hills", False), ("Open", None, True)]
    assert problems("closed-days", "day\n24.12.2026x\n")[0].startswith("Line 2, day: ")
    assert Service.objects.count() == 1
