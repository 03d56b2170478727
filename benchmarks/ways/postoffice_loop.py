"""A worker of django-post_office without Celery: sends what waits, again and again."""

from __future__ import annotations

import logging
import time

import django

django.setup()

from post_office.mail import send_queued_mail_until_done  # noqa: E402 - Django has to be set up first

POLL_SECONDS = 0.1


def main() -> None:
    """Look for mails ten times a second."""
    logging.disable(logging.INFO)
    while True:
        send_queued_mail_until_done()
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main()
