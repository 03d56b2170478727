"""What the app keeps of a shop's order: frozen, plain data, the same in the database, in tasks and in templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from ecommerce_comms.exceptions import AdapterError


def _plain(value: Any) -> Any:
    """``value`` as JSON can hold it."""
    if isinstance(value, Snapshot):
        return value.to_json()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A frozen dataclass that goes to plain JSON and back. What may tell who a person is does not stand in its ``repr``."""

    def to_json(self) -> dict[str, Any]:
        """The snapshot as plain JSON data; fields that are empty are left out."""
        data: dict[str, Any] = {}
        for name in _readers(type(self)):
            value = getattr(self, name)
            if type(value) not in _AS_IS:
                value = _plain(value)
            if value not in _EMPTY:
                data[name] = value
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The snapshot that ``data`` describes; raises ``AdapterError`` for what does not fit. Unknown names are ignored."""
        readers = _readers(cls)
        try:
            return cls(**{name: read(value) if (read := readers[name]) else value for name, value in data.items() if name in readers})
        except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise AdapterError(f"{cls.__name__}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class AddressSnapshot(Snapshot):
    """Where a parcel goes, as the customer wrote it."""

    name: str = field(default="", repr=False)
    lines: tuple[str, ...] = field(default=(), repr=False)
    postcode: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    region: str = field(default="", repr=False)
    country: str = ""
    """ISO 3166 alpha-2, upper case; empty if unknown."""
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)
    """In degrees, where the shop knows them: arrival dates get better with the distance."""


@dataclass(frozen=True, kw_only=True)
class CustomerSnapshot(Snapshot):
    """Who ordered."""

    reference: str = ""
    """The shop's key of the customer's account; empty for a guest."""
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    language: str = ""
    """IETF tag such as ``hi`` or ``pt-BR``; empty if unknown."""
    time_zone: str = ""
    """IANA name; empty if unknown."""
    channels: dict[str, list[str]] = field(default_factory=dict, hash=False)
    """What the customer chose when asked: channels in the order preferred, by topic, as ``{"orders": ["sms", "email"], "offers": []}``."""
    call_times: str = ""
    """When a call suits, by the customer's own clock, such as ``18:00-20:00``; empty if unknown."""


@dataclass(frozen=True, kw_only=True)
class RecipientSnapshot(Snapshot):
    """Somebody besides the customer who is told of the parcel, and nothing of its price."""

    RECEIVER: ClassVar[str] = "receiver"
    ROLES: ClassVar[tuple[str, ...]] = ("receiver", "desk")

    role: str
    """``receiver``: who gets a gift, and is not told what it is; ``desk``: who takes parcels in for a business."""
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    language: str = ""
    """IETF tag; empty: that of the order."""
    time_zone: str = ""
    channels: tuple[str, ...] = ()
    """In the order preferred; empty: the shop's usual ones."""


@dataclass(frozen=True, kw_only=True)
class LineSnapshot(Snapshot):
    """One line of an order, or of a parcel."""

    reference: str = ""
    sku: str = ""
    title: str = field(default="", repr=False)
    quantity: int = 1
    price: Decimal | None = None
    """Price of the whole line, tax included, in the order's currency."""
    url: str = field(default="", repr=False)
    image_url: str = field(default="", repr=False)
    origin: str = ""
    """Code of the warehouse, or key of the seller, from which it leaves; empty: the shop's usual warehouse."""
    weight_kg: Decimal | None = None
    """Weight of the whole line."""
    category: str = ""


@dataclass(frozen=True, kw_only=True)
class ParcelSnapshot(Snapshot):
    """One parcel of an order."""

    reference: str = "1"
    """The shop's key of the parcel, unique within its order."""
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    tracking_url: str = field(default="", repr=False)
    lines: tuple[LineSnapshot, ...] = ()
    """What is in it; empty means everything."""
    of: int = 0
    """How many parcels the order has in all; 0 if the shop does not know."""
    origin: str = ""
    """Code of the warehouse, or key of the seller, from which it left; empty: as its lines say."""


