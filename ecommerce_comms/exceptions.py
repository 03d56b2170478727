"""Every error that the app raises on purpose.

The docstring of an error is its message; what differs from case to case is given when it is raised.
A configuration mistake is Django's ``ImproperlyConfigured`` and stays outside this family, so that
``except CommsError`` never hides it.
"""

from __future__ import annotations


class CommsError(Exception):
    """Something went wrong in ecommerce_comms."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        headline = (type(self).__doc__ or "").strip().splitlines()[0]
        return f"{headline} {self.detail}".strip()


class AdapterError(CommsError, ValueError):
    """The shop's order could not be read through the order adapter."""


class UnknownKind(CommsError, ValueError):
    """No such kind of event."""


class TemplateError(CommsError, ValueError):
    """A message template cannot be used."""

    def __init__(self, detail: str = "", *, line: int = 0, column: int = 0) -> None:
        super().__init__(detail)
        self.line, self.column = line, column
        """Where in its source, counted from 1; 0 if that is not known."""


class WrongPurpose(CommsError, ValueError):
    """A message has another purpose than its kind."""


class DeliveryError(CommsError):
    """A message could not be handed over."""

    code: int | None = None
    """The server's reply code (SMTP or HTTP), if it gave one."""
    blames_provider = False
    """It is the provider that does not work, not this message: another provider may be asked."""


class TransientDeliveryError(DeliveryError):
    """A message could not be handed over now; trying again later may succeed."""

    uncertain = False
    """The other side may have taken it over all the same."""
    retry_after: float | None = None
    """How many seconds the other side asked us to wait."""


class PermanentDeliveryError(DeliveryError):
    """A message was refused for good."""

    bad_address = False
    """Because the address does not exist: nothing is sent to it any more."""


class BadRow(CommsError, ValueError):
    """A row of the order history cannot be played."""


class HistoryError(CommsError, ValueError):
    """The order history cannot be played."""


class UnknownPerson(CommsError, LookupError):
    """Nothing is kept of this person."""


class AmbiguousPerson(CommsError, LookupError):
    """Several people may be meant."""
