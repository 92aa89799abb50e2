"""Dead letters in, what `chatflow dlq` prints out; content only where it is asked for."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from dead_letters.letter import Letter
from dead_letters.selection import Kind

_DETAILS = 5
_LINE = 16
_MOST = 64 * 1024
"""Bytes of a value that are shown."""


class Shown(NamedTuple):
    """One dead letter, and what is said about it."""

    letter: Letter
    refusal: str | None
    """Why this release cannot decode it; None: it can."""
    is_replayed: bool
    with_payload: bool


def kinds_as_text(kinds: Sequence[Kind]) -> str:
    """Lines for people."""
    return "".join(f"{line}\n" for kind in kinds for line in _kind(kind)) or "no dead letters\n"


def kinds_as_json(kinds: Sequence[Kind]) -> str:
    """One JSON list, for programs; instants are RFC 3339."""
    found = [
        {**msgspec.structs.asdict(kind), "first": _instant(kind.first), "last": _instant(kind.last)}
        for kind in kinds
    ]
    return _pretty(found)


def as_text(shown: Shown) -> str:
    """Lines for people."""
    return "".join(f"{line}\n" for line in _lines(shown))


def as_json(shown: Shown) -> str:
    """One JSON object, for programs; bytes are base64, and only with the payload."""
    letter, entry = shown.letter, shown.letter.entry
    found: dict[str, object] = {
        "origin": entry.origin._asdict(),
        "dead_letter": None if entry.place is None else entry.place._asdict(),
        "recorded_at": _instant(entry.recorded_at),
        "reason": entry.reason,
        "detail": entry.detail,
        "written_by": letter.written_by or None,
        "refusal": shown.refusal,
        "replayed": shown.is_replayed,
        "whole": letter.whole,
        "key_bytes": _size(letter.key),
        "value_bytes": _size(letter.value),
        "header_bytes": [[name, _size(value)] for name, value in letter.headers],
    }
    if shown.with_payload:
        found |= {"key": letter.key, "value": letter.value, "headers": letter.headers}
    return _pretty(found)


def _kind(kind: Kind) -> Iterator[str]:
    replayed = f", {kind.replayed:,} of them replayed" if kind.replayed else ""
    yield f"{kind.topic:<18} {kind.reason:<18} {kind.count:>8,}{replayed}"
    yield f"    {_instant(kind.first)} to {_instant(kind.last)}, the newest {kind.newest}"
    for detail, count in sorted(kind.details.items(), key=lambda found: -found[1])[:_DETAILS]:
        yield f"    {detail}: {count:,}"


def _lines(shown: Shown) -> Iterator[str]:
    letter, entry = shown.letter, shown.letter.entry
    yield _line("original", f"{entry.origin}, recorded {_instant(entry.recorded_at)}")
    yield _line("dead letter", str(entry.place or "a row of dead_letters"))
    if letter.written_by:
        yield _line("written by", f"the flow of the group {letter.written_by}")
    yield _line("reason", f"{entry.reason}: {entry.detail}")
    yield _line("now", f"cannot be decoded: {shown.refusal}" if shown.refusal else "can be decoded")
    yield _line("replayed", "yes" if shown.is_replayed else "no")
    if not letter.whole:
        yield _line("", "too large to stand in the topic; the row of dead_letters has it whole")
    yield _line("key", _octets(letter.key))
    yield _line("value", _octets(letter.value))
    for name, value in letter.headers:
        yield _line("header", f"{name!a}, {_octets(value)}")
    if shown.with_payload:
        yield from _dump("key", letter.key)
        yield from _dump("value", letter.value)


def _dump(name: str, data: bytes | None) -> Iterator[str]:
    if not data:
        return
    yield f"\n{name}:"
    for at in range(0, min(len(data), _MOST), _LINE):
        part = data[at : at + _LINE]
        readable = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        yield f"{at:08x}  {part.hex(' '):<{3 * _LINE - 1}}  |{readable}|"
    if len(data) > _MOST:
        yield f"… {len(data) - _MOST:,} bytes more"


def _line(name: str, text: str) -> str:
    return f"{name:<13}{text}"


def _octets(value: bytes | str | None) -> str:
    size = _size(value)
    return "none" if size is None else f"{size:,} byte{'' if size == 1 else 's'}"


def _size(value: bytes | str | None) -> int | None:
    return None if value is None else len(value.encode() if isinstance(value, str) else value)


def _pretty(found: object) -> str:
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def _instant(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
