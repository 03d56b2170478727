"""The merchant's own texts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.admin.filters import KindFilter
from ecommerce_comms.messaging.editing import linting
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.kinds import in_words


class TemplateForm(forms.ModelForm):
    """Refuses a text that would not work."""

    class Meta:
        model = Template
        fields = ("kind", "language", "is_active", "subject", "preview", "heading", "body", "action", "short")
        widgets = {"body": forms.Textarea(attrs={"rows": 16, "cols": 90})}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"subject", "body"} & self.fields.keys():
            self.fields[name].required = True
        kinds = [(kind, in_words(kind)) for kind in texts.KINDS]
        self.fields["kind"] = forms.ChoiceField(choices=kinds, label=_("message"))
        self.fields["language"] = forms.ChoiceField(choices=[(tag, tag) for tag in texts.languages()], label=_("language"))

    def clean(self) -> dict[str, Any]:
        """Every complaint of the linter, as an error of the form."""
        data = super().clean() or {}
        names = ("subject", "preview", "heading", "body", "action", "short")
        text = texts.Text(**{name: data.get(name, "") for name in names})
        for complaint in linting.lint(text, data.get("kind", ""), data.get("language", "en")):
            if complaint.severity == "error":
                self.add_error(None, str(complaint))
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
