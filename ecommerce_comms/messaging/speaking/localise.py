"""Facts become the words that a text uses: dates, windows and amounts in the customer's language and time zone."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal, get_currency_precision

from ecommerce_comms.messaging.plain import clean
from ecommerce_comms.zones import zone

MAX_LINES = 20
MAX_SUGGESTIONS = 3
GROUPS = ("customer", "buyer", "recipient", "order", "parcel", "promise", "event", "shop")
LISTS = {"order": ("address", "lines"), "parcel": ("lines",)}
# Rupees and taka are counted in lakhs in English too.
MONEY_LOCALES = {("en", "INR"): "en_IN", ("en", "BDT"): "en_IN"}
# Babel puts the sign behind the amount in Bangladesh, where shops write it before: ৳1,499.
SIGN_FIRST = {"bn": "bn_IN"}
# Hindi and Bengali months are short enough to be written out; their abbreviations look like misprints.
MONTHS = {"en": "abbreviated"}
COMMA = {"hi": ",", "bn": ","}
# What Babel names besides countries: the unknown region, two that exist for trying out only, and unions.
NO_COUNTRY = frozenset({"ZZ", "XA", "XB", "EU", "EZ", "UN", "QO"})


def present(facts: dict[str, Any], language: str, time_zone: str = "UTC") -> dict[str, Any]:
    """A copy of ``facts`` with harmless strings and, beside the raw values, what people read: windows, dates, amounts."""
    # Liquid knows "now" and "today" by itself; a text must not read the machine's clock.
    view: dict[str, Any] = {"now": "", "today": ""}
    for group in GROUPS:
        given = clean(facts.get(group))
        view[group] = given if isinstance(given, dict) else {}
    for group, names in LISTS.items():
        _keep_lists(view[group], names)
    _keep_counts(view["parcel"], ("number", "of"))
    customer = view["customer"]
    both = " ".join(str(customer[part]) for part in ("first_name", "last_name") if part in customer)
    _tell(customer, "name", customer.get("name") or both)
    _tell_country(view["order"], facts.get("order"), language)
    _tell_dates(view, language, time_zone)
    _tell_money(view, language)
    if "suggestions" in facts:
        view["suggestions"] = _suggestions(facts["suggestions"], str(view["order"].get("currency", "")), language)
    return view


def _suggestions(given: Any, currency: str, language: str) -> list[dict[str, Any]]:
    """The few things that a mail may suggest, each with its title, and with a price if that is an amount."""
    things = [_flat(thing) for thing in clean(given if isinstance(given, list) else []) if isinstance(thing, dict)]
    shown = [thing for thing in things if isinstance(thing.get("title"), str)][:MAX_SUGGESTIONS]
    for thing in shown:
        _tell(thing, "price", money(str(thing.get("price", "")), currency.upper(), language))
    return shown


def _tell(group: dict[str, Any], name: str, words: Any) -> None:
    """Set a fact, or leave it out if there are no words for it: to Liquid an empty string is as good as a full one."""
    if words:
        group[name] = words
    else:
        group.pop(name, None)


def _keep_counts(group: dict[str, Any], names: tuple[str, ...]) -> None:
    """Let only whole numbers stand where a text may compare them."""
    for name in names:
        value = str(group.pop(name, ""))
        if value.isdecimal() and int(value[:9]) > 0:
            group[name] = int(value[:9])


def _keep_lists(group: dict[str, Any], names: tuple[str, ...]) -> None:
    """Let only lists stand where a list is meant, and no more lines than a mail can show."""
    for name in names:
        if not isinstance(group.get(name, []), list):
            del group[name]
    if "address" in group:
        _tell(group, "address", [line for line in group["address"] if isinstance(line, str)])
    if "lines" in group:
        lines = [_flat(line) for line in group["lines"] if isinstance(line, dict) and isinstance(line.get("title"), str)]
        left_out = group.get("more_lines")
        _tell(group, "more_lines", (left_out if isinstance(left_out, int) else 0) + max(0, len(lines) - MAX_LINES))
        _tell(group, "lines", lines[:MAX_LINES])


def _tell_country(order: dict[str, Any], given: Any, language: str) -> None:
    """End the address with the country's name instead of its code."""
    order.pop("country", None)
    code = str(order.get("address", [""])[-1])
    # "CA" alone may be a region: where the facts say which country it is, even that it is unknown, their word counts.
    if isinstance(given, dict) and given.get("country", code) == code and (name := country(code, language)):
        order["address"][-1] = name


def _tell_dates(view: dict[str, Any], language: str, time_zone: str) -> None:
    order, event, promise = view["order"], view["event"], view["promise"]
    placed, occurred = (_local_day(str(moment or ""), time_zone) for moment in (order.get("placed_at"), event.get("occurred_at")))
    this_year = (occurred or placed or date.min).year
    told = {
        ("order", "placed_on"): placed and day_of(placed, language, placed.year),
        ("event", "occurred_on"): occurred and day_of(occurred, language, occurred.year),
        ("promise", "window"): window(*_ends(promise, ""), language, this_year),
        ("promise", "was_window"): window(*_ends(promise, "was_"), language, this_year),
    }
    for (group, name), words in told.items():
        _tell(view[group], name, words)


def _flat(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if not isinstance(value, (list, dict))}


def _ends(promise: dict[str, Any], prefix: str) -> tuple[str, str]:
    return str(promise.get(f"{prefix}earliest", "")), str(promise.get(f"{prefix}latest", ""))


