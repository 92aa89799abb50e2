"""The documents as text: their code blocks, their code spans, and the changes they propose."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    file.relative_to(ROOT).as_posix()
    for file in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


class Hunk(NamedTuple):
    """Lines of a file as they are, and as they are to be."""

    before: str
    after: str


def text_of(document: str) -> str:
    """What a document says."""
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document: str, language: str) -> list[str]:
    """The contents of the fenced blocks of a language, in order."""
    return [body for name, body in _FENCE.findall(text_of(document)) if name == language]


def prose(document: str) -> str:
    """The document without its fenced blocks."""
    return _FENCE.sub("", text_of(document))


def spans(document: str) -> list[str]:
    """What stands between backticks in the prose."""
    return _SPAN.findall(prose(document))


def shell_lines(document: str) -> list[str]:
    """The commands of a document: lines of its shell blocks, and code spans, without comments."""
    text = "".join(blocks(document, "sh")).replace("\\\n", " ")
    return [line.partition("  #")[0].strip() for line in (*text.splitlines(), *spans(document))]


def changes(document: str) -> dict[str, list[Hunk]]:
    """The changes to files that the `diff` blocks of a document propose, by file."""
    found: dict[str, list[Hunk]] = {}
    for block in blocks(document, "diff"):
        heading, *hunks = block.split("@@\n")
        (file,) = re.findall(r"^\+\+\+ (.*)$", heading, re.MULTILINE)
        found.setdefault(file, []).extend(_hunk(hunk) for hunk in hunks)
    return found


def changed(file: str, hunks: list[Hunk]) -> str:
    """The text of a file with these changes; each has exactly one place."""
    text = text_of(file)
    for hunk in hunks:
        assert text.count(hunk.before) == 1, f"{file} has no such lines, or twice:\n{hunk.before}"
        text = text.replace(hunk.before, hunk.after)
    return text


def _hunk(lines: str) -> Hunk:
    return Hunk("".join(_side(lines, "-")), "".join(_side(lines, "+")))


def _side(lines: str, sign: str) -> Iterator[str]:
    for line in lines.splitlines(keepends=True):
        if line[:1] in (" ", sign):
            yield line[1:]
        elif line == "\n":
            yield line
