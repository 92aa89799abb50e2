"""What the documents say about the code is so."""

import importlib.util
import re
import shlex
from pathlib import Path

import duckdb
import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cli.main import app
from config.keys import FIELDS, PROPERTIES, dotted, variable
from schemas.tables import FLOW_STATE, KAFKA_OFFSETS, TABLES
from sinks.migrate import migrate
from tests.documents import DOCUMENTS, ROOT, blocks, changed, changes, prose, shell_lines, spans
from tests.flow_drawing import drawing

_SECTIONS = "|".join(path[0] for path in FIELDS if len(path) == 1)
_KEY = re.compile(rf"(?:{_SECTIONS})(?:\.[a-z_]+)+")
_FILES = (".py", ".md", ".sql", ".yaml", ".yml", ".toml", ".service")
_TABLE_NAMES = {table.name for table in TABLES}
_EXAMPLES = {"dataflows/mentions.py": "mentions.py", "sinks/json_lines.py": "json_lines.py"}
_TO_WRITE = {
    *_EXAMPLES,
    "tests/dataflows/test_mentions.py",
    "tests/sinks/test_json_lines.py",
    "analytics/user_events_per_day.sql",
}

each_document = pytest.mark.parametrize("document", DOCUMENTS)


def test_the_drawing_in_the_readme_is_that_of_the_flow() -> None:
    """If not: `python -m tests.flow_drawing` prints the new one."""
    assert blocks("README.md", "mermaid") == [drawing()]


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


@each_document
def test_links_lead_somewhere(document: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", prose(document))
    assert [link for link in links if not _leads(document, link)] == []


@each_document
def test_files_that_are_named_exist(document: str) -> None:
    names = [span for span in spans(document) if re.fullmatch(r"[\w.-]+/[\w./-]+", span)]
    there = (ROOT, (ROOT / document).parent)
    assert [
        name
        for name in names
        if name not in _TO_WRITE and name.endswith(_FILES)
        if not any((place / name).exists() for place in there)
    ] == []


@each_document
def test_settings_that_are_named_exist(document: str) -> None:
    named = {span for span in spans(document) if _KEY.fullmatch(span) if not _is_file(span)}
    assert named - {dotted(path) for path in FIELDS} == set()


@each_document
def test_variables_that_are_named_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    known = {variable(path) for path in FIELDS}
    named = set(re.findall(r"CHAT_\w*[A-Z]", text)) - {"CHAT_CONFIG"}
    prefix = variable(PROPERTIES) + "__"
    assert {name for name in named if not name.startswith(prefix)} - known == set()


@each_document
def test_commands_that_are_named_exist(document: str) -> None:
    commands = [line for line in shell_lines(document) if re.match(r"\S*chatflow [a-z]", line)]
    assert [line for line in commands if not _is_command(line.partition(" > ")[0])] == []


@each_document
def test_make_targets_that_are_named_exist(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {m[1] for line in shell_lines(document) if (m := re.match(r"make ([a-z-]+)", line))}
    assert named - targets == set()


@each_document
def test_modules_that_are_run_exist(document: str) -> None:
    text = " ".join(shell_lines(document))
    assert [name for name in re.findall(r"python -m ([\w.]+)", text) if not _is_module(name)] == []


def test_documents_name_commands_settings_targets_and_modules() -> None:
    """So that the tests above have something to find."""
    lines = [line for document in DOCUMENTS for line in shell_lines(document)]
    named = {line.removeprefix(".venv/bin/").split(" ")[0] for line in lines if line}
    assert {"chatflow", "python", "make", "push.webhook.timeout"} <= named


@each_document
def test_queries_run_on_the_tables(document: str) -> None:
    """Those with parameters are tried in tests/analytics."""
    asked = [shlex.split(line)[1] for line in shell_lines(document) if re.match("ask [\"']S", line)]
    plain = [query for query in blocks(document, "sql") if "$start" not in query]
    with duckdb.connect(":memory:") as connection:
        migrate(connection, "duckdb")
        for query in [*plain, *asked]:
            connection.execute(query)


def test_the_readme_names_every_table_that_is_for_others() -> None:
    listed = {span for span in spans("README.md") if span in _TABLE_NAMES}
    assert listed == _TABLE_NAMES - {KAFKA_OFFSETS.name, FLOW_STATE.name}


@each_document
def test_columns_that_are_named_with_their_table_exist(document: str) -> None:
    known = {f"{table.name}.{name}" for table in TABLES for name in table.names}
    named = {s for s in spans(document) if s.partition(".")[0] in _TABLE_NAMES and "." in s}
    keys = {dotted(path) for path in FIELDS}
    assert named - known - keys == set()


def test_the_examples_in_the_guide_are_those_that_are_tested() -> None:
    examples = [(ROOT / "docs" / "examples" / name).read_text() for name in _EXAMPLES.values()]
    assert blocks("CONTRIBUTING.md", "python") == examples


@pytest.mark.parametrize("file", ["dataflows/chat.py", "dataflows/launch.py"])
def test_the_changes_in_the_guide_fit_the_code(file: str) -> None:
    compile(changed(file, changes("CONTRIBUTING.md")[file]), file, "exec")


@pytest.mark.parametrize("file", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda f: f.stem)
def test_decisions_are_short_and_in_one_form(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 60


def test_decisions_are_numbered_without_gaps() -> None:
    names = sorted(file.name for file in (ROOT / "docs" / "adr").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def _leads(document: str, link: str) -> bool:
    if link.startswith(("https://", "http://")):
        return True
    name, _, anchor = link.partition("#")
    file = (ROOT / document).parent / name if name else ROOT / document
    return file.exists() and (not anchor or anchor in _anchors(file))


def _anchors(file: Path) -> set[str]:
    """The fragments of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _is_file(span: str) -> bool:
    return span.endswith(_FILES)


def _is_command(line: str) -> bool:
    """Whether `chatflow` has the command of a line, and every option that it is given."""
    command = get_command(app)
    words = shlex.split(line)[1:]
    while words and isinstance(command, TyperGroup) and not words[0].startswith("-"):
        found = command.commands.get(words.pop(0))
        if found is None:
            return False
        command = found
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    return {word for word in words if word.startswith("--")} <= known | {"--help", "--version"}


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
