"""What people and machines see of the health, and who may."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import DatabaseError
from django.urls import reverse

from ecommerce_comms.health import figures
from ecommerce_comms.messaging.models import Pause, Provider, Worker

pytestmark = pytest.mark.django_db
PAGE, HEALTH, METRICS = "admin:ecommerce_comms_health", "comms:health", "comms:metrics"


@pytest.fixture
def merchant(client):
    client.force_login(User.objects.create_superuser("mira"))
    return client


def rows(client):
    """What the page says of each worker, and in which colour."""
    text = client.get(reverse(PAGE)).content.decode().partition("<h2>Workers")[2]
    return {name: f"{colour}: {says}" for name, colour, says in re.findall(r"<tr><td>(.+?)</td><td.*?comms-light-(\w+)\">(.+?)</td>", text)}


def staff(client, *codenames):
    user = User.objects.create_user("apprentice", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames, content_type__app_label="ecommerce_comms"))
    client.force_login(user)
    return client


class TestPage:
    def test_it_says_in_words_what_is_wrong_and_what_to_do(self, merchant, message, clock):
        message(due=-300)
        message("failed", reason="refused")
        Provider.objects.create(name="postmark", opened_at=clock(), last_error="<b>503</b>")
        Worker.objects.create(name="host:7:sweep", kind="sweeper", host="host")
        text = merchant.get(reverse(PAGE)).content.decode()
        for said in ("Something is wrong. Act now.", "1 is due, the oldest for 5 min", "See that workers run", "host:7:sweep",
                     "&lt;b&gt;503", "The server refused it</a>: 1"):
            assert said in text

    def test_dead_worker_is_silent_since_a_moment_and_not_at_work(self, merchant, clock):
        Worker.objects.create(name="dead", kind="sender", host="h", token="t", seen_at=clock() - timedelta(hours=30))
        Worker.objects.create(name="busy", kind="sender", host="h", token="u", seen_at=clock())
        found = rows(merchant)
        assert found["dead"] == "amber: silent since 1 Mar, 04:00"
        assert found["busy"] == "green: at work"

    def test_workers_that_ended_are_folded_away_after_some_minutes(self, merchant, clock):
        for name, minutes in (("ended", 6), ("ended too", 700), ("resting", 4)):
            Worker.objects.create(name=name, kind="sender", host="h", seen_at=clock() - timedelta(minutes=minutes))
        shown, _, folded = merchant.get(reverse(PAGE)).content.decode().partition("<details")
        assert "resting" in shown and "ended" not in shown.partition("<h2>Workers")[2]
        assert "2 more that have sent nothing for some minutes" in folded and "ended too" in folded

    def test_page_without_workers_that_ended_folds_nothing(self, merchant, clock):
        Worker.objects.create(name="sweep", kind="sweeper", host="h", seen_at=clock() - timedelta(hours=1))
        assert "sent nothing for some minutes" not in merchant.get(reverse(PAGE)).content.decode()
        assert rows(merchant) == {"sweep": "amber: silent since 2 Mar, 09:00"}

    def test_index_of_the_app_and_the_message_list_lead_to_it(self, merchant):
        for address in (reverse("admin:app_list", args=["ecommerce_comms"]), reverse("admin:ecommerce_comms_message_changelist")):
            assert f'href="{reverse(PAGE)}"' in merchant.get(address).content.decode()

    def test_who_may_read_messages_may_see_it_and_nobody_else(self, client):
        assert staff(client, "view_message").get(reverse(PAGE)).status_code == 200
        User.objects.all().delete()
        assert staff(client, "view_order").get(reverse(PAGE)).status_code == 403
        client.logout()
        assert "/login/" in client.get(reverse(PAGE)).url

    def test_looking_changes_nothing(self, merchant, message, django_assert_max_num_queries):
        message(due=-300)
        with django_assert_max_num_queries(17) as asked:
            merchant.get(reverse(PAGE))
        assert [query["sql"] for query in asked if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))] == []


class TestPause:
    @pytest.fixture(autouse=True)
    def pause(self, db):
        return Pause.objects.create(lane="offers", reason="0.40 % marked as spam")

    def lift(self, client, verb="post"):
        return getattr(client, verb)(reverse("admin:ecommerce_comms_lift", args=["offers"]))

    def test_it_is_shown_with_a_button_that_lifts_it(self, merchant):
        assert "Lift the pause" in merchant.get(reverse(PAGE)).content.decode()
        assert self.lift(merchant).url == reverse(PAGE)
        assert not Pause.objects.exists()

    def test_following_a_link_does_not_lift_it(self, merchant):
        assert self.lift(merchant, "get").status_code == 405
        assert Pause.objects.exists()

    def test_viewer_may_not_lift_it(self, client):
        staff(client, "view_message")
        assert "Lift the pause" not in client.get(reverse(PAGE)).content.decode()
        assert self.lift(client).status_code == 403
        assert Pause.objects.exists()


@pytest.fixture
def token(settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "HEALTH_TOKEN": "sesame"}
    return {"Authorization": "Bearer sesame"}


@pytest.mark.parametrize("page", [HEALTH, METRICS])
class TestToken:
    def test_nobody_gets_in_while_no_token_is_set(self, client, page):
        assert client.get(reverse(page)).status_code == 404
        assert client.get(reverse(page), headers={"Authorization": "Bearer "}).status_code == 404

    @pytest.mark.parametrize("given", ["", "Bearer ", "Bearer sesam", "Basic sesame", "Bearer séame"])
    def test_wrong_token_is_refused(self, client, token, page, given):
        assert client.get(reverse(page), headers={"Authorization": given}).status_code == 403

    def test_right_token_opens_as_header_or_in_the_address(self, client, token, page):
        pytest.importorskip("prometheus_client")
        assert client.get(reverse(page), headers=token).status_code == 200
        assert client.get(reverse(page) + "?token=sesame").status_code == 200

    def test_it_only_answers_questions(self, client, token, page):
        assert client.post(reverse(page), headers=token).status_code == 405


class TestHealthForMachines:
    def test_it_tells_colours_and_nobodys_address(self, client, token, message):
        Worker.objects.create(name="sweep", kind="sweeper", host="host")
        message(due=-10)
        response = client.get(reverse(HEALTH), headers=token)
        told = json.loads(response.content)
        assert (response.status_code, told["state"], told["oldest_due_seconds"]["orders"]) == (200, "green", 10)
        assert "customers.example" not in response.content.decode()

    def test_red_is_503(self, client, token, message):
        message(due=-61)
        assert client.get(reverse(HEALTH), headers=token).status_code == 503

    def test_database_that_is_down_is_red_and_not_an_error(self, client, token, monkeypatch):
        def down():
            raise DatabaseError("gone")

        monkeypatch.setattr(figures.kept, "_find_out", down)
        response = client.get(reverse(HEALTH), headers=token)
        assert (response.status_code, json.loads(response.content)["state"]) == (503, "red")


class TestMetrics:
    @pytest.fixture(autouse=True)
    def library(self):
        pytest.importorskip("prometheus_client", reason="needs the extra metrics")

    def read(self, client, token):
        """The samples by name and labels."""
        parser = pytest.importorskip("prometheus_client.parser")
        text = client.get(reverse(METRICS), headers=token).content.decode()
        assert "customers.example" not in text
        return {(sample.name, *sample.labels.values()): sample.value
                for family in parser.text_string_to_metric_families(text) for sample in family.samples}

    def test_prometheus_reads_them(self, client, token, message, clock):
        message(due=-40)
        message("failed", reason="refused")
        Pause.objects.create(lane="offers", reason="x")
        Provider.objects.create(name="postmark", opened_at=clock())
        Worker.objects.create(name="w", kind="sender", host="h", sent=7)
        samples = self.read(client, token)
        assert samples["comms_oldest_due_seconds", "orders"] == 40
        assert samples["comms_queue_depth", "orders"] == 1
        assert samples["comms_queue_depth", "offers"] == 0
        assert samples["comms_failures_24h", "refused"] == 1
        assert (samples["comms_paused", "offers"], samples["comms_paused", "orders"]) == (1, 0)
        assert samples["comms_provider_avoided", "postmark"] == 1
        assert samples["comms_worker_sent_total", "w"] == 7
        assert samples[("comms_events_waiting",)] == 0

    def test_without_the_library_it_says_what_to_install(self, client, token, monkeypatch):
        monkeypatch.setattr("ecommerce_comms.health.metrics.IS_POSSIBLE", False)
        response = client.get(reverse(METRICS), headers=token)
        assert (response.status_code, b"[metrics]" in response.content) == (501, True)

    def test_registering_it_asks_no_database(self, django_assert_num_queries):
        client = pytest.importorskip("prometheus_client")
        from ecommerce_comms.health.metrics import CommsCollector

        with django_assert_num_queries(0):
            client.CollectorRegistry(auto_describe=True).register(CommsCollector())
