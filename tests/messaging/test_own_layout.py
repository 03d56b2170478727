"""A merchant's own layout is compiled when it is saved, or refused with what to mend and in which line."""

from __future__ import annotations

import pytest

from ecommerce_comms.exceptions import LayoutError
from ecommerce_comms.messaging.models import Branding
from ecommerce_comms.messaging.speaking.layout.frame import BUILT_IN
from ecommerce_comms.messaging.speaking.layout.own import DEEPEST, compiled, dress

SOURCE = """<mjml>
<mj-head><mj-style>.x{{color:red}} {style}</mj-style></mj-head>
<mj-body>
<mj-section><mj-column><mj-text>
[[message]] [[footer]]
{text}
</mj-text></mj-column></mj-section>
{body}
</mj-body>
</mjml>"""


def complaints(source):
    """What is said about it."""
    with pytest.raises(LayoutError) as caught:
        compiled(source)
    return caught.value.complaints


def layout(text="", body="", style=""):
    """A layout that is good but for what is given."""
    return SOURCE.format(text=text, body=body, style=style)


def test_built_in_layout_can_be_taken_as_a_start():
    assert "[[body]]" in compiled(BUILT_IN)


def test_small_layout_will_do():
    html = compiled(layout(text="<p>Good & cheap<br></p> [[dir]]", body="<mj-section><mj-column/></mj-section>"))
    assert "[[message]]" in html and html.count('lang="[[lang]]" dir="[[dir]]"') == 2 and "[[preview]]" in html


@pytest.mark.parametrize("part, source, said", [
    ("text", "<script>x</script>", "Line 6: <script> is not allowed"),
    ("text", '<b onclick="x">x</b>', "Line 6: onclick=… is a script"),
    ("text", '<a href="javascript:x">x</a>', "Line 6: href leads to javascript:x"),
    ("text", '<a href="//shop.example">x</a>', "Line 6: href leads to //shop.example"),
    ("text", '<img src="http://x.example/a.png">', "Line 6: http://x.example/a.png is not safe"),
    ("text", "<!--[if mso]><script>x</script><![endif]-->", "Line 6: <script> is not allowed"),
    ("text", "<!-- [[title]] -->", "Line 6: [[title]] stands in a comment"),
    ("text", '<a href="[[title]]">x</a>', "Line 6: [[title]] cannot stand in the attribute href"),
    ("text", "[[nope]]", "Line 6: there is no [[nope]]"),
    ("text", "[[head]]", "Line 6: there is no [[head]]"),
    ("text", "[[footer]]", "Line 5: [[footer]] stands there 2 times"),
    ("text", "[[body]]", "[[message]] holds [[body]] already"),
    ("text", "<p>never closed", "Line 6: <p> is not closed before </mj-text>"),
    ("text", "</i>", "Line 6: </i> closes nothing"),
    ("text", "<link rel='stylesheet' href='https://x.example/a.css'>", "Line 6: <link> is not allowed"),
    ("body", "<mj-include path='https://x.example/a.mjml' />", "Line 8: <mj-include> is not allowed"),
    ("body", "<mj-foo />", "Line 8: MJML has no <mj-foo>"),
    ("body", "<mj-section background-url='http://x.example/a.png' />", "Line 8: http://x.example/a.png is not safe"),
    ("body", "<mj-section a=b />", "this is no MJML that can be compiled"),
    ("style", "a{background:url(http://x.example/a.png)}", "Line 2: http://x.example/a.png is not safe"),
    ("style", "[[title]]", "Line 2: [[title]] is not for a style sheet"),
])
def test_mistake_is_told_with_its_line(part, source, said):
    assert any(complaint.startswith(said) or said in complaint for complaint in complaints(layout(**{part: source})))


@pytest.mark.parametrize("missing", ["heading", "body", "window", "button", "items", "footer"])
def test_layout_without_a_needed_place_is_refused(missing):
    assert f"It has no place for [[{missing}]]" in complaints(BUILT_IN.replace(f"[[{missing}]]", ""))[0]


def test_block_outside_of_text_is_refused():
    assert any("stands where no text can stand" in each for each in complaints(layout().replace("[[footer]]", "").replace(
        "</mj-section>", "</mj-section>[[footer]]")))


@pytest.mark.parametrize("source", ["hello", "", "<html></html>", "<mjml></mjml>", "<", "\x00", "<mjml><mj-body>", "&&&", "]]>"])
def test_what_is_no_layout_is_refused(source):
    assert complaints(source)


def test_more_than_sixty_kilobytes_are_refused():
    assert complaints("x" * 60_001) == ["It is too long: 60,001 bytes; at most 60,000 are allowed."]


def test_elements_within_elements_without_end_are_refused_before_the_compiler_sees_them():
    deep = "<mj-wrapper>" * 2_000 + "</mj-wrapper>" * 2_000
    assert any(f"more than {DEEPEST} elements" in complaint for complaint in complaints(layout(body=deep)))


def test_as_deep_as_is_allowed_compiles():
    inner = DEEPEST - 6
    assert compiled(layout(text="<i>" * inner + "</i>" * inner))


def test_saving_keeps_the_compiled_form_and_its_fingerprint():
    branding = Branding(layout=BUILT_IN)
    dress(branding)
    assert branding.compiled == compiled(BUILT_IN) and len(branding.frame_key) == 64
    branding.layout = " "
    dress(branding)
    assert (branding.compiled, branding.frame_key) == ("", "")
