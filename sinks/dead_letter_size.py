"""Which dead letters a topic takes whole."""

from schemas.events import DeadLetter

_LARGEST = 15 * 1024 * 1024
"""Bytes of a record that a 16 MiB topic takes with the headers of its provenance."""


def fits(letter: DeadLetter) -> bool:
    """Whether the brokers take it whole; the table `dead_letters` has it in any case."""
    headers = sum(len(name) + len(value or "") for name, value in letter.headers)
    return len(letter.payload or b"") + len(letter.key or b"") + headers <= _LARGEST
