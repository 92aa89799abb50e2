"""The time in which this process waits for the others, in native code that hears no signal.

The engine connects the processes before it runs any of them, and waits for those that are missing
without an end and without a word.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)

_LOOK = 0.2
_SAY_AGAIN = 30.0
"""Seconds between two lines about processes that are missing."""
_STOPPING = bytes((signal.SIGTERM, signal.SIGINT))


class Connecting:
    """Says who is missing, and lets a signal end the wait."""

    def __init__(self, others: Sequence[str], on_signal: Callable[[], None]) -> None:
        """`others` are their addresses; `on_signal` is called from a thread of its own."""
        self._others = others
        self._on_signal = on_signal
        self._is_over = threading.Event()
        self._signals, written = os.pipe()
        os.set_blocking(self._signals, False)
        os.set_blocking(written, False)
        # Python writes here from the signal itself, whatever the main thread is doing.
        signal.set_wakeup_fd(written, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, name="connecting", daemon=True).start()

    def over(self) -> None:
        """The engine runs: from here on signals are handled as always."""
        self._is_over.set()

    def _watch(self) -> None:
        waited, say_at = 0.0, _SAY_AGAIN / 3
        while not self._is_over.wait(_LOOK):
            waited += _LOOK
            if self._was_signalled():
                self._on_signal()
            if waited > say_at:
                say_at += _SAY_AGAIN
                log.warning(
                    "waiting for the other processes, at %s: the flow runs when all are there",
                    ", ".join(self._others),
                )

    def _was_signalled(self) -> bool:
        try:
            return any(number in _STOPPING for number in os.read(self._signals, 64))
        except BlockingIOError:
            return False
