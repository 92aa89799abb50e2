"""What all log lines of our packages are made of, as far as the source shows it."""

import ast
from collections.abc import Iterator

import pytest

from tests.documents import ROOT
from tests.error_texts import PACKAGES

_LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
_CONTENT = {
    *("content", "payload", "message_data", "value", "key", "headers", "records", "events"),
    *("devices", "secret", "password", "token", "properties", "url", "body"),
}
"""Names of what people write, and of what nobody may know."""
_EXPLAINED = {"dataflows/monitor.py: server.url"}
"""The address that we listen on ourselves."""


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """By file, every call of a logger."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    logger = node.func.value
                    named = isinstance(logger, ast.Name) and logger.id in ("log", "_log")
                    if named and node.func.attr in _LEVELS:
                        yield str(file.relative_to(ROOT)), node


CALLS = list(log_calls())


def test_log_calls_are_found() -> None:
    assert len(CALLS) > 10


@pytest.mark.parametrize(("file", "call"), CALLS, ids=[f"{f}:{c.lineno}" for f, c in CALLS])
def test_a_log_line_is_fixed_words_with_places_for_what_varies(file: str, call: ast.Call) -> None:
    words = call.args[0]
    assert isinstance(words, ast.Constant), "an f-string would hide what is put into it"


@pytest.mark.parametrize(("file", "call"), CALLS, ids=[f"{f}:{c.lineno}" for f, c in CALLS])
def test_nothing_of_what_people_wrote_is_put_into_a_log_line(file: str, call: ast.Call) -> None:
    given = [*call.args[1:], *(word.value for word in call.keywords)]
    attributes = [n for g in given for n in ast.walk(g) if isinstance(n, ast.Attribute | ast.Name)]
    found = {
        f"{file}: {ast.unparse(node)}"
        for node in attributes
        if (node.attr if isinstance(node, ast.Attribute) else node.id) in _CONTENT
    }
    assert found <= _EXPLAINED
