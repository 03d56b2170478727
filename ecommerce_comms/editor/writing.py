"""The editor's page: a form that works by itself, and quicker with JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecommerce_comms.editor import kinds, subjects, trail, trying
from ecommerce_comms.editor.forms import TextForm, ViewForm
from ecommerce_comms.editor.preview import Preview, preview
from ecommerce_comms.editor.rights import Rights
from ecommerce_comms.editor.subjects import UnknownSubject
from ecommerce_comms.journeys.rules import merchants_rules
from ecommerce_comms.messaging.editing import differences, versions
from ecommerce_comms.messaging.editing.versions import EditedMeanwhile, NotPublishable
from ecommerce_comms.messaging.models import Template, TemplateVersion
from ecommerce_comms.messaging.speaking import localise
from ecommerce_comms.messaging.writing import facts, texts
from ecommerce_comms.messaging.writing.facts import Fact
from ecommerce_comms.messaging.writing.texts import Text
from ecommerce_comms.orders.kinds import in_words

BUILT_IN = "built-in"
"""``?version=`` of the built-in words."""


class Desk:
    """One text on somebody's desk: a request for the editor's page."""

    def __init__(self, request: HttpRequest, common: dict[str, Any], kind: str, language: str) -> None:
        self.request, self.common, self.kind, self.language = request, common, kind, language
        self.rights = Rights.of(request)
        self.view = self._view()

    @cached_property
    def template(self) -> Template | None:
        """The shop's own text, if there is one or a draft of one."""
        return Template.objects.filter(kind=self.kind, language=self.language).first()

    @cached_property
    def newest(self) -> TemplateVersion | None:
        """The version that was saved last."""
        return versions.newest(self.template)

    def page(self) -> HttpResponse:
        """The page as it opens."""
        self.rights.need("view")
        return self._page(self._form(initial=TextForm.beginning(self._beginning(), self._number)))

    def act(self) -> HttpResponse:
        """What the button does that was pressed."""
        deed = _DEEDS.get(str(self.request.POST.get("do")).partition(":")[0], Desk._show)
        self.rights.need("view")
        return deed(self, self._form(data=self.request.POST))

    # ---- deeds ---------------------------------------------------------------------------------------------------------

    def _show(self, form: TextForm) -> HttpResponse:
        return self._page(form)

    def _save(self, form: TextForm) -> HttpResponse:
        self.rights.need("change")
        if not form.is_valid():
            return self._page(form)
        if self._is_unchanged(form.text):
            return self._done(_("Nothing has changed since version %d, so there is nothing to save.") % self._number, messages.INFO)
        try:
            version = self._kept(form)
        except EditedMeanwhile as meanwhile:
            return self._overtaken(form, meanwhile.newest)
        return self._done(_("Saved as version %d, a draft: customers do not get it yet.") % version.number)

    def _publish(self, form: TextForm) -> HttpResponse:
        self.rights.need("change")
        self.rights.need("publish")
        if not form.is_valid():
            return self._page(form)
        try:
            version = self.newest if self.newest and self._is_unchanged(form.text) else self._kept(form)
            versions.publish(version, self._user)
        except EditedMeanwhile as meanwhile:
            return self._overtaken(form, meanwhile.newest)
        except NotPublishable:
            said = _("Not published: the text has errors, which stand beside it. Nothing is lost: it is kept as a draft.")
            return self._done(said, messages.ERROR)
        trail.note(self.request, self.kind, self.language, f"Published version {version.number}.")
        return self._done(_("Version %d is in use: customers get it from now on.") % version.number)

    def _switch_off(self, form: TextForm) -> HttpResponse:
        self.rights.need("publish")
        if self.template is not None and self.template.is_active:
            versions.switch_off(self.template)
            trail.note(self.request, self.kind, self.language, "Used the built-in text again.")
        return self._done(_("The built-in text is in use again. Your versions are kept; each can be used again from the history."))

    def _test(self, form: TextForm) -> HttpResponse:
        self.rights.need("change")
        shown = self._preview(form.text)
        try:
            if shown.made is None:
                raise trying.NotSent(_("There is nothing to send: the text does not work for this order. %s") % shown.problem)
            channel = str(self.request.POST.get("do")).partition(":")[2]
            where = trying.send(self.request, channel, shown.made, self.kind, shown.language)
        except trying.NotSent as error:
            messages.error(self.request, str(error))
        else:
            messages.success(self.request, _("A test was handed over, addressed to you: %s.") % where)
        return self._page(form)

    def _kept(self, form: TextForm) -> TemplateVersion:
        data = form.cleaned_data
        version = versions.save(self.kind, self.language, form.text, self._user, data["note"], data["base"])
        trail.note(self.request, self.kind, self.language, f"Saved version {version.number}.")
        return version

    def _overtaken(self, form: TextForm, theirs: TemplateVersion) -> HttpResponse:
        """Somebody else saved meanwhile: both are kept, theirs as a version and this one in the form, ready to be saved above it."""
        form.data = self.request.POST.copy()
        form.data["base"] = str(theirs.number)
        return self._page(form, theirs=theirs, theirs_to_mine=differences.between(Text.of(theirs), form.text), status=409)

    # ---- parts of the page -----------------------------------------------------------------------------------------------

    @property
    def _user(self) -> str:
        return str(self.request.user.get_username())

    @property
    def _number(self) -> int:
        return self.newest.number if self.newest else 0

    def _is_unchanged(self, text: Text) -> bool:
        return self.newest is not None and differences.are_same(Text.of(self.newest), text)

    def _beginning(self) -> Text:
        """The words with which the page opens: a version that was asked for, else the newest, else those in use."""
        asked = self.request.GET.get("version", "")
        if asked == BUILT_IN:
            return versions.in_use(None, self.kind, self.language)
        if asked.isdecimal() and len(asked) < 9 and self.template is not None:
            found = self.template.versions.filter(number=int(asked)).first()
            if found is not None:
                return Text.of(found)
        return Text.of(self.newest) if self.newest else versions.in_use(self.template, self.kind, self.language)

    def _form(self, **how: Any) -> TextForm:
        direction = localise.locale_of(self.language).text_direction
        return TextForm(language=self.language, direction=direction, may_change=self.rights.may_change, **how)

    def _view(self) -> ViewForm:
        data = (self.request.POST if self.request.method == "POST" else self.request.GET).copy()
        if not data.get("about"):
            data["about"] = subjects.first(self.kind, orders=self.rights.may_see_orders)
        return ViewForm(data, kind=self.kind, language=self.language, may_see_orders=self.rights.may_see_orders)

    def _preview(self, text: Text) -> Preview:
        wish = self.view.wish(self.kind, text)
        try:
            subject = subjects.of(self.view["about"].value(), self.kind, orders=self.rights.may_see_orders)
        except UnknownSubject as unknown:
            messages.warning(self.request, str(unknown))
            subject = subjects.of(f"{subjects.SAMPLE}:plain", self.kind)
        return preview(wish, subject)

    def _page(self, form: TextForm, *, status: int = 200, **more: Any) -> HttpResponse:
        rule = merchants_rules().get(kinds.rule_kind(self.kind))
        context = {
            **self.common, "title": f"{in_words(self.kind)}, {kinds.language_name(self.language)}", "kind": self.kind,
            "language": self.language, "language_name": kinds.language_name(self.language), "form": form, "view": self.view,
            "preview": self._preview(form.text), "rights": self.rights, "template": self.template, "newest": self.newest,
            "draft": versions.draft(self.template), "looked_at": self.request.GET.get("version", ""),
            "rule_is_off": bool(rule and not rule.is_active),
            "languages": [(tag, kinds.language_name(tag)) for tag in kinds.languages()], "has_built_in": self.kind in texts.KINDS,
            "groups": _groups(self.kind), "ways": trying.ways(self.request) if self.rights.may_change else (), **more,
        }
        return TemplateResponse(self.request, "ecommerce_comms/editor/edit.html", context, status=status)

    def _done(self, said: str, level: int = messages.SUCCESS) -> HttpResponse:
        messages.add_message(self.request, level, said)
        shown = ("about", "tongue", "now", "phone", "dark", "plain")
        kept = {name: self.request.POST[name] for name in shown if self.request.POST.get(name)}
        address = reverse("admin:ecommerce_comms_template_edit", args=[self.kind, self.language])
        return HttpResponseRedirect(f"{address}?{urlencode(kept)}" if kept else address)


