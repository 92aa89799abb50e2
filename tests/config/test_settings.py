from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from config.settings import Settings, WebhookSettings
from config.store import StoreSettings


def test_sections_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().stats.window_length = 5  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("url", "path"),
    [("duckdb:///var/x.duckdb", "var/x.duckdb"), ("duckdb:////srv/x.duckdb", "/srv/x.duckdb")],
    ids=["three slashes are relative", "four slashes are absolute"],
)
def test_store_url_names_a_file(url: str, path: str) -> None:
    assert StoreSettings(url=url).path == Path(path)


@pytest.mark.parametrize(
    "url",
    ["duckdb://x.duckdb", "duckdb:///", "duckdb:///:memory:", "duckdb:///var/", "sqlite:///x", "x"],
)
def test_store_url_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="must be duckdb:///relative"):
        StoreSettings(url=url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_postgres_url_is_taken_and_its_password_not_told(scheme: str) -> None:
    found = StoreSettings(url=f"{scheme}://me:hunter2@db/chat")
    assert found.is_postgres
    assert "hunter2" not in f"{found} {found!r}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://",
        "postgresql:///chat?host=/run/postgresql",
        "postgresql://me:a%2Fb%40@one:1,[::1]:2,three/chat?sslmode=verify-full",
    ],
)
def test_postgres_urls_have_all_forms_that_libpq_knows(url: str) -> None:
    assert StoreSettings(url=url).is_postgres


@pytest.mark.parametrize(
    "url", ["postgresql://me:hunter2/3@db/chat", "postgres://me:hunter2@3@db", "postgres://h:x/c"]
)
def test_a_postgres_url_that_would_show_a_part_of_its_password_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="percent-encoded") as refused:
        StoreSettings(url=url)
    assert "hunter2" not in refused.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://push.example",
        "push.example/send",
        "https:///send",
        "https://push.example:port",
        "https://[push",
    ],
)
def test_webhook_is_an_http_url_with_a_host(url: str) -> None:
    with pytest.raises(ValidationError, match="must be an http:// or https:// URL"):
        WebhookSettings(url=url)


def test_nothing_secret_is_in_the_text_of_a_section() -> None:
    webhook = WebhookSettings(url="https://push.example?key=hunter2", secret=SecretStr("hunter2"))
    settings = Settings.model_validate({"kafka": {"properties": {"sasl.password": "hunter2"}}})
    assert "hunter2" not in f"{webhook} {webhook!r} {settings} {settings!r}"
