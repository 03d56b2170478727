"""The history of one text: every version, what differs, and the way back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ecommerce_comms.editor import kinds, trail
from ecommerce_comms.editor.rights import Rights
from ecommerce_comms.messaging.editing import versions
from ecommerce_comms.messaging.editing.versions import NotPublishable
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.orders.kinds import in_words


def page(request: HttpRequest, common: dict[str, Any], kind: str, language: str) -> HttpResponse:
    """The versions, newest first."""
    rights = Rights.of(request)
    rights.need("view")
    template = Template.objects.filter(kind=kind, language=language).first()
    before, undo = (_number(request.GET.get(name, "")) for name in ("before", "undo"))
    entries = versions.history(template, before) if template else []
    context = {
        **common, "title": _("History: %(what)s, %(language)s") % {"what": in_words(kind), "language": kinds.language_name(language)},
        "kind": kind, "language": language, "template": template, "entries": entries, "rights": rights, "undo": undo,
        "older": entries[-1].version.number if entries and entries[-1].version.number > 1 else 0,
    }
    return TemplateResponse(request, "ecommerce_comms/editor/history.html", context)


def use(request: HttpRequest, kind: str, language: str, number: int) -> HttpResponse:
    """Use the words of version ``number`` again."""
    Rights.of(request).need("publish")
    template = Template.objects.filter(kind=kind, language=language).first()
    version = template.versions.filter(number=number).first() if template else None
    if template is None or version is None:
        raise Http404
    was = template.version if template.is_active else 0
    address = reverse("admin:ecommerce_comms_template_history_page", args=[kind, language])
    try:
        again = versions.roll_back(version, str(request.user.get_username()))
    except NotPublishable as refused:
        messages.error(request, _("Version %(number)d cannot be used again: %(why)s") % {"number": number, "why": refused.detail})
        return HttpResponseRedirect(address)
    trail.note(request, kind, language, f"Published version {again.number}, with the words of version {number}.")
    said = _("The words of version %(old)d are in use again, as version %(new)d.") % {"old": number, "new": again.number}
    messages.success(request, said)
    return HttpResponseRedirect(f"{address}?undo={was}" if was else address)


def _number(given: str) -> int | None:
    return int(given) if given.isdecimal() and len(given) < 9 else None