_DEEDS: dict[str, Callable[[Desk, TextForm], HttpResponse]] = {
    "preview": Desk._show, "save": Desk._save, "publish": Desk._publish, "off": Desk._switch_off, "test": Desk._test,
}


def _groups(kind: str) -> list[tuple[str, list[tuple[Fact, str]]]]:
    """The facts of ``kind`` by what they are about, each with what inserts it."""
    found = sorted(facts.of(kind), key=lambda fact: list(_TITLES).index(fact.name.partition(".")[0]))
    return [(str(_TITLES[group]), [(fact, _inserted(fact)) for fact in each])
            for group, each in groupby(found, key=lambda fact: fact.name.partition(".")[0])]


def _inserted(fact: Fact) -> str:
    if fact.type != "list":
        return f"{{{{ {fact.name} }}}}"
    one = "line" if fact.members else "part"
    named = f"{one}.{fact.members[0].name}" if fact.members else one
    return f"{{% for {one} in {fact.name} %}}\n- {{{{ {named} }}}}\n{{% endfor %}}"


_TITLES: dict[str, LazyText] = {
    "customer": gettext_lazy("Customer"), "buyer": gettext_lazy("Who ordered"), "recipient": gettext_lazy("Who is told"),
    "order": gettext_lazy("Order"), "parcel": gettext_lazy("Parcel"), "promise": gettext_lazy("Arrival"),
    "event": gettext_lazy("What happened"), "shop": gettext_lazy("Your shop"),
}
