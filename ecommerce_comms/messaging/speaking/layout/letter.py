"""The same message in plain text, for people who read mail that way and for the mail's text part."""

from __future__ import annotations

import re

from ecommerce_comms.messaging.speaking.layout.parts import Facts, Parts, Said

WIDTH = 74
_GAPS = re.compile(r"\n[ \t]*\n\s*\n")


def letter(parts: Parts, words: Said) -> str:
    """The whole letter. ``words.letter`` may hold lines of any length."""
    blocks = [
        words.heading,
        words.greeting,
        words.letter,
        _window(parts),
        f"{words.action}:\n{parts.link}" if words.action and parts.link else "",
        _listed(parts.parcel_title, [f"{label}: {value}" for label, value, _ in parts.tracking]),
        _listed(parts.items_title, _items(parts)),
        _listed(parts.labels["address"], parts.address),
        _listed(parts.labels["suggestions"], [line for thing in parts.suggestions for line in _suggested(thing)]),
        "\n".join(["--", *parts.footer, *([f"{parts.labels['unsubscribe']}: {parts.unsubscribe}"] if parts.unsubscribe else [])]),
    ]
    text = "\n\n".join(block for block in blocks if block)
    return wrap(_GAPS.sub("\n\n", text)).strip() + "\n"


def wrap(text: str) -> str:
    """``text`` with lines of at most 74 characters where there are blanks to break at; an address stays whole."""
    lines = text.split("\n")
    if max(map(len, lines)) <= WIDTH and " \n" not in text and "\t" not in text:
        return text.rstrip(" ")
    return "\n".join(_wrapped(line) if len(line) > WIDTH else line.rstrip() for line in lines)


def _wrapped(line: str) -> str:
    start = line[: len(line) - len(line.lstrip(" "))]
    hang = start + ("  " if line.startswith("- ", len(start)) else "")
    done: list[str] = []
    current = start
    for word in line.split():
        if current.strip() and word != "–" and len(current) + len(word) > WIDTH:
            done.append(current.rstrip())
            current = hang
        current += f"{word} "
    return "\n".join([*done, current.rstrip()])


def _window(parts: Parts) -> str:
    if not parts.window:
        return ""
    before = f"\n{parts.labels['before']} {parts.was_window}" if parts.was_window else ""
    return f"{parts.window_label}: {parts.window}{before}"


def _items(parts: Parts) -> list[str]:
    if not parts.lines:
        return []
    prices = parts.shape.prices
    rows = [f"- {line.get('quantity', 1)} × {line['title']}{_price(line.get('price')) if prices else ''}" for line in parts.lines]
    return [*rows, *([parts.more] if parts.more else []), *(f"{label}: {amount}" for label, amount, _ in parts.sums)]


def _suggested(thing: Facts) -> list[str]:
    return [f"- {thing['title']}{_price(thing.get('price'))}", *([f"  {thing['url']}"] if "url" in thing else [])]


def _price(price: str | None) -> str:
    return f", {price}" if price else ""


def _listed(title: str, lines: list[str]) -> str:
    return "\n".join([title, *lines]) if lines else ""
