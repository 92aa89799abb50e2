"""The process around the engine: words for errors, log lines, signals."""

import contextlib
import io
import json
import logging
import subprocess
import sys

import pytest
from bytewax.errors import BytewaxRuntimeError

from config.errors import ChatflowError, ConfigurationError
from dataflows.json_log import JsonFormatter
from dataflows.lifecycle import words_of


def raised(error: BaseException, *causes: BaseException) -> BaseException:
    """The error, caused by the next one, and so on."""
    found = error
    for cause in causes:
        found.__cause__ = cause
        found = cause
    return error


def test_words_are_found_wherever_the_engine_wrapped_them() -> None:
    words = ChatflowError("the broker is away")
    wrapped = raised(BytewaxRuntimeError("a"), BytewaxRuntimeError("b"), words, ValueError())
    assert words_of(words) is words
    assert words_of(wrapped) is words


def test_words_are_found_in_the_context_as_well() -> None:
    error = RuntimeError()
    error.__context__ = words = ConfigurationError("no such key")
    assert words_of(error) is words


def test_a_mistake_of_the_program_has_no_words() -> None:
    assert words_of(raised(BytewaxRuntimeError(), ValueError())) is None


def line(
    message: str, *arguments: object, error: Exception | None = None, process: int | None = None
) -> dict[str, object]:
    stream = io.StringIO()
    sink = logging.StreamHandler(stream)
    sink.setFormatter(JsonFormatter(process))
    failed = (type(error), error, error.__traceback__) if error else None
    found = logging.LogRecord("a.b", logging.INFO, "f", 1, message, arguments, failed)
    sink.handle(found)
    parsed: dict[str, object] = json.loads(stream.getvalue())
    return parsed


def test_a_log_line_is_one_json_object() -> None:
    found = line("%s came\nand went", "早")
    assert found["message"] == "早 came\nand went"
    assert (found["level"], found["logger"]) == ("INFO", "a.b")
    assert str(found["ts"]).endswith("+00:00")


def test_a_log_line_names_the_type_of_an_error_and_not_what_it_says() -> None:
    try:
        raise ValueError("secret")
    except ValueError as error:
        found = line("failed", error=error)
    assert found["error"] == "ValueError"
    assert "secret" not in str(found)
    [place] = found["trace"] if isinstance(found["trace"], list) else []
    assert place.startswith("test_lifecycle.py:")


def test_a_log_line_of_a_cluster_names_its_process() -> None:
    assert "process" not in line("alone")
    assert line("one of three", process=2)["process"] == 2


def run(body: str, *, log: str | None = None) -> subprocess.CompletedProcess[str]:
    """A process that speaks in words and ends as `body` makes it; `log` is where it does so."""
    program = (
        "from dataflows import lifecycle\n"
        "from config.errors import ChatflowError, ConfigurationError\n"
        f"lifecycle.speak_in_words()\n{body}\n"
    )
    command = [sys.executable, "-c", program]
    with contextlib.ExitStack() as files:
        stderr = subprocess.PIPE if log is None else files.enter_context(open(log, "wb"))
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, text=True)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("raise ChatflowError('the broker is away')", 1),
        ("raise ConfigurationError('the broker is away')", 2),
        (
            "try:\n 1/0\nexcept Exception as e:\n raise ChatflowError('the broker is away') from e",
            1,
        ),
        ("raise RuntimeError() from ChatflowError('the broker is away')", 1),
    ],
    ids=["failure", "configuration", "with-a-cause", "as-a-cause"],
)
def test_an_error_of_the_environment_is_a_sentence_and_a_status(body: str, status: int) -> None:
    found = run(body)
    assert (found.returncode, found.stderr) == (status, "chatflow: the broker is away\n")


def test_an_interruption_is_no_traceback() -> None:
    found = run("raise KeyboardInterrupt")
    assert found.returncode == 130
    assert "Traceback" not in found.stderr


def test_a_mistake_of_the_program_shows_its_traceback() -> None:
    found = run("raise ValueError('a bug')")
    assert found.returncode == 1
    assert "Traceback" in found.stderr


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("import logging; logging.warning('a line')", 0),
        ("raise ChatflowError('the broker is away')", 1),
        ("raise ConfigurationError('no such key')", 2),
        ("raise ValueError('a bug')", 1),
        ("raise KeyboardInterrupt", 130),
    ],
    ids=["nothing", "failure", "configuration", "a bug", "interruption"],
)
def test_a_log_without_room_changes_no_exit_status(body: str, status: int) -> None:
    assert run(body, log="/dev/full").returncode == status


def test_the_first_signal_asks_to_stop_and_a_second_interrupts() -> None:
    found = run(
        "import os, signal\n"
        "lifecycle.stop_on_signals()\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
        "print(lifecycle.stopping.is_set(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
        "import time; time.sleep(5)"
    )
    assert found.stdout == "True\n"
    assert found.returncode == 130


def test_a_signal_to_terminate_only_asks_to_stop() -> None:
    found = run(
        "import os, signal\n"
        "lifecycle.stop_on_signals()\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "print(lifecycle.stopping.is_set())"
    )
    assert (found.returncode, found.stdout) == (0, "True\n")
