"""A dotted path in a setting becomes a checked, kept object."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

T = TypeVar("T")
_kept: dict[tuple[str, type[Any]], Any] = {}


def load(path: str, base: type[T], setting: str) -> T:
    """The object at ``path``: an instance of ``base``, or a subclass of it, which is made without arguments.

    ``setting`` names where the path was read, for the error. Raises ``ImproperlyConfigured``.
    """
    key = (path, base)
    if key not in _kept:
        _kept[key] = _make(path, base, setting)
    return _kept[key]  # type: ignore[no-any-return]


def is_a(path: object, base: type[Any]) -> bool:
    """Whether the object at ``path`` is an instance of ``base`` or a subclass of it; one that cannot be imported is not."""
    try:
        found = import_string(path) if isinstance(path, str) else None
    except ImportError:
        return False
    return issubclass(found, base) if isinstance(found, type) else isinstance(found, base)


def forget() -> None:
    """Drop every kept object: settings have changed."""
    _kept.clear()


def _make(path: str, base: type[T], setting: str) -> T:
    try:
        found = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f"{setting}: {path!r} cannot be imported: {error}") from error
    made = found() if isinstance(found, type) and issubclass(found, base) else found
    if not isinstance(made, base):
        raise ImproperlyConfigured(f"{setting}: {path!r} is neither a subclass nor an instance of {base.__module__}.{base.__name__}.")
    return made
