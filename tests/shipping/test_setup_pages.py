"""The pages on which a merchant begins, tries and brings in a sheet."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ecommerce_comms.shipping.models import ClosedDay, Peak, PickupPoint, Rate, Service, Warehouse, Zone
from ecommerce_comms.shipping.options import quote
from ecommerce_comms.snapshots import AddressSnapshot
from tests.shipping.making import service, warehouse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
START, TRY = "admin:ecommerce_comms_start", "admin:ecommerce_comms_try"
TWO_NUMBERS = {"handling_days": "1", "transit_days": "4", "country": "IN", "time_zone": "Asia/Kolkata"}


@pytest.fixture
def merchant(client):
    client.force_login(User.objects.create_superuser("mira"))
    return client


def helper(client, *names):
    user = User.objects.create_user("apprentice", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names, content_type__app_label="ecommerce_comms"))
    client.force_login(user)
    return client


def read(client, name, *args, **query):
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", ["warehouse", "carrier", "service", "zone", "pickuppoint", "closedday", "peak"])
def test_every_list_leads_to_the_beginning_and_to_trying_a_date(merchant, name):
    shown = read(merchant, f"admin:ecommerce_comms_{name}_changelist")
    assert reverse(START) in shown and reverse("admin:ecommerce_comms_try") in shown


class TestBeginning:
    def test_a_new_shop_is_told_what_is_missing(self, merchant):
        page = read(merchant, START)
        assert "No warehouse: nobody knows when parcels leave" in page
        assert "No shipping option is offered." in page
        assert "Nothing yet." in page

    def test_country_and_zone_come_from_the_settings(self, merchant):
        page = read(merchant, START)
        assert '<option value="IN" selected>India (IN)</option>' in page
        assert 'value="Asia/Kolkata"' in page

    def test_two_numbers_make_a_working_shop_and_show_what_customers_see(self, merchant):
        shown = merchant.post(reverse(START), TWO_NUMBERS, follow=True).content.decode()
        assert "Nothing is missing: customers see arrival dates." in shown
        assert "Mon 2 Mar, 14:00" in shown and "4 h left" in shown
        house, rate = Warehouse.objects.get(), Rate.objects.get()
        assert (house.handling_days_min, house.handling_days_max, rate.transit_days_min, rate.transit_days_max) == (0, 1, 2, 4)
        option, = quote(AddressSnapshot(country="IN"))
        # 4 March is Holi, when neither is anything packed nor brought.
        assert (option.earliest, option.latest) == (date(2026, 3, 5), date(2026, 3, 9))
        assert "Thu 5 Mar to Mon 9 Mar" in shown

    def test_a_shop_whose_settings_name_no_zone_gets_that_of_its_country(self, merchant, settings):
        settings.TIME_ZONE = "UTC"
        assert 'value="UTC"' not in read(merchant, START)
        merchant.post(reverse(START), TWO_NUMBERS | {"country": "US", "time_zone": ""})
        assert not Warehouse.objects.exists()
        merchant.post(reverse(START), TWO_NUMBERS | {"country": "IN", "time_zone": ""})
        assert Warehouse.objects.get().time_zone == "Asia/Kolkata"

    def test_the_numbers_can_be_changed_while_the_shop_is_simple(self, merchant):
        merchant.post(reverse(START), TWO_NUMBERS)
        merchant.post(reverse(START), TWO_NUMBERS | {"transit_days": "7"})
        assert (Warehouse.objects.count(), Service.objects.count(), Rate.objects.get().transit_days_max) == (1, 1, 7)
        Zone.objects.create(name="India", countries="IN")
        assert "two numbers no longer say it all" in read(merchant, START)
        assert merchant.post(reverse(START), TWO_NUMBERS).status_code == 403

    @pytest.mark.parametrize(("field", "value", "says"), [
        ("handling_days", "-1", "greater than or equal to 0"), ("transit_days", "1000", "less than or equal to 120"),
        ("time_zone", "Mars/Base", "no time zone of that name"), ("country", "", "This field is required"),
    ])
    def test_what_cannot_be_is_refused_and_nothing_is_made(self, merchant, field, value, says):
        assert says in merchant.post(reverse(START), TWO_NUMBERS | {field: value}).content.decode()
        assert not Warehouse.objects.exists()

    def test_who_may_only_look_changes_nothing(self, client):
        helper(client, "view_warehouse")
        assert "Save, and show" not in read(client, START)
        assert client.post(reverse(START), TWO_NUMBERS).status_code == 403
        assert not Warehouse.objects.exists()

    def test_the_way_to_it_stands_on_the_index(self, merchant):
        page = merchant.get(reverse("admin:app_list", args=["ecommerce_comms"])).content.decode()
        assert all(reverse(name) in page for name in (START, TRY, "admin:ecommerce_comms_sheets"))

    @pytest.mark.parametrize(("make", "says"), [
        (lambda: warehouse(is_default=False), "No warehouse is ticked"),
        (lambda: warehouse(working_days=""), "Nothing is ever packed in “Depot”"),
        (lambda: warehouse(), "“Depot” has no country"),
        (lambda: Service.objects.create(code="a", name="Air"), "“Air” has no time and price yet"),
        (lambda: service("fetch", kind="point"), "“Fetch” is handed over at pick-up points, and none is in use"),
    ])
    def test_slips_are_named(self, merchant, make, says):
        make()
        assert says in read(merchant, START)


class TestTrying:
    @pytest.fixture(autouse=True)
    def shop(self):
        warehouse(name="Kumartuli", country="IN", region="WB")
        service(country="IN", price="80", currency="INR", carrier="Blue")

    def test_the_steps_are_told_in_words(self, merchant):
        ClosedDay.objects.create(day=date(2026, 3, 6), name="Fair", country="IN")
        Peak.objects.create(name="Rush", day=date(2026, 3, 1), last_day=date(2026, 3, 20))
        page = read(merchant, TRY, country="IN", at="2026-03-03T15:30")
        for step in (
            "Ordered on Tue 3 Mar at 15:30 by the clock of Kumartuli: too late for that day, orders count until 14:00.",
            "Not packed on: Wed 4 Mar (Holi), Fri 6 Mar (Fair)",
            "The order counts for Thu 5 Mar. It leaves 0 to 1 working days later",
            "“Post” takes 2 to 3 delivery days there (zone: IN), and is delivered on: Mon–Sat.",
            "Rush: at worst it takes 1.3 times as long on those days.",
        ):
            assert step in page

    def test_what_is_not_offered_says_why(self, merchant):
        service("light", country="IN", weight_up_to="1", position=1)
        service("abroad", country="BD", position=2)
        service("off", country="IN", is_active=False, position=3)
        service("fetch", kind="point", position=4)
        service("euro", country="IN", currency="EUR", position=5)
        Service.objects.create(code="gone", name="Gone", is_active=False, position=6)
        page = read(merchant, TRY, country="IN", weight="2", value="10", currency="inr")
        for why in ("none of its prices there is for 2 kg and an order of 10", "none of its zones reaches India",
                    "switched off for this zone", "there is no pick-up point in this country",
                    "it has no price in INR there", "the option is switched off"):
            assert why in page

    def test_pickup_points_are_named_with_their_days(self, merchant):
        service("fetch", kind="point", carrier="Blue")
        PickupPoint.objects.create(name="Corner shop", country="IN", postcode="700029", opening_days="135")
        assert "Corner shop (Mon, Wed, Fri)" in read(merchant, TRY, country="IN", postcode="700029")

    def test_without_a_warehouse_it_says_that(self, merchant):
        Warehouse.objects.update(is_default=False)
        Warehouse.objects.get().save()
        assert "no warehouse is ticked" in read(merchant, TRY, country="IN")

    @pytest.mark.parametrize(("field", "value"), [
        ("at", "yesterday"), ("at", "0001-01-01T00:00"), ("at", "9999-12-31T23:59"), ("weight", "-1"), ("weight", "1e9"), ("value", "NaN"),
        ("origin", "99"),
    ])
    def test_nonsense_is_named_and_tried_no_further(self, merchant, field, value):
        page = read(merchant, TRY, country="IN", **{field: value})
        assert 'role="alert"' in page and "comms-explained" not in page

    def test_nobody_without_rights_tries(self, client):
        assert helper(client).get(reverse(TRY)).status_code == 403


class TestSheets:
    URL = "admin:ecommerce_comms_sheet"

    def upload(self, client, text, kind="zones", **more):
        file = SimpleUploadedFile("zones.csv", text if isinstance(text, bytes) else text.encode())
        return client.post(reverse(self.URL, args=[kind]), {"file": file, **more})

    def test_a_file_is_shown_confirmed_and_then_written(self, merchant):
        shown = self.upload(merchant, "zone,countries\nBay,\"IN, BD\"\n")
        assert "1 new, 0 changed, 0 removed" in shown.content.decode() and not Zone.objects.exists()
        confirm = shown.context["confirm"]
        answer = {name: confirm[name].value() for name in ("text", "digest")}
        done = merchant.post(reverse(self.URL, args=["zones"]), answer, follow=True)
        assert "Done: 1 new, 0 changed, 0 removed." in done.content.decode()
        assert Zone.objects.get().countries == "IN, BD"

    def test_what_is_confirmed_is_what_was_shown(self, merchant):
        confirm = self.upload(merchant, "zone,countries\nBay,IN\n").context["confirm"]
        Zone.objects.create(name="Bay", countries="BD")
        again = merchant.post(reverse(self.URL, args=["zones"]), {name: confirm[name].value() or "" for name in ("text", "digest")})
        assert "Please look once more" in again.content.decode()
        assert Zone.objects.get().countries == "BD"

    def test_problems_are_listed_and_cannot_be_confirmed(self, merchant):
        shown = self.upload(merchant, "zone,countries\nBay,Mars\n").content.decode()
        assert "Line 2, countries: “MARS” is no country." in shown and "Change it" not in shown
        assert "is not UTF-8" in self.upload(merchant, b"zone\n\xff\xfe\n").content.decode()
        assert 'role="alert"' in self.upload(merchant, "").content.decode()

    def test_the_sheet_is_taken_out_with_its_rows(self, merchant):
        Zone.objects.create(name="বাংলা", countries="BD")
        response = merchant.get(reverse("admin:ecommerce_comms_sheet_export", args=["zones"]))
        assert response["Content-Disposition"] == 'attachment; filename="zones.csv"'
        assert response.content.decode("utf-8-sig").splitlines() == ["zone,countries", "বাংলা,BD"]

    def test_rights_are_those_of_the_tables(self, client):
        helper(client, "view_zone")
        assert "zones" in read(client, "admin:ecommerce_comms_sheets") and "csv/prices" not in read(client, "admin:ecommerce_comms_sheets")
        assert "Bring in" not in read(client, self.URL, "zones")
        assert self.upload(client, "zone\nBay\n").status_code == 403
        assert client.get(reverse(self.URL, args=["prices"])).status_code == 403

    def test_who_may_not_delete_removes_nothing_by_file(self, client):
        helper(client, "view_zone", "add_zone", "change_zone")
        assert self.upload(client, "zone\nBay\n", remove="on").status_code == 403
        assert self.upload(client, "zone\nBay\n").status_code == 200

    def test_an_unknown_sheet_is_not_found(self, merchant):
        assert merchant.get(reverse(self.URL, args=["nothing"])).status_code == 404


def test_two_rates_for_the_same_case_are_refused(merchant):
    row = {"zone": "", "transit_days_min": 1, "transit_days_max": 2, "price": 5, "currency": "", "is_offered": "on"}
    data = {"name": "Post", "code": "post", "kind": "door", "position": 0, "is_active": "on", "delivery_days": ["1", "2"],
            "rates-TOTAL_FORMS": 2, "rates-INITIAL_FORMS": 0}
    data |= {f"rates-{number}-{name}": value for number in range(2) for name, value in row.items()}
    url = reverse("admin:ecommerce_comms_service_add")
    assert "Keep one of them" in merchant.post(url, data).content.decode()
    assert merchant.post(url, data | {"rates-1-value_from": "100"}).status_code == 302
    assert Service.objects.get().delivery_days == "12" and Rate.objects.count() == 2


def test_weekdays_are_ticked_and_countries_are_chosen_by_name(merchant):
    page = merchant.get(reverse("admin:ecommerce_comms_warehouse_add")).content.decode()
    assert '<input type="checkbox" name="working_days" value="1" checked> Mon' in page
    assert '<option value="BD">Bangladesh (BD)</option>' in page
    assert '<option value="Asia/Dhaka">' in page
