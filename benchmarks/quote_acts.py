"""What ``benchmarks.quote`` measures, in a process that has the settings of its shop: prints one object of JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from multiprocessing import get_context
from statistics import median, quantiles
from typing import Any

import django

django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - needs the settings
from django.db import connections  # noqa: E402

from benchmarks.quote_shop import START, basket, build, destinations, learn  # noqa: E402
from ecommerce_comms.shipping.options import quote  # noqa: E402

BARE, OURS = "/bare/", "/comms/api/shipping-options/"
WARM = 50


def measure_quote(calls: int, places: int) -> dict[str, float]:
    """Milliseconds of ``quote`` for ``calls`` orders to ``places`` destinations."""
    there, lines = destinations(places), basket()
    taken: list[float] = []
    cpu: list[float] = []
    for number in range(-WARM, calls):
        at = START + timedelta(minutes=37 * abs(number))
        begun, busy = time.perf_counter(), time.process_time()
        options = quote(there[number % places], at=at, lines=lines)
        taken.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - busy) * 1000)
        assert len(options) == 3 and all(option.latest and option.token for option in options), options
    shares = quantiles(taken[WARM:], n=100)
    return {
        "p50_ms": median(taken[WARM:]), "p95_ms": shares[94], "p99_ms": shares[98],
        "cpu_p50_ms": median(cpu[WARM:]), "cpu_p95_ms": quantiles(cpu[WARM:], n=100)[94],
    }


def measure_http(address: str, seconds: float, processes: int) -> dict[str, float]:
    """Requests a second of all processes together, and the CPU of one request."""
    context = get_context("fork")
    with context.Pool(processes) as pool:
        found = pool.starmap(_serve, [(address, seconds)] * processes)
    requests = sum(count for count, _cpu, _elapsed in found)
    rate = sum(count / elapsed for count, _cpu, elapsed in found)
    return {"per_second": rate, "cpu_ms": sum(cpu for _count, cpu, _elapsed in found) * 1000 / requests}


def _serve(address: str, seconds: float) -> tuple[int, float, float]:
    connections.close_all()
    application = get_wsgi_application()
    body = _body() if address == OURS else b""
    for _warm in range(WARM):
        _request(application, address, body)
    count, begun, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < seconds:
        _request(application, address, body)
        count += 1
    return count, time.process_time() - cpu, time.perf_counter() - begun


def _body() -> bytes:
    line = {"sku": "mug", "quantity": 2, "price": "690.00", "weight_kg": "0.4"}
    return json.dumps({"lines": [line, line, line | {"origin": "hills"}], "destination": {"country": "IN", "postcode": "700029"}}).encode()


def _request(application: Callable[..., Any], address: str, body: bytes) -> None:
    environ = {
        "REQUEST_METHOD": "POST" if body else "GET", "PATH_INFO": address, "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": "shop",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "198.41.0.4", "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body), "wsgi.url_scheme": "http", "wsgi.errors": BytesIO(),
        "HTTP_HOST": "shop", "HTTP_ACCEPT": "application/json",
    }
    said: list[str] = []
    answer = application(environ, lambda status, headers, *more: said.append(status))
    size = sum(len(part) for part in answer)
    answer.close()
    assert said == ["200 OK"] and size > 1, said


def main(seconds: float, processes: int, calls: int, places: int, history: int) -> None:
    """Make the shop, and measure."""
    build()
    if history:
        learn(history)
    found: dict[str, Any] = {"processes": processes, "quote": {
        "places seen before": measure_quote(calls, places), "each place new": measure_quote(calls, calls + WARM),
    }}
    found["http"] = {name: measure_http(address, seconds, processes)
                     for name, address in (("bare Django view", BARE), ("shipping options", OURS))}
    print(json.dumps(found))


if __name__ == "__main__":
    main(float(sys.argv[1]), *map(int, sys.argv[2:6]))
