"""The errors that our packages raise: their classes, and their texts with `…` for what varies."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from config.errors import ChatflowError
from tests.documents import ROOT

PACKAGES = (
    *("cli", "analytics", "dead_letters", "inspection", "traffic"),
    *("dataflows", "sinks", "config", "schemas"),
)


def error_classes() -> set[str]:
    """The names of `ChatflowError` and all its kinds in our packages."""
    for package in PACKAGES:
        _import_all(importlib.import_module(package))
    found, new = {ChatflowError}, [ChatflowError]
    while new:
        new = [kind for known in new for kind in known.__subclasses__()]
        found.update(new)
    return {kind.__name__ for kind in found if kind.__module__.partition(".")[0] in PACKAGES}


def raised_texts() -> dict[str, str]:
    """By place, the text with which one of these errors is made, where it stands there."""
    names = error_classes()
    return {
        f"{file.relative_to(ROOT)}:{call.lineno}": text
        for file, tree in _sources()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names
        if call.args and (text := _text(call.args[0])) and any(map(str.isalpha, text))
    }


def all_texts() -> list[str]:
    """Every text in the source of our packages."""
    return [
        text
        for _, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and (text := _text(node)) is not None
    ]


def _import_all(package: ModuleType) -> None:
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(found.name)


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            yield file, ast.parse(file.read_text(encoding="utf-8"))


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        return "".join(parts)
    return None
