"""Names and numbers from tables, made fit for a page."""

import unicodedata

_HIDDEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_LARGE = 1e15


def printable(text: str, most: int) -> str:
    """The text with a sign for what cannot be seen or turns the line around, cut after `most`."""
    shown = "".join("\ufffd" if _is_hidden(sign) else sign for sign in text[:most])
    return f"{shown}…" if len(text) > most else shown


def number_text(value: float) -> str:
    """A number as people read it: groups of three, no more decimals than it deserves."""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < _LARGE):
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.1f}"
    return f"{value:.3g}"


def is_share(column: str) -> bool:
    """Whether the name of a column says that its numbers are parts of one."""
    return column == "share" or column.endswith("_share")


def figure(value: float, *, share: bool) -> str:
    """A number, or a part of one as people read it."""
    return f"{value:.1%}" if share else number_text(value)


def heading(column: str) -> str:
    """The name of a column as a reader is told it."""
    return column.replace("_", " ")


def _is_hidden(sign: str) -> bool:
    return sign in _DIRECTIONS or unicodedata.category(sign) in _HIDDEN
