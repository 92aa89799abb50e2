from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.config import app
from config.errors import ConfigurationError


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "chat.yaml"
    monkeypatch.setenv("CHAT_CONFIG", str(file))
    return file


def test_valid_configuration_is_named(config_file: Path) -> None:
    config_file.write_text("log: {level: DEBUG}", encoding="utf-8")
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 0
    assert result.stdout == f"configuration is valid: {config_file}\n"


@pytest.mark.parametrize("command", ["check", "show"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("log: {level: LOUD}", "log.level must be"),
        ("kafka: {properties: {sasl.pasword: hunter2}}", "sasl.pasword"),
    ],
    ids=["ours", "librdkafka's"],
)
def test_mistake_is_told_and_nothing_is_shown(
    config_file: Path, command: str, text: str, words: str
) -> None:
    config_file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, [command])
    assert isinstance(result.exception, ConfigurationError)
    assert words in str(result.exception)
    assert "hunter2" not in result.output


def test_settings_are_shown_with_their_origin_and_without_secrets(config_file: Path) -> None:
    config_file.write_text("kafka: {properties: {sasl.password: hunter2}}", encoding="utf-8")
    result = CliRunner().invoke(app, ["show"], env={"CHAT_ENGINE__SHARDS": "4"})
    assert result.exit_code == 0
    assert result.stdout.startswith(f"# file: {config_file}\n")
    assert "  shards: 4  # CHAT_ENGINE__SHARDS\n" in result.stdout
    assert "hunter2" not in result.output


def test_reference_is_printed_as_markdown() -> None:
    assert CliRunner().invoke(app, ["reference"]).stdout.startswith("# Settings\n")
