# ruff: noqa: E501
"""Templates by somebody who means harm, by what they try; and what customers, carriers and gift receivers write to break a mail."""

from __future__ import annotations

OBJECTS = ("order", "customer", "shop", "event", "parcel", "promise", "self", "request", "forloop", "settings", "now", "partial")
WALKS = [f"{{{{ {one}.{way} }}}}" for one in OBJECTS[:6] for way in ("__class__", "__dict__", "pk", "objects.all", "items", "get")] + [
    f"{{{{ {one} }}}}" for one in OBJECTS
] + [
    "{{ order.__class__.__mro__[1].__subclasses__ }}", "{{ order['__class__'] }}", "{{ customer.user.groups.source_field.model._meta }}",
    "{{ ''.__class__ }}", "{{ [].__class__ }}", "{{ settings.SECRET_KEY }}", "{{ shop.settings.SECRET_KEY }}", "{{ SECRET_KEY }}",
    "{{ request.META.HTTP_COOKIE }}", "{{ self.__init__.__globals__ }}", "{{ order[customer.first_name] }}", "{{ [customer.first_name] }}",
    "{{ order.lines[0].__class__ }}", "{{ order.lines.append }}", "{{ config }}", "{{ lipsum.__globals__ }}", "{{ cycler.__init__ }}",
    "{% assign a = order.__class__ %}{{ a.__name__ }}", "{{ order.number.format }}", "{{ order.number.join }}", "{{ 7 | times: 7 | __class__ }}",
]
LOADERS = [
    f"{{% {tag} %}}" for tag in (
        "include 'a'", "include '/etc/passwd'", "render 'a'", "extends 'base.html'", "layout 'a'", "load static", "debug", "url 'admin:index'",
        "block a", "import 'os'", "from 'a' import b", "liquid assign a = 1", "echo order.number", "increment a", "decrement a", "ifchanged",
        "tablerow i in (1..9)", "doc", "csrf_token", "ssi '/etc/passwd'", "autoescape off", "filter safe", "call a", "macro a", "python", "sql",
    )
] + ["{% include {{ order.number }} %}", "{%include'a'%}", "{%- include 'a' -%}", "{{> ../etc/passwd}}", "{{ include 'a' }}", "<%= 7*7 %>",
     "${7*7}", "#{7*7}", "{{=<% %>=}}", "{php}phpinfo(){/php}"]
