"""The way to a gateway: one request at a time, which another thread can cut, and an answer that may not be long."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import DeliveryError
from ecommerce_comms.messaging.backends.cutting import Cutter
from ecommerce_comms.messaging.backends.errors import transient
from ecommerce_comms.messaging.backends.http import Wire
from ecommerce_comms.messaging.backends.sms.base import Answer, Request

CONNECT_SECONDS = 5.0
LONGEST_ANSWER = 65_536
"""Bytes; a gateway's answer has some hundred, and what is longer is a web page."""


class _Adapter(HTTPAdapter):
    """What goes through a proxy can be cut as well."""

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = self.poolmanager.pool_classes_by_scheme
        return manager


class Web:
    """The connection of one thread to one gateway; made with the first request and kept for those after it."""

    def __init__(self) -> None:
        self.cutter = Cutter()
        self._wire = Wire(self.cutter)
        self._session = requests.Session()
        self._session.mount("https://", _Adapter(max_retries=0))
        self._session.mount("http://", _Adapter(max_retries=0))
        self._wire.run_through(self._session)

    def post(self, request: Request) -> Answer:
        """Post ``request``; raises ``DeliveryError`` if no answer came, ``uncertain`` if the request had left by then."""
        return self._do("POST", request.url, data=request.body, headers=dict(request.headers), auth=request.login or _nobody)

    def look(self, url: str) -> Answer:
        """Whether anybody answers at ``url``, whatever they say; without a name or password."""
        return self._do("GET", url, auth=_nobody)

    def close(self) -> None:
        """Hang up."""
        self._session.close()
        self.cutter.drop()
        self.cutter.settle()

    def _do(self, method: str, url: str, **parts: Any) -> Answer:
        self._wire.handed_over = False
        headers = {"User-Agent": "django-ecommerce-comms", "Accept-Encoding": "identity", **parts.pop("headers", {})}
        try:
            with self._session.request(
                method, url, headers=headers, timeout=(CONNECT_SECONDS, conf.SEND_SECONDS), allow_redirects=False, stream=True, **parts,
            ) as response:
                body = response.raw.read(LONGEST_ANSWER, decode_content=True)
                return Answer(status=response.status_code, headers=response.headers, body=body or b"")
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise self._failure(error, urlsplit(url).query) from error
        finally:
            self.cutter.settle()

    def _failure(self, error: Exception, query: str) -> DeliveryError:
        """What went wrong, without the ``query`` of the address, in which some gateways want a password."""
        cut = f"Cut after {conf.SEND_SECONDS:g} s: " if self.cutter.was_cut else ""
        said = f"{cut}{type(error).__name__}: {error}"
        said = said.replace(query, "…") if query else said
        if self._wire.handed_over:
            return transient(said, blames=True, uncertain=True)
        return transient(said if cut else f"No connection: {said}", blames=True)


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Adds no password; without it ``requests`` would look for one in the file ``.netrc``."""
    return request
