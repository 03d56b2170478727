"""How much a broker still holds, and how it is emptied."""

from __future__ import annotations

from contextlib import suppress

from amqp.exceptions import NotFound
from celery import Celery


def length(app: Celery, queue: str) -> int:
    """Messages in ``queue`` of the app's broker, and on Redis those that were taken and not acknowledged."""
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        if connection.transport.driver_type == "redis":
            return int(channel.client.llen(queue)) + int(channel.client.hlen("unacked"))
        with suppress(NotFound):
            return int(channel.queue_declare(queue, passive=True).message_count)
    return 0


def purge(app: Celery, queue: str) -> None:
    """Throw away what waits in ``queue``; who listens to it goes on listening."""
    with app.connection_for_write() as connection, suppress(NotFound):
        connection.default_channel.queue_purge(queue)


def delete(app: Celery, queue: str) -> None:
    """Remove ``queue`` with all that is in it."""
    with app.connection_for_write() as connection, suppress(NotFound):
        connection.default_channel.queue_delete(queue)
