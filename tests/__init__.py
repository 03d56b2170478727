"""The tests of the app: one folder for each slice, host shops, the architecture and the package."""

from tests.celery import app as celery_app

__all__ = ["celery_app"]
