"""Ctrl-C as a question that a command asks when it can act on the answer."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Yield the question whether to finish; for the main thread.

    The first SIGINT, SIGTERM or SIGHUP turns the answer to yes, the second raises
    KeyboardInterrupt, and the later ones are ignored, so that cleaning up is not cut short.
    """
    received = 0

    def receive(number: int, frame: FrameType | None) -> None:
        nonlocal received
        received += 1
        if received == 2:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, receive) for number in _SIGNALS}
    try:
        yield lambda: received > 0
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
