"""A machine without a C compiler runs the same flow, in Python."""

import os
import subprocess
import sys

from tests.documents import ROOT

_TESTS = ("tests/dataflows/test_story.py", "tests/dataflows/test_equivalence.py")


def without(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run Python where no library was built."""
    variables = {**os.environ, "CHATFLOW_LIBRARY": str(ROOT / "no such library")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_library_is_loaded_where_none_was_built() -> None:
    done = without("-c", "from native.library import library; print(library())")
    assert (done.returncode, done.stdout.strip()) == (0, "None")


def test_the_flow_gives_the_same_without_its_library() -> None:
    done = without("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *_TESTS)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    assert " passed" in done.stdout