LOOPS = [
    "{% for i in (1..1000000000) %}x{% endfor %}", "{% for i in (1..1000000000) reversed %}x{% endfor %}",
    "{% for i in (1..1000000000) offset: 999999999 %}x{% endfor %}", "{% for i in (1..1000000000) limit: 5 %}x{% endfor %}",
    "{% for i in (1..10) limit: -1 %}x{% endfor %}", "{% for i in (1..order.total) %}x{% endfor %}", "{% for i in (1..99999999999999999999999) %}x{% endfor %}",
    "{% for i in (-99999999999..1) %}x{% endfor %}", "{{ (1..1000000000) }}", "{{ (1..1000000000) | join: ',' }}", "{{ (1..1000000000) | reverse }}",
    "{{ (1..1000000000) | sort | last }}", "{{ (1..1000000000) | slice: 0, 900000000 }}", "{% assign r = (1..1000000000) %}{{ r | size }}",
    "{% assign r = (1..1000000000) %}{% if r contains 'x' %}y{% endif %}", "{% cycle (1..1000000000) %}",
    "{% case (1..1000000000) %}{% when 'x' %}{% endcase %}",
    "{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}x{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in (1..10) %}{% for b in (1..10) %}{% for c in (1..10) %}{% for d in (1..10) %}x{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in (1..1000) %}{% if 1 == 1 %}{% endif %}{% endfor %}" * 40, "{% for a in (1..1000) %}{% endfor %}" * 300,
    "{% for a in (1..1000) %}" + "{{ order.number | upcase }}" * 300 + "{% endfor %}", "{% for a in (1..1000) %}" + "{% if 1 == 2 %}{% endif %}" * 300 + "{% endfor %}",
    "{% for a in (1..1000) %}{% assign b = order.lines | sort: 'title' | reverse %}{% endfor %}" * 5, "{% break %}", "{% continue %}{% break %}",
    "{% for a in order.lines %}{% for b in order.lines offset: continue %}x{% endfor %}{% endfor %}",
]
BOMBS = [
    "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 60 + "{{ a }}",
    "{% assign a = 'xxxxxxxxxx' %}" + "{% capture a %}{{ a }}{{ a }}{% endcapture %}" * 60 + "{{ a }}",
    "{% assign a = 'xxxxxxxxxx' %}{% for i in (1..100) %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
    "{% capture a %}" * 11 + "x" + "{% endcapture %}" * 11, "{% assign a = 'x,' %}" + "{% assign a = a | replace: ',', 'xxxxxxxx,,,,,,,,' %}" * 20 + "{{ a | size }}",
    "{{ 'aaaaaaaaaaaaaaaaaaaa' " + "| replace: 'a', 'aaaaaaaaaa' " * 25 + "}}", "{{ 'a' " + "| append: 'aaaaaaaa' " * 40 + "| split: '' | join: 'xxxxxxxxxxxxxxxxx' | split: '' | join: 'xxxxxxxxx' }}",
    "{{ '' | replace: '', '" + "x" * 900 + "' }}", "{{ '" + "x" * 900 + "' | split: '' | join: '" + "y" * 50 + "' | split: '' | sort }}",
    "{% assign n = 999999999 %}" + "{% assign n = n | times: n %}" * 60 + "{{ n }}", "{{ 10 " + "| times: 1000000000000 " * 30 + "}}",
    "{{ '1e999999999' | plus: 1 }}", "{{ '1e308' | times: 10 | floor }}", "{{ 1.5 | round: 999999999999 }}", "{{ '9' | append: '" + "9" * 900 + "' | plus: 1 }}",
    "{{ 'x' | truncate: 99999999999999999999 }}", "{{ 'x y' | truncatewords: 999999999999999 }}", "{{ 'abc' | slice: -999999999999999999999, 99999999999999999999 }}",
    "{{ 'abc' | slice: 0, 'x' }}", "{{ order.lines | where: 'title', order.lines | size }}", "{{ 1 | divided_by: 0 }}", "{{ 1 | modulo: 0 }}",
    "{{ order.lines | join: order.lines }}", "{{ order | size }}", "{{ order.lines | first | first | first }}", "{{ 'x' | at_least: 'é' }}",
    "{{ order.lines | sort: order.lines }}", "{{ customer | sort }}", "{{ order.address | compact: 'x' }}",
]
DEEP = [
    "{% if order.number %}" * 10_000 + "x" + "{% endif %}" * 10_000, "{% if order.number %}" * 400 + "x" + "{% endif %}" * 400,
    "{% for a in order.lines %}" * 13 + "x" + "{% endfor %}" * 13, "{% case 1 %}{% when 1 %}" * 20 + "x" + "{% endcase %}" * 20,
    "{% if " + "order.number and " * 5_000 + "order.total %}x{% endif %}", "{% if " + "a or " * 190 + "order.total %}x{% endif %}",
    "{{ order" + "[order" * 150 + "]" * 150 + " }}", "{{ a" + ".b" * 490 + " }}", "{{ order.number" + " | upcase" * 100 + " }}",
    "> " * 5_000 + "x", "- " * 5_000 + "x", "*" * 19_000 + "x", "_*" * 9_000, "[" * 19_000, "[a](" * 4_900, "`" * 19_000, "x\n\n" * 6_000, "# x\n" * 4_900, "\\" * 19_000,
    "{% unless order.number %}" * 12 + "x" + "{% endunless %}" * 12, "(" * 19_000, "1." * 9_900, "3 Dec " * 3_300, "₹1," * 6_000, "1 " * 9_900,
]
BIG = ["x" * 1_000_000, "{{ order.number }}" * 60_000, "{% if a %}" * 100_000, "{{" * 500_000, "{%" * 500_000, "}}" * 500_000, "a\n\n" * 330_000,
       "{% raw %}" * 100_000, "{% comment %}" * 80_000, " " * 1_000_000, "\n" * 1_000_000, "{{ '" + "x" * 1_000_000 + "' }}", "ক" * 400_000]
