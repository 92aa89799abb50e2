"""From the first setting to the last signal: how the flow's process behaves around the engine."""

import atexit
import contextlib
import faulthandler
import gc
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import NoReturn

from config.errors import ChatflowError
from config.settings import LogSettings
from dataflows.json_log import JsonFormatter
from dataflows.workers import process_number
from native.kafka_client import can_read_in_c
from native.library import library

log = logging.getLogger(__name__)

_WORDS = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_AT_ONCE = "chatflow: stopped at once; the next start goes on from the last commit"

stopping = threading.Event()
"""Set by the first SIGTERM or SIGINT: sources end, what was read is made durable, exit 0."""


translations: list[Callable[[BaseException], ChatflowError | None]] = []
"""What puts errors that are none of ours into words; asked in turn."""


def set_up_logging(settings: LogSettings) -> None:
    """One line an event on stderr, for people or as JSON; then everything there is JSON."""
    stream = logging.StreamHandler()
    stream.setFormatter(logging.Formatter(_WORDS))
    if settings.format == "json":
        stream.setFormatter(JsonFormatter(process_number(sys.argv, os.environ)))
        logging.captureWarnings(True)
        threading.excepthook = _say_of_thread
    logging.basicConfig(level=settings.level, handlers=[stream], force=True)


def keep_native_code_quiet() -> None:
    """Leave stderr to Python: the engine answers any error with a panic and a backtrace of its own.

    What the engine and the Kafka client write there by themselves is dropped; the error they wrap
    is said in words, or with its Python traceback when it is a defect.
    """
    own = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = own
    faulthandler.enable(own)


def say_what_is_slow() -> None:
    """Say so where C cannot do what it does elsewhere."""
    if library() is None:
        log.warning("runs without its compiled library, slower; python -m native.build makes it")
    elif not can_read_in_c():
        log.warning("reads with an object for each record, slower: librdkafka has to be a library")


def stop_on_signals() -> None:
    """Drain on the first SIGTERM or SIGINT; a second SIGINT stops at once."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)


_SWITCH_AFTER = 0.0003
"""Seconds that the flow's own thread keeps the interpreter's lock while another one waits for it.

The thread that writes needs it for a moment between any two calls into the database, dozens of
times a commit. With Python's own 5 ms a busy flow draws out its own commits until it has to wait
for them.
"""


def tune_interpreter() -> None:
    """Leave what start-up made out of every collection, collect seldom, and switch threads soon.

    Micro-batches make millions of objects that reference counting frees: looking for cycles among
    them is time lost.
    """
    sys.setswitchinterval(_SWITCH_AFTER)
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)
    # Frozen objects are never finalised, which native libraries report as leaks at exit.
    atexit.register(gc.unfreeze)


def speak_in_words() -> None:
    """Print errors of the environment as a sentence, without a traceback.

    Where native code ends the process, say which functions of Python it was in: names, no values.
    Where nobody can write a line, because the disk of the log is full, lines are lost and nothing
    else: neither the flow nor its exit status depends on them.
    """
    faulthandler.enable()
    sys.excepthook = _say
    atexit.register(_let_lines_go)


def end_with(error: Exception) -> None:
    """Say what happened and end the process, as hard as a crash and as harmless.

    The engine answers an error raised while it closes an epoch with lines of its own about a panic;
    nothing of the epoch is durable, and the next start goes on from the last commit.
    """
    found = words_of(error)
    if found is None:
        _tell("".join(traceback.format_exception(error)).rstrip(), error)
        os._exit(1)
    _leave(f"chatflow: {found}", found.exit_status, found)


def leave_unstarted() -> NoReturn:
    """End, because a signal said so, before anything was read."""
    _leave("chatflow: stopped before the flow ran; nothing was read", 0)


def words_of(error: BaseException) -> ChatflowError | None:
    """The error that a person can act on, wherever the engine has wrapped it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ChatflowError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    found = words_of(error) or next(filter(None, (say(error) for say in translations)), None)
    if found is not None:
        _leave(f"chatflow: {found}", found.exit_status, found)
    if isinstance(error, KeyboardInterrupt):
        _leave(_AT_ONCE, 130)
    _tell("".join(traceback.format_exception(kind, error, trace)).rstrip(), error)


def _say_of_thread(ended: threading.ExceptHookArgs) -> None:
    name = ended.thread.name if ended.thread is not None else "?"
    if (error := ended.exc_value) is not None:
        log.error("the thread %s ended", name, exc_info=error)


def _leave(words: str, status: int, error: BaseException | None = None) -> NoReturn:
    """Say it and go: the interpreter would end with status 1 whatever the hook does."""
    _tell(words, error)
    os._exit(status)


def _tell(words: str, error: BaseException | None) -> None:
    """The last words, as a line of JSON where the log is; a defect's text stays out of that."""
    for found in logging.getLogger().handlers:
        if isinstance(found.formatter, JsonFormatter):
            is_ours = error is None or isinstance(error, ChatflowError)
            said = words.removeprefix("chatflow: ") if is_ours else "a defect ended the flow"
            trace = None if error is None else (type(error), error, error.__traceback__)
            record = logging.LogRecord("chatflow", logging.ERROR, "", 0, "%s", (said,), trace)
            words = found.formatter.format(record)
    with contextlib.suppress(OSError):
        sys.stderr.write(words + "\n")
        sys.stderr.flush()


def _let_lines_go() -> None:
    """Else the interpreter, which tries to write them when it ends, ends with status 120."""
    try:
        sys.stderr.flush()
    except OSError:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stderr.fileno())


def _stop(number: int, frame: FrameType | None) -> None:
    if not stopping.is_set():
        log.info("%s: finishing what was read", signal.Signals(number).name)
    stopping.set()
    signal.signal(signal.SIGINT, _stop_at_once)


def _stop_at_once(number: int, frame: FrameType | None) -> None:
    """Not by an exception: closing what is open would wait for whoever holds the database."""
    _leave(_AT_ONCE, 130)