def _tell_money(view: dict[str, Any], language: str) -> None:
    order, event = view["order"], view["event"]
    currency = str(order.get("currency", "")).upper()
    _tell(order, "free_shipping", _is_zero(str(order.get("shipping_price", ""))))
    for group, names in ((order, ("total", "shipping_price")), (event, ("amount",))):
        for name in names:
            if name in group:
                _tell(group, name, money(str(group[name]), currency, language))
    for line in [*order.get("lines", ()), *view["parcel"].get("lines", ())]:
        if "price" in line:
            _tell(line, "price", money(str(line["price"]), currency, language))


def _is_zero(amount: str) -> bool:
    try:
        return Decimal(amount) == 0
    except InvalidOperation:
        return False


@lru_cache(maxsize=256)
def locale_of(tag: str) -> Locale:
    """Babel's locale for an IETF tag, or for its language alone; English if it knows neither."""
    for name in (tag, tag.replace("_", "-").partition("-")[0]):
        try:
            return Locale.parse(name.replace("-", "_"))
        except (ValueError, UnknownLocaleError, TypeError):
            continue
    return Locale("en")


@lru_cache(maxsize=2_048)
def country(code: str, language: str) -> str:
    """The name of the country with these two capital letters; nothing if there is none."""
    known = len(code) == 2 and code.isalpha() and code not in NO_COUNTRY
    return str(locale_of(language).territories.get(code, "")) if known else ""


@lru_cache(maxsize=8_192)
def money(amount: str, currency: str, language: str) -> str:
    """``amount`` as people write money; a plain number if the currency is unknown, nothing if it is no amount."""
    try:
        number = Decimal(amount)
    except InvalidOperation:
        return ""
    if not number.is_finite() or abs(number.adjusted()) > 15:
        return ""
    locale = money_locale(currency, language)
    if currency not in Locale("en").currencies:
        return format_decimal(number, locale=locale, decimal_quantization=False)
    shape = _shape(currency, locale)
    return shape.written(number) if shape.fits(number) else _by_babel(number, currency, locale)


def money_locale(currency: str, language: str) -> Locale:
    """Whose way of writing money is taken for ``currency`` in ``language``."""
    locale = locale_of(MONEY_LOCALES.get((language, currency), language))
    return locale_of(SIGN_FIRST.get(locale.language, str(locale)))


def _by_babel(number: Decimal, currency: str, locale: Locale) -> str:
    """As Babel writes it; where it has no sign for the currency, the three letters stand apart from the digits."""
    text = format_currency(number, currency, locale=locale)
    return re.sub(rf"(?<=\d)(?={currency})|(?<={currency})(?=[-\d])", "\u00a0", text)


class Shape(NamedTuple):
    """How amounts of a currency are written, learnt from one that Babel wrote: it takes eight times as long."""

    before: str
    after: str
    point: str
    places: int
    groups: tuple[tuple[int, str], ...]
    """Where a separator stands in the whole part, counted from its end, the leftmost first, and which."""

    def fits(self, number: Decimal) -> bool:
        """Whether ``number`` is written like the example: neither negative nor longer."""
        return not number.is_signed() and number < _EXAMPLE

    def written(self, number: Decimal) -> str:
        """``number`` as an amount; rounded half to even, as by Babel."""
        whole, _, rest = f"{number:.{self.places}f}".partition(".")
        for place, separator in self.groups:
            if len(whole) > place:
                whole = f"{whole[:-place]}{separator}{whole[-place:]}"
        return f"{self.before}{whole}{self.point}{rest}{self.after}"


_EXAMPLE = Decimal("1234567890")
_NUMBER = re.compile(r"\d.*\d", re.DOTALL)


@lru_cache(maxsize=512)
def _shape(currency: str, locale: Locale) -> Shape:
    text = _by_babel(_EXAMPLE, currency, locale)
    found = _NUMBER.search(text)
    assert found, text
    places = get_currency_precision(currency)
    point = found.group()[-places - 1] if places else ""
    whole = found.group()[: -places - 1] if places else found.group()
    after = [(len(re.sub(r"\D", "", whole[index:])), letter) for index, letter in enumerate(whole) if not letter.isdigit()]
    return Shape(text[: found.start()], text[found.end() :], point, places, tuple(after))


@lru_cache(maxsize=8_192)
def window(earliest: str, latest: str, language: str, this_year: int) -> str:
    """Two ISO dates as a window, "Thu 3 – Sat 5 Dec"; one date if they are the same; nothing if there is none."""
    days = sorted({day for day in map(_day, (earliest, latest)) if day})
    if not days:
        return ""
    first, last = days[0], days[-1]
    if first == last:
        return day_of(last, language, this_year)
    same_month = (first.year, first.month) == (last.year, last.month)
    start = day_of(first, language, first.year if first.year == last.year else this_year, month=not same_month)
    return f"{start} – {day_of(last, language, this_year)}"


@lru_cache(maxsize=8_192)
def day_of(day: date, language: str, this_year: int, month: bool = True) -> str:
    """"Thu 3 Dec", with the year if it is another than ``this_year``, or only "Thu 3"."""
    locale = locale_of(language)
    weekday = locale.days["format"]["abbreviated"][day.weekday()]
    text = f"{weekday}{COMMA.get(locale.language, '')} {day.day}"
    if month:
        text += f" {locale.months['format'][MONTHS.get(locale.language, 'wide')][day.month]}"
    return f"{text} {day.year}" if month and day.year != this_year and this_year != date.min.year else text


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


@lru_cache(maxsize=8_192)
def _local_day(moment: str, time_zone: str) -> date | None:
    """The day that the ISO datetime ``moment`` is at the place of ``time_zone``; a naive one is taken as UTC."""
    try:
        when = datetime.fromisoformat(moment)
        aware = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
        return aware.astimezone(zone(time_zone)).date()
    except (ValueError, OverflowError):
        return None
