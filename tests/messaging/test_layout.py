"""How mails look: in every colour, direction and size, on phones, in the dark, and never longer than mail programs show."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from html import unescape

import pytest

from ecommerce_comms.messaging.editing.linting import SAMPLE
from ecommerce_comms.messaging.speaking import forms, rendering
from ecommerce_comms.messaging.speaking.layout.colours import contrast, ink_on, luminance, mixed, quieter, readable
from ecommerce_comms.messaging.speaking.layout.frame import BUILT_IN, frame_of
from ecommerce_comms.messaging.speaking.layout.look import PLAIN, Look
from ecommerce_comms.messaging.speaking.layout.own import compiled
from ecommerce_comms.messaging.speaking.layout.shapes import SHAPES, shape_of
from ecommerce_comms.messaging.speaking.layout.sheet import BOX, CARD, INK, SOFT, sheet
from ecommerce_comms.messaging.speaking.layout.style import BODY, style_of
from ecommerce_comms.messaging.speaking.words import say

GMAIL = 102 * 1024
COLOURS = ["#1f4fd8", "#ffd400", "#000000", "#ffffff", "#777777", "#e4002b", "#00ff00", "#7b2ff7"]
LONG = "https://shop.example/" + "x" * 1_970
EMOJI = "👩‍👩‍👧‍👦🌸" * 60


def facts(**groups):
    """The sample facts, some groups of them changed."""
    given = deepcopy(SAMPLE)
    for group, changes in groups.items():
        given.setdefault(group, {}).update(changes)
    return given


def mail(kind="order_placed", speaks="en", given=None, look=PLAIN, greeting="", **changes):
    """What the customer gets, as fields of what is sent."""
    parts = replace(rendering.parts_of(kind, speaks, given or facts(), "UTC", look), **changes)
    return forms.email(replace(say(kind, speaks, parts.facts), greeting=greeting), parts)


def page(*args, **kwargs):
    """Its page."""
    return mail(*args, **kwargs)["html"]


def words(html):
    """What a reader sees of it, line by line."""
    html = re.sub(r"<(style|script|title)\b.*?</\1>|<!--.*?-->", "", html, flags=re.DOTALL)
    html = re.sub(r"<[^>]+>|\u034f|\u200c|\u00a0", "\n", unescape(html))
    return [line.strip() for line in html.split("\n") if line.strip()]


# ---- colours --------------------------------------------------------------------------------------------------


def test_contrast_is_reckoned_as_by_wcag():
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48  # the example that fails by a hair
    assert luminance("#ffffff") == pytest.approx(1) and luminance("#000000") == 0


@pytest.mark.parametrize("accent", COLOURS)
@pytest.mark.parametrize("paper", ["#ffffff", "#fff6e5", "#202020"])
def test_whatever_accent_a_merchant_chooses_words_can_be_read(accent, paper):
    style = style_of(Look(accent=accent, paper=paper, ink=ink_on(paper)), "ltr")
    assert contrast(style.button, accent) >= 4.5
    assert contrast(style.link, paper) >= 4.5
    assert contrast(style.soft, paper) >= 4.5
    assert contrast(style.foot, style.look.desk) >= 4.5
    for ground, _, ink in style.tones.values():
        assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("accent", COLOURS)
def test_accent_can_be_read_in_the_dark(accent):
    rules = sheet(style_of(Look(accent=accent), "ltr"))
    dark = rules.partition("prefers-color-scheme:dark")[2]
    link = re.search(r"\.card a\{color:(#\w{6})", dark)[1]
    button = re.search(r"\.card \.btn td\{background:(#\w{6})", dark)[1]
    label = re.search(r"\.card \.btn a\{color:(#\w{6})", dark)[1]
    assert contrast(link, CARD) >= 4.5 and contrast(button, CARD) >= 4.5 and contrast(label, button) >= 4.5


def test_inks_of_the_dark_can_be_read_on_each_of_its_grounds():
    assert all(contrast(ink, ground) >= 4.5 for ink in (INK, SOFT) for ground in (CARD, BOX))


def test_colour_that_is_good_is_left_alone():
    assert readable("#1f4fd8", "#ffffff") == "#1f4fd8"
    assert quieter("#ffffff", "#fefefe") == "#ffffff"
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"


def test_outlook_in_the_dark_is_told_as_it_wants():
    html = page()
    assert "[data-ogsc] .card" in html and "[data-ogsb] .card" in html


# ---- the look --------------------------------------------------------------------------------------------------


def test_colours_of_the_shop_are_everywhere():
    html = page(look=Look(accent="#7b2ff7", ink="#221133", paper="#fffdf5", desk="#eeeeee"))
    assert "#7b2ff7" in html and "#1f4fd8" not in html
    assert not set(re.findall(r"color:(#\w{6})", BODY["p"] + BODY["a"])) & set(re.findall(r"#\w{6}", html.split("<body")[1]))


def test_text_of_a_customer_is_never_taken_for_a_style():
    plain = f'style="{BODY["p"]}"'
    html = page(given=facts(order={"number": plain}), look=Look(ink="#221133"), kind="order_delayed")
    assert plain.replace('"', "&#34;") in html or plain.replace('"', "&quot;") in html


def test_logo_has_the_name_of_the_shop_for_those_who_see_no_pictures():
    html = page(look=Look(logo="https://shop.example/media/logo.png", logo_width=120))
    assert re.search(r'<img class="logo" src="https://shop.example/media/logo.png" alt="Lotus House" width="120"', html)
    assert html.count("<bdi>Lotus House</bdi>") == 0


def test_address_of_the_branding_stands_in_both_feet():
    made = mail(look=Look(footer_address="Lotus Ltd, 4 Lake Road"), given=facts(shop={"address": "elsewhere"}))
    assert "Lotus Ltd, 4 Lake Road" in made["html"] and "Lotus Ltd, 4 Lake Road" in made["text"]
    assert "elsewhere" not in made["html"] + made["text"]


def test_greeting_stands_between_heading_and_body_in_both():
    made = mail(greeting="Hello <Asha>,")
    seen = words(made["html"])
    assert next(at for at, line in enumerate(seen) if line.startswith("Hello")) == seen.index("Thank you for your order") + 1
    assert "Thank you for your order\n\nHello <Asha>,\n\nWe have your order" in made["text"]


def test_no_greeting_leaves_no_gap():
    assert 'style=""' not in page() and "order\n\nWe have your order" in mail()["text"]


# ---- reading ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SHAPES)
def test_reader_for_the_blind_finds_one_title_then_sections(kind):
    html = page(kind, given=facts(suggestions=[]))
    levels = re.findall(r"<h(\d)\b", html)
    assert levels[0] == "1" and set(levels[1:]) <= {"2"}
    tables = re.findall(r"<table\b[^>]*>", html)
    assert tables and all('role="presentation"' in table for table in tables)
    assert all(re.search(r'alt="[^"]', image) for image in re.findall(r"<img\b[^>]*>", html))
    assert all(re.sub(r"<[^>]*>", "", text).strip() for text in re.findall(r"<a\b[^>]*>(.*?)</a>", html, re.DOTALL))


def test_order_of_reading_is_the_order_of_the_page():
    seen = words(page("order_shipped"))
    wanted = ["Lotus House", "It is on its way to you", "Expected arrival", "Track your parcel", "Parcel 1 of 2", "Your order",
              "Delivery address"]
    assert [word for word in seen if word in wanted] == wanted


def test_right_to_left_is_mirrored():
    html = page("order_shipped", direction="rtl", language="ar", given=facts(order={"lines": [{"title": "إبريق", "price": "5"}]}))
    assert html.count('lang="ar" dir="rtl"') == 2
    body = html.split("<body")[1]
    assert "direction:ltr" not in body and "text-align:left" not in body
    assert '<td align="left" style="padding:2px 0;' in body and '<td align="right" style="padding:2px 0;' not in body
    assert "padding:2px 0px 2px 16px" in body and "<bdi>إبريق</bdi>" in body


def test_left_to_right_is_not():
    body = page("order_shipped").split("<body")[1]
    assert "direction:rtl" not in body and "text-align:right" not in body and "padding:2px 16px 2px 0px" in body


def test_lists_of_a_body_are_mirrored_too():
    style = style_of(PLAIN, "rtl")
    assert "padding:0px 22px 0px 0px" in style.dressed(f'<ul style="{BODY["ul"]}"><li>x</li></ul>')
    assert "border-right" in style.dressed(f'<blockquote style="{BODY["blockquote"]}">')


def test_class_names_stand_only_where_the_sheet_uses_them():
    html = page("order_shipped", look=Look(logo="https://shop.example/logo.png"))
    used = {name for names in re.findall(r'class="([^"]*)"', re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)) for name in names.split()}
    assert {name for name in used if f".{name}" not in html and not name.startswith("mj-")} == set()


@pytest.mark.parametrize("look", [PLAIN, Look(frame=compiled(BUILT_IN))], ids=["built-in", "own"])
def test_lines_are_short_enough_for_every_server(look):
    assert max(len(line.encode()) for line in page(look=look).split("\n")) <= 998


# ---- never too long --------------------------------------------------------------------------------------------


def hostile_order(count=20, title=EMOJI):
    """An order of many lines, each as long as they can be."""
    line = {"title": title, "quantity": 1, "price": "9.00", "url": LONG, "image_url": LONG}
    return facts(order={"lines": [line] * count, "url": LONG, "address": [EMOJI] * 40}, parcel={"tracking_url": LONG})


@pytest.mark.parametrize("kind", ["order_placed", "order_shipped", "order_changed"])
@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("look", [PLAIN, Look(frame=compiled(BUILT_IN))], ids=["built-in", "own"])
@pytest.mark.parametrize("title", [EMOJI, "&" * 300, "x", '"' * 300, "ক" * 300])
def test_whatever_the_order_holds_gmail_shows_all_of_it(kind, language, look, title):
    html = page(kind, language, hostile_order(title=title), look)
    assert len(html.encode()) < GMAIL
    assert html.endswith("</html>") or html.rstrip().endswith("</html>")
    assert "Lotus House" in html


def test_pictures_go_first_then_links_then_lines():
    def kept(count, **line):
        one = {"title": "Cup", "price": "9.00", **line}
        html = page(given=facts(order={"lines": [one] * count}))
        return "<img" in html, LONG in html, html.count("Quantity:")

    assert kept(15, url=LONG, image_url=LONG) == (True, True, 15)
    assert kept(20, url=LONG, image_url=LONG + "y") == (False, True, 20) or kept(20, url=LONG, image_url=LONG) == (True, True, 20)
    assert kept(20, title=EMOJI[:299], url=LONG, image_url=LONG)[0] is False


def test_lines_that_do_not_fit_are_counted():
    text = "&" * 300
    given = facts(order={"lines": [{"title": text, "price": "9.00"}] * 20, "more_lines": 4_980}, event={"reason": "&" * 1_000})
    look = Look(frame=compiled(BUILT_IN.replace("[[footer]]", "x" * 50_000 + "[[footer]]")))
    html = page("order_placed", given=given, look=look)
    shown = html.count("Quantity:")
    assert len(html.encode()) < GMAIL and shown < 20
    assert f"and {5_000 - shown} more" in html


def test_order_of_five_thousand_lines_shows_twenty_and_counts_the_rest():
    html = page(given=facts(order={"lines": [{"title": f"Cup {n}", "price": "1.00"} for n in range(5_000)]}))
    assert html.count("Quantity:") == 20 and "and 4980 more" in html and len(html.encode()) < GMAIL


# ---- frames ----------------------------------------------------------------------------------------------------


def test_frame_is_compiled_once_for_a_look():
    assert frame_of(Look(accent="#123456"), "ltr") is frame_of(Look(accent="#123456"), "ltr")


def test_outlook_gets_its_own_tables_and_no_word_is_left_over():
    html = page()
    assert "<!--[if mso | IE]>" in html and "[[" not in html and "<o:AllowPNG/>" in html


def test_preview_is_hidden_and_followed_by_blanks():
    html = page()
    assert re.search(r'<body[^>]*>\s*<div style="display:none;mso-hide:all;[^"]*">Expected arrival: Thu 3 – Sat 5 Dec\.&#847;', html)


def test_own_frame_puts_its_classes_onto_the_elements_and_keeps_the_dark():
    source = BUILT_IN.replace("<mj-style>[[sheet]]", "<mj-style>.title{letter-spacing:1px} [[sheet]]")
    html = page(look=Look(frame=compiled(source)))
    assert re.search(r'<h1 class="title" style="[^"]*letter-spacing: ?1px', html)
    assert "@media (prefers-color-scheme:dark)" in html.replace(": ", ":")
    assert words(html) == words(page())


def test_others_see_no_prices():
    assert shape_of("order_placed.others") == replace(SHAPES["order_placed"], prices=False, others=True)
    html = page("order_shipped", shape=shape_of("order_placed.others"))
    assert "₹" not in html and '"price' not in html


def test_no_line_of_the_window_ends_within_a_date():
    html = page("order_delayed", given=facts(promise={"earliest": "2026-12-30", "latest": "2027-01-02"}))
    assert re.search(r"<strong[^>]*>Wed&nbsp;30&nbsp;Dec&nbsp;– Sat&nbsp;2&nbsp;Jan&nbsp;2027</strong>", html)


def test_no_line_ends_within_a_word_beside_a_long_number():
    label = re.search(r'<td class="soft" style="([^"]*)">Tracking number</td>', page("order_shipped"))
    assert label and "word-break:normal" in label[1]
