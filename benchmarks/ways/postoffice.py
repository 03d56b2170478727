"""django-post_office: mails are rows, and a worker sends them in batches."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from post_office import mail as post_office
from post_office.models import STATUS, Email, EmailTemplate

from benchmarks.ways import mail
from tests.hosts.plain.models import PlainOrder

TEMPLATE = "order"


def prepare() -> None:
    """Put the template where post_office looks for it."""
    files = [get_template(f"benchmarks/order.{kind}").origin.name for kind in ("subject", "txt", "html")]
    subject, text, html = (Path(file).read_text(encoding="utf-8") for file in files)
    EmailTemplate.objects.create(name=TEMPLATE, subject=subject.strip(), content=text, html_content=html)


def tell(order: PlainOrder) -> None:
    """Put the mail into post_office's table."""
    render = getattr(settings, "RENDER", "")
    recipient = f"{order.customer_name} <{order.email}>"
    if render == "in the request":
        subject, text, html = mail.parts(order)
        post_office.send(recipient, subject=subject, message=text, html_message=html)
    else:
        post_office.send(recipient, template=TEMPLATE, context=mail.facts(order), render_on_delivery=render == "at send")


def waiting() -> int:
    """Mails that are not yet marked as sent."""
    return int(Email.objects.filter(status__in=[STATUS.queued, STATUS.requeued]).count())
