"""The message log: a list, each message's story, and the pages to send something once more."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.functional import Promise as LazyText
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ecommerce_comms import clock
from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging import answers, channels, resending, tries
from ecommerce_comms.messaging.admin import lists, trail
from ecommerce_comms.messaging.admin.filters import (
    ChannelFilter,
    DayFilter,
    KindFilter,
    LanguageFilter,
    ProviderFilter,
    ReasonFilter,
    RoleFilter,
)
from ecommerce_comms.messaging.admin.replaying import ConfirmForm, FailuresForm, NonceForm, beginning
from ecommerce_comms.messaging.advice import advice
from ecommerce_comms.messaging.models import Attempt, Message
from ecommerce_comms.messaging.resending import Sent
from ecommerce_comms.messaging.speaking import rereading
from ecommerce_comms.messaging.story import doubt, story
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.admin import ReadOnlyAdmin
from ecommerce_comms.orders.kinds import in_words
from ecommerce_comms.zones import here

State = Message.State
TONES: dict[str, str] = {
    State.SENT: "good", State.DELIVERED: "good", State.BOUNCED: "bad", State.COMPLAINED: "bad", State.FAILED: "bad",
}

MAY_RESEND = "ecommerce_comms.resend_message"
AGAIN: dict[Sent, LazyText] = {
    Sent.YES: _("Send once more"), Sent.PERHAPS: _("Send once more"), Sent.NO: _("Send it now"),
}
"""What the button says."""
NEVER: dict[Sent, LazyText] = {
    Sent.YES: _("This message cannot be sent once more."), Sent.PERHAPS: _("This message cannot be sent once more."),
    Sent.NO: _("This message cannot be sent now."),
}
"""What stands where there is no button, before the reason."""
MEANS: dict[Sent, LazyText] = {
    Sent.YES: _("The customer gets the same message a second time, as a new mail."),
    Sent.PERHAPS: _("Nobody knows whether the customer has got this message. If so, they get it a second time, as a new mail."),
    Sent.NO: _("The customer has not got this message yet: it never left. They get it now, as a new mail."),
}

SAYS: dict[bool, LazyText] = {
    True: _("It says again, word for word, what it said before."),
    False: _("Its words are made anew, from the text that is in use now and the facts of then."),
}
"""By whether its words are kept and repeated."""
NOT_KEPT: dict[bool, LazyText] = {
    True: _("What was really sent has not been kept. These words were made just now, from the facts of then and the text in use now."),
    False: _("This is what it would say now. Its words are kept as soon as it is being sent."),
}
"""By whether it was sent."""
NOTHING_LEFT = _("Nothing is kept of what it said.")


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was said, will be said or was not said, and why."""

    list_display = ("what", "became", "tried", "when", "order", "to")
    list_filter = (
        "state", ReasonFilter, KindFilter, DayFilter, ChannelFilter, RoleFilter, "purpose", ProviderFilter, LanguageFilter,
        "possible_duplicate",
    )
    search_fields = ("recipient",)
    search_help_text = _("A whole e-mail address, order number, tracking number or Message-ID.")
    # By key, which is by the time of the decision: no other order has an index, and the table is the largest of all.
    ordering = ("-pk",)
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = lists.ShortPaginator
    actions = ("send_again",)
    readonly_fields = ("what", "channel", "verdict", "outcome", "whole_story", "text", "last_answer")
    fieldsets: ClassVar = [
        (None, {"fields": ("verdict", "what", "order", "parcel", "customer", "role", "channel", "recipient", "language")}),
        (_("What happened, step by step"), {"fields": ("whole_story",)}),
        (_("What it says"), {"fields": ("text",)}),
        (_("How it was sent"), {"classes": ("collapse",), "fields": (
            "outcome", "decided_at", "due_at", "expires_at", "sent_at", "purpose", "event", "message_id", "provider",
            "provider_message_id", "answer", "possible_duplicate", "attempts", "last_answer", "text_source", "repeats", "instead_of",
        )}),
    ]

    @admin.display(description=_("message"))
    def what(self, message: Message) -> str:
        """The kind, in words."""
        return in_words(message.kind)

    @admin.display(description=_("channel"))
    def channel(self, message: Message) -> str:
        """The channel, in words."""
        return channels.in_words(message.backend)

    @admin.display(description=_("what became of it"))
    def outcome(self, message: Message) -> str:
        """The state and its reason."""
        said = [message.get_state_display(), message.get_reason_display() if message.reason else ""]
        was_sent = resending.was_sent(message) == Sent.YES
        doubt = _("may have arrived twice") if was_sent else _("may have arrived already")
        return ": ".join(str(part) for part in said if part) + (f" ({doubt})" if message.possible_duplicate else "")

    @admin.display(description=_("what became of it"))
    def became(self, message: Message) -> SafeString | str:
        """The outcome, and what was said the last time if that was no yes."""
        last = None if message.sent_at else tries.of(message).last
        if last is None:
            return self.outcome(message)
        said = answers.answer(last.answer, last.provider, last.outcome).sentence
        return format_html('{}<br><span class="comms-note">{}</span>', self.outcome(message), said)

    @admin.display(description=_("to"))
    def to(self, message: Message) -> SafeString | str:
        """The address; and by which channel and for whom, where it is not an e-mail to the customer."""
        said = [channels.in_words(message.backend)] if message.backend != channels.EMAIL else []
        said += [message.get_role_display()] if message.role else []
        note = " · ".join(map(str, said))
        return format_html('{}<br><span class="comms-note">{}</span>', message.recipient, note) if note else message.recipient

    @admin.display(description=_("tries"))
    def tried(self, message: Message) -> str:
        """How often it was tried."""
        number = tries.of(message).number
        return ngettext("%d try", "%d tries", number) % number if number else str(_("not tried"))

    @admin.display(description=_("last error"))
    def last_answer(self, message: Message) -> SafeString | str:
        """In plain words, and after them the other side's own."""
        if not message.last_error:
            return "–"
        last = tries.of(message).last
        said = answers.answer(message.last_error, message.provider, last.outcome if last else Attempt.Outcome.TRANSIENT)
        return format_html('{} <q class="comms-note"><small>{}</small></q>', said.sentence, said.raw)

    @admin.display(description=_("when"))
    def when(self, message: Message) -> str:
        """When it was sent; before that, when it is due."""
        return date_format(here(message.sent_at or message.due_at), "j M Y, H:i")

    @admin.display(description=_("why"))
    def verdict(self, message: Message) -> SafeString:
        """In one plain sentence why it was or was not sent, and what can be done."""
        said = advice(message)
        return format_html('<div class="comms-verdict comms-{}"><strong>{}</strong> <span>{}</span></div>',
                           TONES.get(message.state, "plain"), said.why, said.todo)

    @admin.display(description=_("story"))
    def whole_story(self, message: Message) -> SafeString:
        """From the fact to the last notice of the provider."""
        lines = [(line, self._address(*line.link) if line.link else "") for line in story(message)]
        return render_to_string("ecommerce_comms/admin/story.html", {"lines": lines, "doubt": doubt(message)})

    @admin.display(description=_("text"))
    def text(self, message: Message) -> SafeString:
        """What the customer read or heard on its channel, in the words that were kept; where there are none, what it would say now."""
        try:
            made = rereading.reread(message)
        except TemplateError as error:
            return format_html("{}", NOTHING_LEFT if not message.facts else error.detail)
        note = "" if made.is_kept else NOT_KEPT[bool(message.sent_at)]
        return format_html('{}<pre class="comms-text" lang="{}">{}</pre>', format_html("<p>{}</p>", note) if note else "",
                           message.language, rereading.as_read(message, made))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Without what is long and only one page shows; with the tries, which the list counts."""
        return super().get_queryset(request).select_related("order").defer("facts", "words", "order__snapshot").prefetch_related("tries")

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether the user may send something once more, which takes a permission of its own."""
        return request.user.has_perm(MAY_RESEND)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Whole words only, so that each search uses an index."""
        return (queryset.filter(lists.found(search_term)) if search_term.strip() else queryset), False

    def get_urls(self) -> list[URLPattern]:
        """The admin's own pages, and two more."""
        wrap = self.admin_site.admin_view
        return [
            path("failures/", wrap(self.failures_view), name="ecommerce_comms_message_failures"),
            path("<int:pk>/resend/", wrap(self.resend_view), name="ecommerce_comms_message_resend"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with ways to the failures and to the health page for whoever may go there."""
        return super().changelist_view(request, {**(extra_context or {}), "may_act": self.has_act_permission(request), "most": lists.MOST})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], add: bool = False, change: bool = False, form_url: str = "",
        obj: Message | None = None,
    ) -> HttpResponse:
        """The story, with a way to send the message again, or why there is none."""
        if obj is not None:
            context |= {"text_key": texts.key(obj.kind, obj.role), "text_language": texts.best_language(obj.language)}
        if obj is not None and self.has_act_permission(request):
            sent = resending.was_sent(obj)
            context |= {"may_act": True, "refusal": resending.refusal(obj), "again": AGAIN[sent], "never": NEVER[sent]}
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.action(description=_("Try again what was given up …"), permissions=["act"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> HttpResponse:
        """Show what trying the chosen messages again would do."""
        keys = queryset.filter(state=State.FAILED).order_by("pk").values_list("pk", flat=True)[: resending.MOST]
        return self._failures(request, FailuresForm({**beginning(), "keys": ",".join(map(str, keys)) or "0"}))

    def failures_view(self, request: HttpRequest) -> HttpResponseBase:
        """What was given up and could be tried again; a POST with the digest of what was shown does it."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._failures(request, FailuresForm({**beginning(), **request.GET.dict()}))
        form, confirmed = FailuresForm(request.POST), ConfirmForm(request.POST)
        if not (form.is_valid() and confirmed.is_valid()):
            return self._failures(request, form)
        shown = resending.preview(form.selection())
        if shown.digest != confirmed.cleaned_data["digest"]:
            self.message_user(request, _("Something has changed meanwhile, so nothing was sent. Please look again."), messages.WARNING)
            return self._failures(request, form)
        return self._replayed(request, shown.chosen(doubtful=confirmed.cleaned_data["doubtful"], old=confirmed.cleaned_data["old"]))

    def _failures(self, request: HttpRequest, form: FailuresForm) -> HttpResponse:
        shown = resending.preview(form.selection()) if form.is_valid() else None
        context = {"title": _("Try failures again"), "form": form, "shown": shown, "most": resending.MOST}
        return self._page(request, "ecommerce_comms/admin/failures.html", context)

    def _replayed(self, request: HttpRequest, wanted: list[int]) -> HttpResponse:
        count = resending.replay(wanted, request.user.get_username())
        trail.note(request, Message.objects.filter(pk__in=wanted).only("kind"), "Tried again after it was given up.")
        text = ngettext("%d message will be sent again.", "%d messages will be sent again.", count) % count
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:ecommerce_comms_message_changelist", current_app=self.admin_site.name))

    def resend_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """One message once more: to whom and with which subject it goes is shown before it is sent."""
        if not (self.has_act_permission(request) and self.has_view_permission(request)):
            raise PermissionDenied
        message = Message.objects.select_related("order", "customer").filter(pk=pk).first()
        if message is None:
            raise Http404
        form = NonceForm(request.POST) if request.method == "POST" else NonceForm.fresh()
        if request.method == "POST" and form.is_valid():
            return self._resent(request, message, form.cleaned_data["nonce"])
        sent = resending.was_sent(message)
        means = f"{MEANS[sent]} {SAYS[resending.repeats_words(message)]}"
        context = {
            "title": AGAIN[sent], "never": NEVER[sent], "means": means, "refusal": resending.refusal(message),
            "form": NonceForm.fresh(), "message": message, "what": in_words(message.kind), "text": self.text(message),
            "subject": message.subject, "is_old": bool(message.expires_at and message.expires_at < clock.now()),
        }
        return self._page(request, "ecommerce_comms/admin/resend.html", context)

    def _resent(self, request: HttpRequest, message: Message, nonce: str) -> HttpResponse:
        try:
            again = resending.resend(message, nonce)
        except ValueError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(self._address("message", message.pk))
        trail.note(request, [message], "Sent once more.")
        self.message_user(request, _("It is in the queue and leaves in a moment; this is its own page."), messages.SUCCESS)
        return HttpResponseRedirect(self._address("message", again.pk))

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context})

    def _address(self, model: str, pk: int) -> str:
        return reverse(f"admin:ecommerce_comms_{model}_change", args=[pk], current_app=self.admin_site.name)
