"""With `log.format` `json` everything on stderr is JSON: last words, defects, threads, warnings."""

import json
import subprocess
import sys

SET_UP = """
from config.errors import ChatflowError, ConfigurationError
from config.settings import LogSettings
from dataflows import lifecycle
lifecycle.speak_in_words()
lifecycle.set_up_logging(LogSettings(format="json"))
"""


def lines(body: str, *arguments: str) -> tuple[int, list[dict[str, object]]]:
    """Exit status and log of a process that does this."""
    command = [sys.executable, "-c", SET_UP + body, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stderr.splitlines()]


def test_an_error_in_words_is_a_line_with_its_type() -> None:
    status, [found] = lines("raise ConfigurationError('no such key')")
    assert status == 2
    assert (found["message"], found["error"]) == ("no such key", "ConfigurationError")
    assert found["level"] == "ERROR"


def test_an_error_that_closes_an_epoch_is_a_line_too() -> None:
    status, [found] = lines("lifecycle.end_with(ChatflowError('the disk is full'))")
    assert (status, found["message"]) == (1, "the disk is full")


def test_a_defect_says_where_and_not_what_it_had_in_hand() -> None:
    status, [found] = lines("def work():\n raise ValueError('what ann wrote')\nwork()")
    assert status == 1
    assert found["error"] == "ValueError"
    assert str(found["trace"]).count("work") == 1
    assert "ann" not in str(found)


def test_a_thread_that_fails_is_a_line() -> None:
    body = (
        "import threading\n"
        "def work():\n raise ValueError('what ann wrote')\n"
        "found = threading.Thread(target=work, name='helper')\nfound.start()\nfound.join()"
    )
    status, [found] = lines(body)
    assert (status, found["message"]) == (0, "the thread helper ended")
    assert "ann" not in str(found)


def test_a_warning_of_a_library_is_a_line() -> None:
    _, [found] = lines("import warnings\nwarnings.warn('old')")
    assert found["logger"] == "py.warnings"


def test_every_line_of_a_cluster_names_its_process() -> None:
    _, [found] = lines("raise ChatflowError('away')", "-i", "3")
    assert found["process"] == 3
