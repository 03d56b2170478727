"""The call list: whom to call now, what to say, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from ecommerce_comms import clock
from ecommerce_comms.contact import closing, rounds, scripts, working
from ecommerce_comms.contact.forms import OutcomeForm
from ecommerce_comms.contact.listing import Row, call_list
from ecommerce_comms.contact.models import CallbackRequest, CallTry
from ecommerce_comms.exceptions import BadCallback, CallTaken
from ecommerce_comms.messaging.admin.filters import KindFilter
from ecommerce_comms.orders.admin import ReadOnlyAdmin

State, Outcome = CallbackRequest.State, CallTry.Outcome
BUTTONS = (Outcome.REACHED, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.VOICEMAIL, Outcome.WRONG_NUMBER)
"""The outcomes that need nothing but a press; the one with a time has a form of its own."""


@admin.register(CallbackRequest)
class CallbackRequestAdmin(ReadOnlyAdmin):
    """All call-backs there ever were, to look at; and the list that is worked off."""

    change_list_template = "ecommerce_comms/admin/call_archive.html"
    change_form_template = "ecommerce_comms/admin/call_change.html"
    list_display = ("__str__", "order", "state", "ending", "tries", "call_after", "created_at")
    list_filter = ("state", "ending", "by", "created_at", KindFilter)
    search_fields = ("name", "number", "order__number", "order__reference")
    list_select_related = ("order",)
    show_full_result_count = False
    ordering = ("-pk",)
    readonly_fields = ("about", "history")
    fieldsets: ClassVar = [
        (None, {"fields": ("name", "number", "about", "reason", "order", "message", "customer", "state", "ending")}),
        (_("Calls"), {"fields": ("history",)}),
        (_("When"), {"fields": ("call_after", "call_before", "time_zone", "wishes", "language", "taken_by", "created_at", "closed_at")}),
        (_("What to say"), {"classes": ("collapse",), "fields": ("text",)}),
    ]

    @admin.display(description=_("about"))
    def about(self, item: CallbackRequest) -> str:
        """In words."""
        return f"{item.about} ({item.get_by_display()})"

    @admin.display(description=_("calls"))
    def history(self, item: CallbackRequest) -> SafeString:
        """Each call, and what came of it."""
        return render_to_string("ecommerce_comms/admin/call_history.html", {"calls": _calls(item)})

    def get_urls(self) -> list[URLPattern]:
        """The list, the page of one call, and its buttons."""
        pages: dict[str, tuple[Callable[..., HttpResponseBase], str]] = {
            "call-list/": (self.list_view, "calls"), "call-list/<int:pk>/": (self.call_view, "call"),
            "call-list/<int:pk>/take/": (self.take_view, "call_take"), "call-list/<int:pk>/back/": (self.back_view, "call_back"),
            "call-list/<int:pk>/outcome/": (self.outcome_view, "call_outcome"),
        }
        own = [path(route, self.admin_site.admin_view(view), name=f"ecommerce_comms_{name}") for route, (view, name) in pages.items()]
        return [*own, *super().get_urls()]

    def has_work_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may work off the list."""
        return request.user.has_perm("ecommerce_comms.work_call_list")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever works off the list may look at what was."""
        return super().has_view_permission(request, obj) or self.has_work_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All of them, with the way to the list for whoever may work it off."""
        return super().changelist_view(request, {**(extra_context or {}), "may_work": self.has_work_permission(request)})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One of them, with the same."""
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "may_work": self.has_work_permission(request)})

    def list_view(self, request: HttpRequest) -> HttpResponse:
        """Whom to call now, and whom later."""
        self._require_work(request)
        rounds.look_after()
        calls = call_list(request.user, clock.now())
        return self._page(request, "call_list", title=_("Call list"), calls=calls, now=clock.now())

    def call_view(self, request: HttpRequest, pk: int, form: OutcomeForm | None = None) -> HttpResponse:
        """One call: the number, what to say, and what came of it."""
        item = self._item(request, pk)
        is_mine = item.state == State.TAKEN and item.taken_by_id == request.user.pk
        return self._page(
            request, "call", title=_("Call %(name)s") % {"name": item.name or item.about}, item=item, row=Row(item, clock.now()),
            is_mine=is_mine, is_waiting=item.state == State.WAITING, parts=scripts.parts(item), calls=_calls(item),
            form=form or OutcomeForm(item), outcomes=[(each.value, each.label) for each in BUTTONS], again=Outcome.AGAIN,
            unneeded=closing.why_unneeded(item) if item.state in closing.OPEN else "",
        )

    @method_decorator(require_POST)
    def take_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make it one's own."""
        item = self._item(request, pk)
        try:
            working.take(item, request.user, early="early" in request.POST)
        except CallTaken as error:
            self.message_user(request, str(error), messages.WARNING)
            return HttpResponseRedirect(self._address("calls"))
        return HttpResponseRedirect(self._address("call", pk))

    @method_decorator(require_POST)
    def back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put it back without a call."""
        if working.give_back(self._item(request, pk), request.user):
            self.message_user(request, _("It is back on the list."), messages.SUCCESS)
        return HttpResponseRedirect(self._address("calls"))

    @method_decorator(require_POST)
    def outcome_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note what came of the call."""
        item = self._item(request, pk)
        form = OutcomeForm(item, request.POST)
        if not form.is_valid():
            return self.call_view(request, pk, form)
        try:
            after = working.note(item, user=request.user, **form.cleaned_data)
        except BadCallback as error:
            form.add_error("again_at", error.detail)
            return self.call_view(request, pk, form)
        except CallTaken as error:
            self.message_user(request, str(error), messages.WARNING)
        else:
            self._note(request, item, form.cleaned_data["outcome"])
            self.message_user(request, _what_next(after), messages.SUCCESS)
        return HttpResponseRedirect(self._address("calls"))

    def _require_work(self, request: HttpRequest) -> None:
        if not self.has_work_permission(request):
            raise PermissionDenied

    def _item(self, request: HttpRequest, pk: int) -> CallbackRequest:
        self._require_work(request)
        item = CallbackRequest.objects.select_related("order", "message", "taken_by").filter(pk=pk).first()
        if item is None:
            raise Http404
        return item

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return TemplateResponse(
            request, f"ecommerce_comms/admin/{template}.html", {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )

    def _address(self, name: str, *args: Any) -> str:
        return reverse(f"admin:ecommerce_comms_{name}", args=args, current_app=self.admin_site.name)

    def _note(self, request: HttpRequest, item: CallbackRequest, outcome: str) -> None:
        """The admin's history: it outlives a customer's wish to be forgotten, so no name is written down."""
        LogEntry.objects.create(
            user_id=int(request.user.pk or 0), content_type=ContentType.objects.get_for_model(CallbackRequest), object_id=str(item.pk),
            object_repr=item.about[:200], action_flag=CHANGE, change_message=f"Called: {outcome}.",
        )


def _calls(item: CallbackRequest) -> list[CallTry]:
    return list(item.calls.select_related("by").order_by("number"))


def _what_next(item: CallbackRequest) -> str:
    """What follows from a call that was noted."""
    if item.state == State.WAITING:
        return str(_("Noted. It comes up again on %(when)s.") % {"when": Row(item, clock.now()).after})
    if item.state == State.GIVEN_UP and item.message_id:
        return str(_("Noted. Nobody is called about it any more; if the customer can be reached in another way, that is tried next."))
    return str(_("Noted. This call is done."))
