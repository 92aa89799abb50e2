"""The signature, checked by what the documentation tells the receivers to do."""

import asyncio
import base64
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigurationError
from sinks.webhook import WebhookProvider
from sinks.webhook_request import WebhookBody, signature, signing_keys, webhook_body
from tests.http_server import Received, answer
from tests.sinks.push_bench import SECRET, PushBench
from tests.sinks.push_samples import push

DOCUMENT = Path(__file__).parents[2] / "docs" / "push.md"
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret, 32 bytes in size").decode()
Verify = Callable[[Mapping[str, str], bytes, str], bool]


@pytest.fixture
def verify() -> Verify:
    """The function that the documentation shows."""
    [snippet] = re.findall("```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    namespace: dict[str, Any] = {}
    exec(snippet, namespace)
    documented: Verify = namespace["verify"]
    return documented


@pytest.fixture
def bench() -> Iterator[PushBench]:
    with PushBench() as bench:
        yield bench


def received(bench: PushBench, secret: str = SECRET, age: float = 0.0) -> Received:
    """A request as it arrives that was signed so many seconds ago."""
    to = bench.serve(answer(200))

    async def send() -> None:
        clock = lambda: time.time() - age  # noqa: E731
        async with aclosing(WebhookProvider(to.url, secret, timedelta(seconds=10), clock)) as hook:
            await hook.send(push(1))

    asyncio.run(send())
    return to.received[0]


def test_the_documented_code_accepts_what_is_sent(bench: PushBench, verify: Verify) -> None:
    request = received(bench)
    assert verify(request.headers, request.body, SECRET)


@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET], ids=["new", "old"])
def test_while_the_secret_changes_both_verify(
    bench: PushBench, verify: Verify, secret: str
) -> None:
    request = received(bench, f"{SECRET} {OTHER_SECRET}")
    assert verify(request.headers, request.body, secret)


def test_the_documented_code_refuses_another_secret(bench: PushBench, verify: Verify) -> None:
    request = received(bench)
    assert not verify(request.headers, request.body, OTHER_SECRET)


def test_the_documented_code_refuses_an_old_request(bench: PushBench, verify: Verify) -> None:
    request = received(bench, age=301)
    assert not verify(request.headers, request.body, SECRET)


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_a_changed_header_breaks_the_signature(
    bench: PushBench, verify: Verify, header: str
) -> None:
    request = received(bench)
    changed = {**request.headers, header: str(int(time.time()) + 1)}
    assert not verify(changed, request.body, SECRET)


def test_a_changed_body_breaks_the_signature(bench: PushBench, verify: Verify) -> None:
    request = received(bench)
    assert not verify(request.headers, request.body + b" ", SECRET)


def test_the_signature_is_that_of_the_published_example() -> None:
    keys = signing_keys("whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_field_and_no_other_is_documented() -> None:
    table = DOCUMENT.read_text().partition("| field |")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == WebhookBody.__struct_fields__
    assert b"bob" in webhook_body(push(1))


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("", id="empty"),
        pytest.param("hunter2", id="a password"),
        pytest.param(SECRET.removeprefix("whsec_"), id="no prefix"),
        pytest.param("whsec_c2hvcnQ=", id="too short"),
        pytest.param("whsec_" + "AAAA" * 22, id="too long"),
        pytest.param("whsec_ünicode", id="not base64"),
        pytest.param(f"{SECRET} hunter2", id="second one bad"),
    ],
)
def test_a_secret_that_cannot_sign_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="whsec_ followed by") as refusal:
        signing_keys(secret)
    assert not secret or secret not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    ["ftp://host/url-token", "host/url-token", "https:///url-token", "http://host:url-token/", ""],
)
def test_a_url_that_is_not_http_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="push webhook's URL") as refusal:
        WebhookProvider(url, SECRET, timedelta(seconds=1))
    assert "url-token" not in str(refusal.value)


@pytest.mark.parametrize("proxy", ["socks5://user:hidden@localhost:1", "http://hidden:port"])
def test_a_proxy_that_cannot_be_used_is_a_mistake_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigurationError, match="cannot be made with the proxy") as caught:
        WebhookProvider("https://push.example", SECRET, timedelta(seconds=1))
    assert "hidden" not in str(caught.value)
