"""What a visitor sees before buying."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ecommerce_comms.shipping.models import ClosedDay, Service, Warehouse
from ecommerce_comms.shipping.options import quote
from ecommerce_comms.signals import product_viewed
from example_project.shop import formats
from example_project.shop.models import Product
from example_project.shop.pictures import draw, shade
from example_project.shop.seed import seed


def window() -> str:
    option = quote()[0]
    return formats.window(option.earliest, option.latest)


def test_home_shows_everything_with_its_arrival_window(client: Client) -> None:
    page = client.get("/").content.decode()
    assert all(product.title_en in page.replace("&#x27;", "'") for product in Product.objects.all())
    assert page.count(f"Arrives {window()}") == Product.objects.count() == 24


def test_shelf_shows_only_its_own(client: Client) -> None:
    page = client.get("/shelf/light/").content.decode()
    assert "Banyan Lamp" in page
    assert "Monsoon Mug" not in page


def test_unknown_shelf_product_and_picture_are_not_found(client: Client) -> None:
    assert {client.get(path).status_code for path in ("/shelf/none/", "/things/none/", "/pictures/none.svg")} == {404}


def test_product_page_offers_every_option_and_tells_that_it_was_seen(client: Client) -> None:
    seen: list[Any] = []

    def look(product: Product, customer: object, **_more: object) -> None:
        seen.append((product.slug, customer))

    product_viewed.connect(look)
    page = client.get("/things/monsoon-mug/").content.decode()
    product_viewed.disconnect(look)
    assert seen == [("monsoon-mug", None)]
    assert all(name in page for name in ("Standard", "Express", "Economy", "Pick-up point", f"Arrives {window()}", "order within 4 h"))


def test_shop_without_shipping_options_promises_nothing(client: Client) -> None:
    for service in Service.objects.all():
        service.delete()
    assert "Arrives" not in client.get("/things/monsoon-mug/").content.decode()


@pytest.mark.parametrize(("language", "title"), [("hi", "मानसून मग"), ("bn", "বর্ষা মগ"), ("en", "Monsoon Mug")])
def test_language_switch_changes_the_shop(client: Client, language: str, title: str) -> None:
    page = client.post("/i18n/setlang/", {"language": language, "next": "/things/monsoon-mug/"}, follow=True).content.decode()
    assert f"<h1>{title}</h1>" in page
    assert f'<html lang="{language}">' in page


def test_every_picture_is_a_well_formed_drawing_of_its_own() -> None:
    drawings = [draw(product) for product in Product.objects.all()]
    assert len(set(drawings)) == 24
    assert {ElementTree.fromstring(drawing).tag for drawing in drawings} == {"{http://www.w3.org/2000/svg}svg"}


def test_picture_may_be_cached(client: Client) -> None:
    response = client.get("/pictures/monsoon-mug.svg")
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert "max-age=86400" in response.headers["Cache-Control"]


def test_picture_is_the_same_every_time() -> None:
    product = Product.objects.get(slug="speckled-mug")
    assert draw(product) == draw(product)


@pytest.mark.parametrize(("by", "expected"), [(0, "#336699"), (-1, "#000000"), (1, "#ffffff")])
def test_shades_go_from_black_to_white(by: float, expected: str) -> None:
    assert shade("#336699", by) == expected


def test_seeding_again_changes_nothing() -> None:
    Product.objects.filter(slug="monsoon-mug").update(price=5)
    tables = (Product, User, Service, Warehouse, ClosedDay)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    seed()
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before


def test_pages_ask_for_nobody_elses_files(client: Client) -> None:
    response = client.get("/")
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    page = response.content.decode()
    assert "<script" not in page
    assert " style=" not in page
    assert "//" not in page.replace("<!doctype", "")
