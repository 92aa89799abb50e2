"""Work that ends in time, or when somebody asks for it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from analytics.errors import QueryTimeoutError, StoppedError

T = TypeVar("T")
Stop = Callable[[], bool]
"""Whether to end early; asked often."""

_LOOK = 0.02
"""Seconds between two looks at clock and signals."""


def never() -> bool:
    """Nobody asks."""
    return False


def within(timeout: float, work: Callable[[], T], interrupt: Callable[[], None], stop: Stop) -> T:
    """Do the work on a thread of its own, so that this one can end it and hears signals.

    Args:
        timeout: Seconds it may take.
        work: Ends soon after `interrupt`, with whatever error.
        interrupt: Called from this thread, once or more often; harmless when the work is done.
        stop: Whether a signal came.

    Raises:
        QueryTimeoutError: The time is over.
        StoppedError: `stop` said so.
    """
    done: Future[T] = Future()
    thread = threading.Thread(target=_run, args=(work, done), name="query", daemon=True)
    thread.start()
    deadline = time.monotonic() + timeout
    reason: Exception | None = None
    try:
        while thread.is_alive() and reason is None:
            thread.join(_LOOK)
            if stop():
                reason = StoppedError("stopped by a signal")
            elif time.monotonic() > deadline:
                reason = QueryTimeoutError(f"took longer than {timeout:g} s")
    finally:  # also when a second Ctrl-C ends the wait
        while thread.is_alive():
            interrupt()
            thread.join(_LOOK)
    if reason is None or done.exception() is None:
        return done.result()
    raise reason


def _run(work: Callable[[], T], done: "Future[T]") -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # handed to the thread that waits
        done.set_exception(error)
