"""Waits of the main thread from which a signal can call it back."""

from concurrent.futures import Future, wait
from typing import TypeVar

_T = TypeVar("_T")
_LOOK_UP = 0.2
"""Seconds for which it waits without a look at signals."""


def result_of(job: Future[_T]) -> _T:
    """Wait for a job of another thread; raises what it ran into.

    A signal may be taken by any thread of the process, but Python handles it in the main one, and
    not while that waits for ever.
    """
    while not job.done():
        wait((job,), _LOOK_UP)
    return job.result()
