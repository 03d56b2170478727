"""Banyan & Clay: a small but real shop that uses ecommerce_comms the way a reader would."""

from example_project.celery import app as celery_app

__all__ = ["celery_app"]
