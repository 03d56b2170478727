"""The message log, and the merchant's own texts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.messaging import linting, outbox, rendering, texts
from ecommerce_comms.messaging.models import Message, Template
from ecommerce_comms.orders.admin import ReadOnlyAdmin
from ecommerce_comms.orders.kinds import in_words
from ecommerce_comms.zones import here


class KindFilter(admin.SimpleListFilter):
    """Filters by kind of message, in words."""

    title = _("message")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Every kind that there is a text for."""
        return [(kind, in_words(kind)) for kind in texts.KINDS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was said, will be said or was not said, and why."""

    list_display = ("what", "order", "recipient", "outcome", "when")
    list_filter = ("state", "reason", KindFilter, "language", "possible_duplicate")
    search_fields = ("recipient", "order__number", "message_id")
    list_select_related = ("order",)
    ordering = ("-decided_at", "-pk")
    show_full_result_count = False
    actions = ("send_again",)
    readonly_fields = ("what", "outcome", "text")
    fieldsets: ClassVar = [
        (None, {"fields": ("what", "outcome", "order", "parcel", "customer", "recipient", "language", "text")}),
        (_("When"), {"fields": ("decided_at", "due_at", "expires_at", "sent_at")}),
        (_("How it was sent"), {"classes": ("collapse",), "fields": (
            "backend", "purpose", "event", "message_id", "possible_duplicate", "attempts", "last_error", "text_source",
        )}),
    ]

    @admin.display(description=_("message"), ordering="kind")
    def what(self, message: Message) -> str:
        """The kind, in words."""
        return in_words(message.kind)

    @admin.display(description=_("what became of it"), ordering="state")
    def outcome(self, message: Message) -> str:
        """The state and its reason."""
        said = [message.get_state_display(), message.get_reason_display() if message.reason else ""]
        return ": ".join(str(part) for part in said if part) + (f" ({_('may have arrived twice')})" if message.possible_duplicate else "")

    @admin.display(description=_("when"), ordering="due_at")
    def when(self, message: Message) -> str:
        """When it was sent; before that, when it is due."""
        return date_format(here(message.sent_at or message.due_at), "j M Y, H:i")

    @admin.display(description=_("what it says"))
    def text(self, message: Message) -> SafeString:
        """The plain text, made from the facts that are kept with the message."""
        if not message.facts:
            return format_html("–")
        time_zone = message.order.time_zone if message.order else conf.time_zone
        own = Template.objects.filter(kind=message.kind, language=message.language, is_active=True)
        is_own = message.text_source in ("", "merchant")
        made = rendering.render(message.kind, message.language, message.facts, time_zone=time_zone, own=own.first() if is_own else None)
        return format_html('<pre style="white-space: pre-wrap">{}</pre>', f"{made.subject}\n\n{made.text}")

    @admin.action(description=_("Send again what was given up"), permissions=["act"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Queue failed messages again."""
        count = outbox.retry(queryset)
        text = ngettext("%d message will be sent again.", "%d messages will be sent again.", count) % count
        self.message_user(request, text, messages.SUCCESS)


class TemplateForm(forms.ModelForm):
    """Refuses a text that would not work."""

    class Meta:
        model = Template
        fields = ("kind", "language", "is_active", "subject", "preview", "heading", "body", "action", "short")
        widgets = {"body": forms.Textarea(attrs={"rows": 16, "cols": 90})}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind, in_words(kind)) for kind in texts.KINDS]
        self.fields["kind"] = forms.ChoiceField(choices=kinds, label=_("message"))
        self.fields["language"] = forms.ChoiceField(choices=[(tag, tag) for tag in texts.languages()], label=_("language"))

    def clean(self) -> dict[str, Any]:
        """Every complaint of the linter, as an error of the form."""
        data = super().clean() or {}
        names = ("subject", "preview", "heading", "body", "action", "short")
        for complaint in linting.lint(texts.Text(**{name: data.get(name, "") for name in names}), data.get("kind", "")):
            self.add_error(None, complaint)
        return data


@admin.register(Template)
class TemplateAdmin(admin.ModelAdmin):
    """The merchant's own texts; a kind and language without one uses the built-in text."""

    form = TemplateForm
    list_display = ("what", "language", "subject", "is_active", "changed_at")
    list_filter = (KindFilter, "language", "is_active")
    ordering = ("kind", "language")

    @admin.display(description=_("message"), ordering="kind")
    def what(self, template: Template) -> str:
        """The kind, in words."""
        return in_words(template.kind)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Nobody begins with an empty page: the built-in text of the kind and language that the address asks for."""
        asked = super().get_changeform_initial_data(request)
        kind, language = str(asked.get("kind", "")), str(asked.get("language", ""))
        if kind not in texts.KINDS or language not in texts.languages():
            return {"language": texts.best_language(conf.language), **asked}
        return {**asdict(texts.built_in(kind, language)), **asked}

    def save_model(self, request: HttpRequest, obj: Template, form: Any, change: bool) -> None:
        """Remember when it was changed, so that workers take up the new text."""
        obj.changed_at = clock.now()
        super().save_model(request, obj, form, change)
