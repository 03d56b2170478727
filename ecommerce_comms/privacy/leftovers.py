"""Texts that may quote a person though they are about something else: Django's admin log, a provider's last error, spooled files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import DatabaseError, InterfaceError
from django.db.models import Model, QuerySet

from ecommerce_comms import masking
from ecommerce_comms.masking import hide
from ecommerce_comms.orders import spool
from ecommerce_comms.privacy.subjects import chunks

log = masking.logger(__name__)
NAMELESS = "–"
"""What stands for a row's name when it was that of a person."""


def clean_admin_log(rows: Mapping[type[Model], Sequence[int]], words: set[str]) -> int:
    """Take people out of the admin's log; returns how many entries were changed.

    Entries about ``rows`` (keys by model), which are named after the person, lose their names; in all other entries about the
    app's tables ``words`` are hidden. Does nothing where the admin is not installed.
    """
    if not apps.is_installed("django.contrib.admin"):
        return 0
    entries: QuerySet[Any] = apps.get_model("admin", "LogEntry")._default_manager.filter(content_type__app_label="ecommerce_comms")
    changed = 0
    for model, pks in rows.items():
        about = entries.filter(content_type__model=model._meta.model_name).exclude(object_repr=NAMELESS, change_message="")
        changed += sum(each.update(object_repr=NAMELESS, change_message="") for each in chunks(about, "object_id", list(map(str, pks))))
    # The admin keeps what was changed as JSON, in which letters outside of ASCII are escaped.
    return changed + hide_in(entries, ("object_repr", "change_message"), words | _escaped(words))


def hide_in(rows: QuerySet[Any], fields: Sequence[str], words: set[str]) -> int:
    """Hide ``words`` in the text ``fields`` of ``rows``; returns how many rows were changed."""
    changed = 0
    for row in rows.only(*fields).iterator() if words else ():
        new = {name: hide(getattr(row, name), words) for name in fields}
        if any(getattr(row, name) != text for name, text in new.items()):
            changed += rows.model._default_manager.filter(pk=row.pk).update(**new)
    return changed


def read_spool() -> None:
    """Bring the facts that wait in files of this host into the database, if it takes them."""
    try:
        spool.read_back()
    except (DatabaseError, InterfaceError):
        log.exception("Facts in %s could not be read back; the person is taken out of them when they are processed.", spool.folder())


def clean_spool(words: set[str]) -> int:
    """Delete files that nobody could read back and that quote the person; returns how many."""
    quoting = [path for path in spool.folder().glob("*.unreadable") if _quotes(path.read_text(encoding="utf-8", errors="replace"), words)]
    for path in quoting:
        path.unlink(missing_ok=True)
    return len(quoting)


def _quotes(text: str, words: set[str]) -> bool:
    return hide(text, words | _escaped(words)) != text


def _escaped(words: set[str]) -> set[str]:
    """``words`` as JSON writes them in ASCII."""
    return {json.dumps(word)[1:-1] for word in words}
