"""What to write instead of the tags and filters that other systems know and we do not."""

from __future__ import annotations

OF_TAGS = {
    "include": "there are no other templates to read", "render": "there are no other templates to read",
    "layout": "the layout stands around your text by itself",
    "extends": "the layout stands around your text by itself",
    "block": "the layout stands around your text by itself", "load": "nothing has to be loaded",
    "tablerow": "please write {% for %} instead", "echo": "please write {{ … }} instead",
    "liquid": "please write each tag in its own braces",
    "increment": "please write {{ forloop.index }} inside a loop",
    "decrement": "please write {{ forloop.rindex }} inside a loop",
    "ifchanged": "please write {% if %} instead", "doc": "please write {% comment %} instead",
    "with": "please write {% assign %} instead", "url": "please name a fact such as {{ order.url }}",
    "trans": "write a text for each language",
    "elif": "please write {% elsif %} instead", "elseif": "please write {% elsif %} instead",
}
"""What to write instead of a tag that other systems know."""
OF_FILTERS = {
    "date": "dates come out in the customer's language by themselves", "money": "amounts come out as money by themselves",
    "money_with_currency": "amounts come out as money by themselves", "escape": "everything is escaped by itself",
    "escape_once": "everything is escaped by itself", "h": "everything is escaped by itself", "safe": "HTML cannot be written in texts",
    "raw": "HTML cannot be written in texts", "newline_to_br": "a blank line makes a paragraph", "strip_html": "facts hold no HTML",
    "url_encode": "links are facts, such as {{ order.url }}", "map": "please write {% for %} instead", "lower": "please write downcase",
    "upper": "please write upcase", "length": "please write size", "title": "please write capitalize", "json": "facts are shown one by one",
    "default_if_none": "please write default", "concat": "please write {% for %} twice", "uniq": "please write {% for %} instead",
    "sum": "the sum is a fact: {{ order.total }}", "t": "write a text for each language", "translate": "write a text for each language",
}
"""What to do instead of a filter that other systems know."""
