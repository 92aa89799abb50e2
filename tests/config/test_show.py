from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.librdkafka import is_credential
from config.load import load_settings
from config.settings import Settings
from config.show import MASK, mask_url, show


def test_what_is_shown_can_be_loaded_again(tmp_path: Path) -> None:
    environ = {
        "CHAT_KAFKA__PROPERTIES": '{"client.id": "a#b: c", "socket.keepalive.enable": true}',
        "CHAT_STATS__WINDOW_LENGTH": "1500ms",
        "CHAT_PUSH__DIRECTORY": "people.json",
    }
    settings = load_settings(environ)
    file = tmp_path / "shown.yaml"
    file.write_text(show(settings), encoding="utf-8")
    assert load_settings({"CHAT_CONFIG": str(file)}) == settings


def test_every_setting_is_shown() -> None:
    shown = yaml.safe_load(show(Settings()))
    assert shown.keys() == Settings.model_fields.keys()
    assert shown["push"]["webhook"].keys() == {
        "url",
        "secret",
        "timeout",
        "concurrency",
        "max_backoff",
    }


def test_origin_stands_beside_the_setting() -> None:
    shown = show(Settings(), {("log", "level"): "CHAT_LOG__LEVEL"})
    assert '  level: "INFO"  # CHAT_LOG__LEVEL\n' in shown


@pytest.mark.parametrize(
    "name",
    [
        "sasl.password",
        "ssl.key.password",
        "ssl.key.pem",
        "sasl.oauthbearer.client.secret",
        "sasl.jaas.config",
        "sasl.oauthbearer.config",
        "SASL.PASSWORD",
    ],
)
def test_credential_among_the_properties_is_masked(name: str) -> None:
    settings = Settings.model_validate({"kafka": {"properties": {name: "hunter2"}}})
    assert yaml.safe_load(show(settings))["kafka"]["properties"] == {name: MASK}


@pytest.mark.parametrize(
    "name",
    [
        "security.protocol",
        "ssl.ca.location",
        "ssl.key.location",
        "sasl.username",
        "sasl.oauthbearer.token.endpoint.url",
        "fetch.min.bytes",
    ],
)
def test_property_that_is_no_credential_is_shown(name: str) -> None:
    assert not is_credential(name)


def test_secret_and_address_of_the_webhook_are_masked() -> None:
    url = "https://me:hunter2@push.example/hunter2/send?key=hunter2#hunter2"
    webhook = {"url": url, "secret": "hunter2"}
    shown = show(Settings.model_validate({"push": {"webhook": webhook}}))
    assert "hunter2" not in shown
    assert f"https://{MASK}@push.example/{MASK}?{MASK}" in shown


@given(st.from_regex(r"[a-z:@!]{1,8}", fullmatch=True))
def test_nothing_before_the_host_of_a_url_is_shown(login: str) -> None:
    assert mask_url(f"https://{login}@host/") == f"https://{MASK}@host/"


@pytest.mark.parametrize(
    "text", ["https://host", "https://host/", "duckdb:///var/a@b.duckdb", "what?"]
)
def test_text_without_credentials_is_left_as_it_is(text: str) -> None:
    assert mask_url(text) == text
