"""Amazon SES speaks through Amazon SNS; django-anymail knows what it says, and whether SNS said it is found out here."""

from __future__ import annotations

import json
from typing import Any

from anymail.webhooks.amazon_ses import AmazonSESBaseWebhookView, AmazonSESTrackingWebhookView
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.feedback import sns


class SesView(AmazonSESTrackingWebhookView):  # type: ignore[misc]  # django-anymail has no types
    """django-anymail's view, which trusts a password alone, with SNS's signatures and topics instead; it needs no AWS library."""

    warn_if_no_basic_auth = False

    def __init__(self, **kwargs: Any) -> None:
        if not sns.IS_AVAILABLE:
            raise ImproperlyConfigured('The webhook of amazon_ses needs the library "cryptography".')
        if not conf.SNS_TOPICS:
            raise ImproperlyConfigured("The webhook of amazon_ses believes the topics in SNS_TOPICS alone, and there are none.")
        self.signed_topics = list(conf.SNS_TOPICS)
        super(AmazonSESBaseWebhookView, self).__init__(**kwargs)  # not the next one, which wants boto3 to confirm subscriptions

    @staticmethod
    def _parse_sns_message(request: HttpRequest) -> dict[str, Any]:
        message: object = json.loads(request.body.decode("utf-8"))
        if not isinstance(message, dict):
            raise ValueError("An SNS message is an object.")
        return message

    def validate_request(self, request: HttpRequest) -> None:
        """Amazon has signed it for a topic of ours."""
        sns.verify(self._parse_sns_message(request))

    def auto_confirm_sns_subscription(self, sns_message: dict[str, Any]) -> None:
        """Said yes to, since the topic is one of ours."""
        sns.confirm(sns_message)
