"""How the shop's mails look: a form with a picture of a mail beside it that follows every change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from ecommerce_comms import clock
from ecommerce_comms.messaging.admin.branding_form import BrandingForm
from ecommerce_comms.messaging.admin.picture import PictureForm, picture, warnings_of
from ecommerce_comms.messaging.models import Branding
from ecommerce_comms.messaging.speaking.layout import own
from ecommerce_comms.messaging.speaking.layout.frame import BLOCKS, BUILT_IN

# The picture of a mail has its styles on its elements, and no scripts; whatever the shop's own policy is, this page has this one.
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https: http:; frame-src 'self'; "
    "frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
)


@admin.register(Branding)
class BrandingAdmin(admin.ModelAdmin):
    """One row for all shops, and one for each shop that is to look different."""

    form = BrandingForm
    change_form_template = "ecommerce_comms/admin/branding.html"
    list_display = ("__str__", "greeting", "changed_at")
    ordering = ("site",)
    fieldsets = (
        (_("Logo and colours"), {"fields": ("logo", "logo_url", "logo_width", "accent", "paper", "desk", "ink")}),
        (_("Words"), {"fields": ("greeting", "footer_address")}),
        (_("Which shop"), {"fields": ("site",)}),
        (_("For designers: a layout of your own"), {"fields": ("layout",), "classes": ("collapse",)}),
    )

    def get_urls(self) -> list[URLPattern]:
        """The admin's own pages, and the picture."""
        wrap = self.admin_site.admin_view
        return [
            path("picture/", wrap(self.picture_view), name="ecommerce_comms_branding_picture"),
            path("<int:pk>/picture/", wrap(self.picture_view), name="ecommerce_comms_branding_picture_of"),
            *super().get_urls(),
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form; with the built-in layout in it, to start from, if the address asks for that."""
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"begins_with": BUILT_IN if "start" in request.GET else ""})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The first row is for all shops."""
        return {name: value for name, value in super().get_changeform_initial_data(request).items() if name != "start"}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], add: bool = False, change: bool = False, form_url: str = "",
        obj: Branding | None = None,
    ) -> HttpResponse:
        """The form beside the picture."""
        at = reverse("admin:ecommerce_comms_branding_picture_of", args=[obj.pk], current_app=self.admin_site.name) if obj else reverse(
            "admin:ecommerce_comms_branding_picture", current_app=self.admin_site.name)
        more = {"picture_at": at, "picture_form": PictureForm(), "built_in": BUILT_IN, "blocks": (*BLOCKS, "message", "footer")}
        return super().render_change_form(request, {**context, **more}, add, change, form_url, obj)

    def save_model(self, request: HttpRequest, obj: Branding, form: Any, change: bool) -> None:
        """Compile the layout, remember when it was changed, and say what will be hard to read."""
        own.dress(obj)
        obj.changed_at = clock.now()
        super().save_model(request, obj, form, change)
        for warning in warnings_of(obj):
            self.message_user(request, warning, messages.WARNING)

    @method_decorator(xframe_options_sameorigin)
    def picture_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """A sample mail in the look that the form has now (POST, saved or not) or that was saved (GET), and what cannot be read in it."""
        branding = self.get_object(request, str(pk)) if pk else Branding()
        if branding is None or not (self.has_view_permission(request, branding) or self.has_add_permission(request)):
            raise PermissionDenied
        form = self._filled(request, branding)
        wanted = PictureForm(request.POST or request.GET or None)
        context = {**self.admin_site.each_context(request), **picture(branding, form, wanted)}
        response = TemplateResponse(request, "ecommerce_comms/admin/branding_picture.html", context)
        response["Content-Security-Policy"] = POLICY
        return response

    def _filled(self, request: HttpRequest, branding: Branding) -> BrandingForm | None:
        if request.method != "POST":
            return None
        form = BrandingForm(request.POST, request.FILES, instance=branding)
        form.is_valid()
        return form