@dataclass(frozen=True, kw_only=True)
class OrderSnapshot(Snapshot):
    """An order as the shop knew it at one moment."""

    reference: str
    """The shop's key of the order, as text."""
    number: str = ""
    """What the customer calls it; the reference, if empty."""
    placed_at: datetime | None = None
    customer: CustomerSnapshot = field(default_factory=CustomerSnapshot)
    address: AddressSnapshot = field(default_factory=AddressSnapshot)
    lines: tuple[LineSnapshot, ...] = ()
    currency: str = ""
    """ISO 4217."""
    total: Decimal | None = None
    """What the customer pays, tax and shipping included."""
    shipping_price: Decimal | None = None
    shipping_option: str = ""
    """Code of the shipping option that the customer chose."""
    promised_earliest: date | None = None
    promised_latest: date | None = None
    """The arrival window that the customer was shown when ordering, as days at the destination."""
    quote: str = field(default="", repr=False)
    """``Option.token`` of the option that the customer chose: the window as it was quoted, with its confidence and reason."""
    site: str = ""
    """Name of the shop, where one database serves several."""
    url: str = field(default="", repr=False)
    """The order's page, absolute."""
    retry_payment_url: str = field(default="", repr=False)
    recipients: tuple[RecipientSnapshot, ...] = ()
    """Who else is told of the parcels."""
    disputed: bool = False
    """A claim or charge-back is open."""

    def __post_init__(self) -> None:
        if not self.reference:
            raise AdapterError("OrderSnapshot.reference is empty; the adapter must give the order's key.")
        if self.placed_at is not None and self.placed_at.tzinfo is None:
            raise AdapterError(f"OrderSnapshot.placed_at of order {self.reference} is naive; give an aware datetime.")


def _readers(kind: type[Snapshot]) -> Readers:
    """How each field of a snapshot is read; ``None`` for those that are themselves in JSON."""
    if kind not in _known:
        _known[kind] = {item.name: READERS.get((kind.__name__, item.name)) for item in fields(kind)}
    return _known[kind]


Readers = dict[str, Callable[[Any], Any] | None]
_known: dict[type[Snapshot], Readers] = {}
_AS_IS = frozenset({str, bool, int, float})
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def _lines(value: list[dict[str, Any]]) -> tuple[LineSnapshot, ...]:
    return tuple(item if isinstance(item, LineSnapshot) else LineSnapshot.from_json(item) for item in value)


def _recipients(value: list[dict[str, Any]]) -> tuple[RecipientSnapshot, ...]:
    return tuple(item if isinstance(item, RecipientSnapshot) else RecipientSnapshot.from_json(item) for item in value)


READERS: dict[tuple[str, str], Any] = {
    ("AddressSnapshot", "lines"): tuple,
    ("AddressSnapshot", "latitude"): float,
    ("AddressSnapshot", "longitude"): float,
    ("CustomerSnapshot", "channels"): dict,
    ("RecipientSnapshot", "channels"): tuple,
    ("LineSnapshot", "price"): Decimal,
    ("LineSnapshot", "weight_kg"): Decimal,
    ("LineSnapshot", "quantity"): int,
    ("ParcelSnapshot", "lines"): _lines,
    ("OrderSnapshot", "placed_at"): datetime.fromisoformat,
    ("OrderSnapshot", "customer"): CustomerSnapshot.from_json,
    ("OrderSnapshot", "address"): AddressSnapshot.from_json,
    ("OrderSnapshot", "lines"): _lines,
    ("OrderSnapshot", "recipients"): _recipients,
    ("OrderSnapshot", "total"): Decimal,
    ("OrderSnapshot", "shipping_price"): Decimal,
    ("OrderSnapshot", "promised_earliest"): date.fromisoformat,
    ("OrderSnapshot", "promised_latest"): date.fromisoformat,
}
"""How a field's JSON form becomes the field again, where it is not itself."""
