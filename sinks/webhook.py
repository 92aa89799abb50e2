"""Pushes as signed HTTP requests to a service of the operator's: see docs/push.md."""

import asyncio
import contextlib
import email.utils
import http
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, timedelta

import httpx

from config.errors import ConfigurationError
from schemas.push import PushRequest
from sinks.providers import Rejected, Unavailable
from sinks.webhook_request import signature, signing_keys, webhook_body

_TEMPORARY = {408, 425, 429}
"""4xx after which the same request may succeed; besides them every 5xx."""
_ANSWER_BYTES = 4096
_ANSWER_SECONDS = 1.0
"""What is read of an answer's body, only so that the connection can be used again."""


def seconds_until_retry(header: str | None, now: float) -> float | None:
    """What a Retry-After header asks for: a number of seconds, or an HTTP date (RFC 9110, 10.2.3).

    Args:
        header: Its value; None when there is none.
        now: Seconds since 1970.

    Returns:
        Seconds from `now`, not negative; None when the header is missing or makes no sense.
    """
    if header is None:
        return None
    if re.fullmatch("[0-9]{1,9}", header):
        return float(header)
    try:
        date = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, date.replace(tzinfo=date.tzinfo or UTC).timestamp() - now)


class WebhookProvider:
    """POSTs one request a notification; only its status decides what became of it.

    Proxies and certificate authorities come from the environment, as httpx documents.
    """

    name = "webhook"

    def __init__(
        self, url: str, secret: str, timeout: timedelta, now: Callable[[], float] = time.time
    ) -> None:
        """`timeout` bounds an attempt from connecting to the status; `now` is seconds since 1970.

        Raises:
            ConfigurationError: The URL, the secret or the environment's proxy cannot be used; the
                text shows none of them.
        """
        self._url = _checked_url(url)
        self._keys = signing_keys(secret)
        self._timeout = timeout.total_seconds()
        self._now = now
        self._tls = httpx.create_ssl_context()
        self._idle = [self._first_client()]
        # One logs each request's URL at INFO, and a webhook's URL may hold a token; the other each
        # answer's headers at DEBUG, and they may hold what the service pleases.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    async def send(self, request: PushRequest) -> None:
        """Post the notification once."""
        status, retry_after = await self._post(self._http_request(request))
        words = _in_words(status)
        if 200 <= status < 300:
            return
        if status in _TEMPORARY or status >= 500:
            raise Unavailable(words, seconds_until_retry(retry_after, self._now()))
        if 300 <= status < 400:
            raise Rejected(f"{words}: redirects are not followed, set the URL they lead to")
        raise Rejected(words)

    async def aclose(self) -> None:
        """Close the connections that are kept for the next request."""
        while self._idle:
            await self._idle.pop().aclose()

    def _http_request(self, request: PushRequest) -> httpx.Request:
        key, timestamp, body = request.idempotency_key, int(self._now()), webhook_body(request)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "chatflow",
            "Idempotency-Key": key,
            "webhook-id": key,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._keys, key, timestamp, body),
        }
        return httpx.Request("POST", self._url, content=body, headers=headers)

    async def _post(self, request: httpx.Request) -> tuple[int, str | None]:
        client = self._idle.pop() if self._idle else self._new_client()
        try:
            answer = await self._exchange(client, request)
        except BaseException:
            await client.aclose()
            raise
        self._idle.append(client)
        return answer

    def _first_client(self) -> httpx.AsyncClient:
        try:
            return self._new_client()
        except (ImportError, ValueError, httpx.InvalidURL) as exc:
            # Not quoted: the address of a proxy may hold a password.
            raise ConfigurationError(
                "The push webhook's client cannot be made with the proxy that HTTPS_PROXY,"
                f" HTTP_PROXY or ALL_PROXY names ({type(exc).__name__})"
            ) from None

    def _new_client(self) -> httpx.AsyncClient:
        """A client for one connection: in a pool, each request looks at all other connections."""
        limits = httpx.Limits(max_connections=1)
        return httpx.AsyncClient(
            verify=self._tls, timeout=None, limits=limits, follow_redirects=False
        )

    async def _exchange(
        self, client: httpx.AsyncClient, request: httpx.Request
    ) -> tuple[int, str | None]:
        try:
            async with asyncio.timeout(self._timeout):
                response = await client.send(request, stream=True)
        except TimeoutError as exc:
            raise Unavailable(f"no answer within {self._timeout:g} s") from exc
        except httpx.ConnectError as exc:
            raise Unavailable(f"no connection: {exc}") from exc
        except httpx.TransportError as exc:
            raise Unavailable(f"connection lost: {type(exc).__name__}") from exc
        try:
            await _discard_body(response)
        finally:
            await response.aclose()
        return response.status_code, response.headers.get("retry-after")


async def _discard_body(response: httpx.Response) -> None:
    """Read a short body to its end, so that the connection is kept; the status is known already."""
    read = 0
    with contextlib.suppress(httpx.TransportError, TimeoutError):
        async with asyncio.timeout(_ANSWER_SECONDS):
            async for chunk in response.aiter_raw():
                read += len(chunk)
                if read > _ANSWER_BYTES:
                    return


def _checked_url(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:  # whose text quotes the URL
        raise ConfigurationError("The push webhook's URL is not a URL.") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ConfigurationError(
            "The push webhook's URL must begin with https:// or http:// and name a host."
        )
    return url


def _in_words(status: int) -> str:
    try:
        return f"HTTP {status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"
