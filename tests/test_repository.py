"""What holds for the whole repository, whatever is written next."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.rows import Table
from schemas.tables import FLOW_STATE, TABLES

ROOT = Path(__file__).resolve().parent.parent
GENERATED = frozenset({"message_pb2.py"})
MAX_LINES, MAX_FUNCTION_LINES = 200, 40
FORBIDDEN = frozenset({"utils", "helpers", "helper", "common", "manager", "processor", "handler"})
UNFINISHED = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")
OUTSIDE = frozenset({".venv", "build", "var"})


def sources() -> list[Path]:
    """Every module of the project; not what tools and virtual environments leave beside them."""
    found = [path for path in ROOT.rglob("*.py") if path.name not in GENERATED]
    return [path for path in found if not OUTSIDE & set(path.relative_to(ROOT).parts)]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = node.body[0]
    said = ast.get_docstring(node) is not None
    spoken = (first.end_lineno or 0) - first.lineno + 1 if said else 0
    return (node.end_lineno or 0) - node.lineno + 1 - spoken


def words(name: str) -> set[str]:
    return set(name.lower().replace("-", "_").split("_"))


def test_files_fit_on_a_few_screens() -> None:
    sizes = {name_of(path): len(path.read_text().splitlines()) for path in sources()}
    assert {name: size for name, size in sizes.items() if size > MAX_LINES} == {}


def test_functions_fit_on_one_screen() -> None:
    sizes = {
        f"{name_of(path)}: {node.name}": lines_of(node)
        for path in sources()
        for node in functions(path)
    }
    assert {name: size for name, size in sizes.items() if size > MAX_FUNCTION_LINES} == {}


def test_modules_are_named_for_what_they_do() -> None:
    names = {name_of(path): words(path.stem) | words(path.parent.name) for path in sources()}
    assert {name: found & FORBIDDEN for name, found in names.items() if found & FORBIDDEN} == {}


def test_imports_are_absolute() -> None:
    relative = [
        name_of(path)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_packages_say_what_they_are_and_export_nothing() -> None:
    for path in sources():
        if path.name == "__init__.py":
            body = ast.parse(path.read_text()).body
            assert len(body) == 1, name_of(path)
            assert isinstance(body[0], ast.Expr), name_of(path)


def test_nothing_is_left_unfinished() -> None:
    found = [
        (name_of(path), word)
        for path in sources()
        for word in UNFINISHED
        if word in path.read_text()
    ]
    assert found == []


def test_test_names_are_sentences() -> None:
    short = [
        f"{name_of(path)}: {node.name}"
        for path in sources()
        for node in functions(path)
        if node.name.startswith("test_") and len(node.name.split("_")) < 3
    ]
    assert short == []


PUBLIC = [table for table in TABLES if table is not FLOW_STATE]


@pytest.mark.parametrize("table", PUBLIC, ids=lambda table: table.name)
def test_every_table_is_documented(table: Table) -> None:
    pages = [path.read_text() for path in (ROOT / "docs").rglob("*.md")]
    assert any(f"`{table.name}`" in page for page in pages)
