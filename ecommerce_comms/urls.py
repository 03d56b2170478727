"""The app's URLs; include them under the namespace ``comms``."""

from __future__ import annotations

from django.urls import URLPattern, path

from ecommerce_comms.health import views as health
from ecommerce_comms.messaging import views
from ecommerce_comms.messaging.feedback.texting import sms_webhook
from ecommerce_comms.messaging.feedback.views import provider_webhook
from ecommerce_comms.shipping.api.views import ShippingOptionsView
from ecommerce_comms.shipping.carriers.views import carrier_webhook

app_name = "comms"
urlpatterns: list[URLPattern] = [
    path("health/", health.health, name="health"),
    path("metrics/", health.metrics, name="metrics"),
    path("webhooks/<slug:provider>/", provider_webhook, name="provider-webhook"),
    path("sms/<slug:gateway>/", sms_webhook, name="sms-webhook"),
    path("carriers/<slug:provider>/", carrier_webhook, name="carrier-webhook"),
    path("api/shipping-options/", ShippingOptionsView.as_view(), name="api-shipping-options"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
