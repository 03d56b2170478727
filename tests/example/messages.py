"""Finds every text of the example shop that needs a translation."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.template import Engine
from django.template.base import Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

PROJECT = Path(__file__).parents[2] / "example_project"
FUNCTIONS = {"_", "gettext", "gettext_lazy"}


def message_ids() -> set[str]:
    """Texts in templates and in code."""
    return {text for path in PROJECT.rglob("*.html") for text in in_template(path.read_text(encoding="utf-8"))} | {
        text for path in PROJECT.rglob("*.py") for text in in_code(path.read_text(encoding="utf-8"))}


def in_template(source: str) -> Iterator[str]:
    """Texts of ``translate`` and ``blocktranslate`` tags."""
    engine = Engine(libraries={"i18n": "django.templatetags.i18n", "static": "django.templatetags.static",
                               "shop": "example_project.shop.templatetags.shop",
                               "comms": "ecommerce_comms.templatetags.comms"}, dirs=[PROJECT / "shop/templates"])
    nodes = Template(source, engine=engine).nodelist
    yield from (node.filter_expression.var.literal for node in nodes.get_nodes_by_type(TranslateNode))
    yield from (node.render_token_list(node.singular)[0] for node in nodes.get_nodes_by_type(BlockTranslateNode))


def in_code(source: str) -> Iterator[str]:
    """Texts that code hands to gettext."""
    for node in ast.walk(ast.parse(source)):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS
        if called and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)
