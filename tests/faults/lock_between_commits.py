"""Another program that gets hold of the database between two commits of a running flow."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

import duckdb

from tests.sinks.lock_holder import LockHolder, lock_holder

_PATIENCE = 30.0

X = TypeVar("X")


@contextlib.contextmanager
def reader(path: Path) -> Iterator[int]:
    """One that reads the file until the block ends; yields its process id."""
    with _patient(lambda: lock_holder(path), AssertionError) as found:
        assert isinstance(found, LockHolder)
        yield found.pid


@contextlib.contextmanager
def writer(path: Path) -> Iterator[int]:
    """The same for one that may write it."""
    with _patient(lambda: duckdb.connect(str(path)), duckdb.IOException):
        yield os.getpid()


@contextlib.contextmanager
def _patient(
    hold: Callable[[], AbstractContextManager[X]], refusal: type[Exception]
) -> Iterator[X]:
    deadline = time.monotonic() + _PATIENCE
    with contextlib.ExitStack() as held:
        while True:
            try:
                found = held.enter_context(hold())
                break
            except refusal:
                assert time.monotonic() < deadline, "the flow never lets go of its database"
        yield found
