"""What is filled in without Liquid reads as if Liquid had done it."""

from __future__ import annotations

import pytest

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.writing import liquid, texts
from ecommerce_comms.messaging.writing.quick import quicken

FACTS = {
    "now": "", "today": "",
    "a": {
        "word": "<b> & 'c'", "bare": "", "number": 3, "zero": 0, "yes": True, "no": False, "none": None, "list": ["x", "<y>"], "more": 1.5,
    },
    "b": {"word": "<b> & 'c'", "number": 2},
}
QUICK = [
    "{{ a.word }}", "x{{ a.number }}y", "{{ a.list }}", "{{ a.yes }}{{ a.no }}{{ a.none }}", "{{ a.missing }}{{ c.d }}{{ c }}",
    "{{ a.word.deeper }}", "{{ a.list.x }}", "{{ a.more }}", "{% if a.word %}1{% endif %}", "{% if a.bare %}1{% else %}2{% endif %}",
    "{% if a.zero %}1{% endif %}", "{% if a.no %}1{% elsif a.none %}2{% elsif c.d %}3{% else %}4{% endif %}",
    "{% if a.missing %}1{% endif %}|", "{% if a.number > 2 and b.number %}{{ a.number }}{% endif %}",
    "{% if a.number < b.number or a.no %}1{% endif %}",
    "{% if a.word == b.word %}same{% endif %}{% if a.word != 'x' %}other{% endif %}", "{% if a.missing == b.missing %}1{% endif %}",
    "{% if a.word %}  {% endif %}|", "{% if a.word %}{% if b.word %}{{ a.word }}{% endif %} {% endif %}|",
    "a\n{%- if a.word -%}\n x \n{%- endif -%}\nb",
]
SLOW = [
    "{{ a.word | upcase }}", "{% for x in a.list %}{{ x }}{% endfor %}", "{{ a.list.size }}", "{{ a.list.first }}", "{{ a.list[0] }}",
    "{{ now }}!", "{% assign z = a.word %}{{ z }}", "{% unless a.no %}1{% endunless %}", "{% if a.list contains 'x' %}1{% endif %}",
    "{{ 'word' }}", "{% if a.word == empty %}1{% endif %}", "{% case a.number %}{% when 3 %}1{% endcase %}",
]


@pytest.mark.parametrize("environment", [liquid.PLAIN, liquid.HTML], ids=["plain", "html"])
@pytest.mark.parametrize("source", QUICK)
def test_facts_and_questions_are_filled_in_as_by_liquid(source, environment):
    assert quicken(liquid.parse(source, environment)) is not None
    assert liquid.compile(source, environment)(FACTS) == liquid.parse(source, environment).render(FACTS)
    assert liquid.compile(source, environment)({}) == liquid.parse(source, environment).render({})


@pytest.mark.parametrize("source", SLOW)
def test_all_else_is_left_to_liquid(source):
    assert quicken(liquid.parse(source)) is None
    assert liquid.compile(source)(FACTS) == liquid.parse(source).render(FACTS)


@pytest.mark.parametrize("kind", texts.KINDS)
def test_built_in_texts_are_quick(kind):
    for language in texts.languages():
        text = texts.built_in(kind, language)
        assert all(quicken(liquid.parse(getattr(text, part))) for part in ("subject", "preview", "heading", "body", "action", "short"))


def test_comparison_that_fails_is_told_as_by_liquid():
    with pytest.raises(TemplateError, match="line 2"):
        liquid.compile("x\n{% if a.word > 1 %}y{% endif %}")(FACTS)


@pytest.mark.parametrize("letter", ["x", "আ", "👍"])
def test_limit_of_the_output_holds(letter):
    longest = liquid.SafeEnvironment.output_stream_limit // len(letter.encode())
    fill = liquid.compile("{{ a.word }}")
    assert fill({"a": {"word": letter * longest}}) == letter * longest
    with pytest.raises(TemplateError):
        fill({"a": {"word": letter * (longest + 1)}})
