"""The services that the environment asks for are the ones that the tests use."""

from __future__ import annotations

import os

import pytest
from django.conf import settings
from django.db import connection

from tests.celery import app
from tests.services import BROKERS, DATABASES, Server

TRANSPORTS = {"memory": "memory", "redis": "redis", "rabbitmq": "amqp"}
VENDORS = {"sqlite": "sqlite", "postgres": "postgresql", "mariadb": "mysql"}


@pytest.mark.django_db
def test_database_is_the_one_that_was_asked_for():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert connection.vendor == VENDORS[os.environ.get("COMMS_TEST_DATABASE") or "sqlite"]


def test_task_goes_to_the_broker_that_was_asked_for_and_can_be_taken_from_it():
    name = f"{settings.CELERY_TASK_DEFAULT_QUEUE}-probe"
    with app.connection_for_write() as broker:
        assert broker.transport_cls == TRANSPORTS[os.environ.get("COMMS_TEST_BROKER") or "memory"]
        queue = broker.SimpleQueue(name)
        app.send_task("comms.probe", args=[17], queue=name, connection=broker)
        message = queue.get(timeout=5)
        message.ack()
        queue.close()
        queue.queue.delete()
    assert message.headers["task"] == "comms.probe"


def test_missing_service_is_told_in_a_sentence():
    nobody = Server(title="PostgreSQL", setting="POSTGRES", host="127.0.0.1", port=1)
    assert nobody.problem().startswith("PostgreSQL does not answer at 127.0.0.1:1")
    assert "COMMS_TEST_POSTGRES_PORT" in nobody.problem()


def test_what_python_brings_along_is_never_missing():
    assert (DATABASES["sqlite"].problem(), BROKERS["memory"].problem()) == ("", "")
