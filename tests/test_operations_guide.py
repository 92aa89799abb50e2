"""What docs/operations.md says of errors, dead letters and the service is so."""

import configparser
import re
from pathlib import Path

from config.errors import ConfigurationError
from config.load import load_settings
from schemas.reasons import Reason
from tests.documents import ROOT, prose, spans
from tests.error_texts import all_texts, error_classes, raised_texts

OPERATIONS = "docs/operations.md"
UNIT = ROOT / "deploy" / "systemd" / "chatflow.service"


def test_every_reason_of_dead_letters_is_explained() -> None:
    assert _first_cells(OPERATIONS, "reason") == [reason.value for reason in Reason]


def test_every_kind_of_error_is_mentioned() -> None:
    assert error_classes() - set(spans(OPERATIONS)) == set()


def test_every_text_of_an_error_is_explained() -> None:
    phrases = [_pattern(phrase) for phrase in _error_phrases()]
    unexplained = {
        place: text
        for place, text in raised_texts().items()
        if not any(phrase.search(text) for phrase in phrases)
    }
    assert unexplained == {}


def test_no_text_is_explained_that_nobody_says() -> None:
    texts = all_texts()
    assert [p for p in _error_phrases() if not any(_pattern(p).search(t) for t in texts)] == []


def test_the_service_runs_the_flow_and_keeps_its_database() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.read(UNIT)
    service = unit["Service"]
    command = "/opt/chatflow/.venv/bin/python -m bytewax.run dataflows.chat -s 2"
    assert service["ExecStart"] == command
    assert service["RestartPreventExitStatus"] == str(ConfigurationError.exit_status)
    settings = load_settings({"CHAT_CONFIG": str(ROOT / "config" / "config.prod.yaml")})
    assert settings.store.path.parent == Path("/var/lib") / service["StateDirectory"]


def _first_cells(document: str, heading: str) -> list[str]:
    """The first column of the table with this heading, without backticks."""
    text = prose(document)
    (table,) = re.findall(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [line.split("|")[1].strip(" `") for line in table.splitlines()]


def _error_phrases() -> list[str]:
    """What the section about errors quotes; `…` stands for what varies."""
    section = prose(OPERATIONS).partition("## What an error means")[2]
    section = section.partition("### When Kafka")[0]
    cells = (line.split("|")[1] for line in section.splitlines() if line.startswith("|"))
    return [p for cell in cells for p in re.findall(r"`([^`]+)`", cell) if " " in p or ":" in p]


def _pattern(phrase: str) -> re.Pattern[str]:
    """The phrase as it stands in source, where anything may stand for a `…` of the document."""
    return re.compile(".*?".join(map(re.escape, phrase.split("…"))), re.DOTALL)