BROKEN = [
    "{{", "{%", "}}", "%}", "{{ order.number", "{{ order.number }", "{ order.number }}", "{{ order.number %}", "{% if order.number }}x{% endif %}",
    "{% if order.number %}x", "x{% endif %}", "{% if %}x{% endif %}", "{% if order.number %}{% else %}{% else %}{% endif %}", "{{ }}", "{% %}", "{%}",
    "{{}}", "{% raw %}x", "{% endraw %}", "{% comment %}x", "{% capture %}x{% endcapture %}", "{% capture a %}x", "{% for %}x{% endfor %}",
    "{% for a in %}x{% endfor %}", "{% case order.number %}x", "{{ 'x }}", "{{ \"x }}", "{{ order.number | }}", "{{ | upcase }}", "{{ order..number }}",
    "{{ .number }}", "{{ order.number. }}", "{% assign %}", "{% assign a %}", "{% assign a = %}", "{{ a == b }}", "{% if a = b %}x{% endif %}",
    "{{" * 4_000, "{%" * 4_000, "{{ a" + " " * 9_000 + "}}", "{% if" + " " * 9_000 + "a %}x{% endif %}", "{%- if" + "\n" * 5_000, "{% raw %}" * 2_000,
    "{{ {{ order.number }} }}", "{{{ order.number }}}", "{{{{ order.number }}}}", "{% {% if %} %}", "{% if order.number %}{{ {% endif %}",
]
RAW = [
    "{% raw %}{{ order.number }}{% endraw %}x", "{% raw %}{% include 'a' %}{% endraw %}x", "{% raw %}<script>alert(1)</script>{% endraw %}x",
    "{% comment %}{{ order.number }}{% endcomment %}x", "{% comment %}{% endcomment %}<b>x</b>", "{% comment %}{% raw %}{% endcomment %}{% endraw %}x",
    "{% raw %}{% endraw %}{% endraw %}", "{% # comment %}x", "{\\{ order.number }}", "{\\% include 'a' %}", "{`{` order.number }}", "{*{* order.number }}",
    "&#123;&#123; order.number }}", "&#123;% include 'a' %}", "&lbrace;{ order.number }}", "<https://x.example/%7B%7Border.number%7D%7D>",
    "&#108;q0z {{ order.number }}", "l*q*99z {{ order.number }}", "lq0z {{ order.number }} &#x6c;q7z", "<https://x.example/%6Cq99z> {{ order.number }}",
    "{% raw %}**{{**{% endraw %}", "{{ '{{ order.total }}' }}", "{{ '{% include 1 %}' }}", "{{ \"{{\" | append: ' order.total }}' }}",
    "{% capture t %}{{ '{' }}{ order.total }}{% endcapture %}{{ t }}",
]
UNICODE = [
    "Pay \u202ereversed\u202c", "a\u200bb", "{{ order.nu\u200bmber }}", "{{ оrder.number }}", "｛｛ order.number ｝｝", "{{\u00a0order.number\u00a0}}", "\ufeffx",
    "x\x00y", "{{ order\x00.number }}", "\x1b[31mred", "x\u2028y", "x\u2029y", "\u2066x\u2069", "{{\u2028order.number }}", "x\ud800y", "{\u200b{ order.number }}",
    "{{ 'é' | upcase }}ß{{ 'ß' | upcase }}", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "👩‍👩‍👧‍👦 x", "{{ '\u202e' }}x", "{{ '\x00' }}x", "‮‮{{ order.number }}", "x\uffff", "\U000e0041x", "﷽﷽﷽",
]
MARKUP = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<iframe src=//evil.example></iframe>", "<style>*{display:none}</style>",
    "{{ '<script>alert(1)</script>' }}", "{{ '<img src=x onerror=alert(1)>' }}", "{{ '<' | append: 'script>alert(1)</script>' }}",
    "{{ '<p style=\"position:fixed;background:url(https://evil.example/x)\">x</p>' }}", "{{ '<a href=\"https://evil.example\">x</a>' }}",
    "{{ '\" onmouseover=\"alert(1)' }}", "[x](https://a.example/{{ '\" onmouseover=\"alert(1)' }})", "{% assign t = '<script>' %}{{ t }}alert(1)",
    "{% capture t %}<script>{% endcapture %}{{ t }}", "{{ '&lt;script&gt;' | replace: '&lt;', '<' | replace: '&gt;', '>' }}",
    "{% capture t %}[a](https://b.example){% endcapture %}{{ t | slice: 0, 40 }}", "{% capture t %}**a**{% endcapture %}{{ t | replace: 'strong', 'script' }}",
    "{% capture t %}**a**{% endcapture %}{{ t | remove: 'strong' | split: '' | join: '' }}", "<!-- x -->", "<![CDATA[x]]>", "<?php echo 1 ?>", "</td></table><h1>x",
    "{{ '</script><script>alert(1)</script>' }}", "</script>", "</style><script>", "{{ '</style>' }}", "{{ order.number | append: '<b onclick=1>' }}", "<a\nhref=x>",
    "{{ '<math><mi xlink:href=\"javascript:alert(1)\">' }}", "{{ '<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">' }}", "\\<script\\>", "&lt;script&gt;",
    "{{ 'x' | prepend: '<object data=x>' }}", "{% cycle '<u>', '<script>' %}", "{{ order.nothing | default: '<script>' }}", "{% case 1 %}{% when 1 %}{{ '<embed>' }}{% endcase %}",
]
LINKS = [
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java\tscript:alert(1))", "[x](&#106;avascript:alert(1))", "[x](javascript&colon;alert(1))",
    "[x](data:text/html,<script>)", "[x](vbscript:x)", "[x](file:///etc/passwd)", "[x](//evil.example)", "[x](\\\\evil.example)", "[x](https:evil.example)",
    "<javascript:alert(1)>", "[x][y]\n\n[y]: javascript:alert(1)", "[x]\n\n[x]: https://evil.example", "![x](https://evil.example/p.gif)", "![x](javascript:alert(1))",
    "[x]({{ 'javascript:alert(1)' }})", "[x]({{ 'java' | append: 'script:alert(1)' }})", "[x]({{ 'http' | append: '://evil.example' }})", "[x]({{ customer.first_name }})",
    "[x]({{ customer.first_name }}:alert)", "[x](https://{{ customer.first_name }})", "[x](https://{{ event.reason }}.example/)", "[x](https://shop.example@evil.example)",
    "[x](https://shop.example:pw@evil.example)", "[x](https://shop.example%2f@evil.example)", "[x]( javascript:alert(1) )", "[x](<javascript:alert(1)>)",
    "[x](https://a.example \"onclick=alert(1)\")", "[x](https://a.example '\" onclick=\"alert(1)')", "[{{ order.number }}]({{ order.lines }})", "[x]({{ order }})",
    "[x]({{ order.url | replace: 'https', 'javascript' }})", "{% assign u = 'javascript:x' %}[x]({{ u }})", "{% capture u %}javascript:x{% endcapture %}[x]({{ u }})",
    "[x]({% if order.number %}javascript:x{% endif %})", "[x](#)", "[x]()", "[x](mailto:)", "[x](tel:)", "[x](blob:https://x)", "[x](&#x6A;&#x61;vascript:x)",
]
BODIES = {
    "walks": WALKS, "loaders": LOADERS, "loops": LOOPS, "bombs": BOMBS, "deep": DEEP, "big": BIG, "broken": BROKEN, "raw": RAW, "unicode": UNICODE,
    "markup": MARKUP, "links": LINKS,
}
"""For the body, by what they try."""
LINES = [
    "Hello\r\nBcc: a@evil.example", "Hello\nSubject: other", "Hello\n\n<script>", "Hello{{ '\r\nBcc: a@evil.example' }}", "Hello =?utf-8?q?=0D=0ABcc:_a@evil.example?=",
    "Hello {{ '=?utf-8?q?=0D' | append: '=0ABcc:a@evil.example?=' }}", "Hello {{ '=' | append: '?utf-8?b?DQpCY2M6?=' }}", "Hello\x00", "Hello\u2028Bcc: x", "Hello\x0bBcc: x",
    "Hello\x85Bcc: x", "Hello {{ event.reason }}", "\u202eHello", "Hello {% for i in (1..500) %}x{% endfor %}", "Hello {{ order.lines }}", "Hello {{ order.address | join: '\r\n' }}",
    "Hello {% capture a %}\r\nBcc: a@evil.example{% endcapture %}{{ a }}", "Hello {{ '<script>' }}", "Hello </title><script>alert(1)</script>", "Hello \x1b]0;x\x07", "x" * 600,
    "Hello {{ order.number", "{{ customer.first_name }}", "{% if order.total %}x{% endif %}", "Hello %0d%0aBcc: x", "Hello \\r\\nBcc: x", "Hello \ud800", "Hello </script>",
]
"""For the parts of one line."""

VALUES = [
    "{{ order.total }}", "{% debug %}", "{% include 'a' %}", "{name}", "{number}", "{0}", "{0.__class__}", "{shop!r}", "%(x)s", "%s%n", "${7*7}", "#{7*7}", "<%= 1 %>",
    "[x](javascript:alert(1))", "[x](https://evil.example)", "**bold**", "_x_ `y` ~z~", "# Heading", "> quote", "- item", "1. item", "![x](https://evil.example/a.gif)",
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)", "'><b>x", "<!--", "-->", "]]>", "&lt;b&gt;",
    "&amp;", "&#123;&#123; order.total }}", "javascript:alert(1)", "a\r\nBcc: a@evil.example", "a\nSubject: other", "=?utf-8?q?=0D=0ABcc:a@evil.example?=",
    "=?utf-8?b?DQpCY2M6IGFAZXZpbC5leGFtcGxl?=", "a\x00b", "a\ud800b", "\u202eevil", "\u2066x\u2069", "Z͑ͫ̓ͪ̂ͫ̽A̴̵̜̰͔ͫ͗͢", "👩‍👩‍👧‍👦", "आशा राव", "আশা রাও", "عائشة", "O'Brien & Søn",
    "=HYPERLINK(\"https://evil.example\")", "+1+1", "@SUM(A1)", "-2+3", "|cmd", "lq0z", "lq7z", "x" * 10_000, "<" * 10_000, "क्" * 4_000, "\\", "\\n", "{" * 500, "}}", "{{", "{%", "%}",
    "\u200d", "\u00a0", "null", "None", "undefined", "NaN", "true", "https://evil.example/", "a@evil.example", "+91 98300 00000", "0",
]
"""As a name, a title, an address, a reason, a place …"""
