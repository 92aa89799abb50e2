"""Records come from outside: whatever they hold, C touches no memory but what it may."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from native.build import FLAGS, build
from tests.documents import ROOT

_WARNINGS = ("-Wall", "-Wextra", "-Werror")
_CHECKS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1")
_LEFT_OUT = "the C compiler here has no sanitizers"
PROGRAMS = {
    "decoding": ("tests/faults/test_fuzzing.py", "-k", "damaged or any_bytes"),
    "columns": (
        "tests/native/test_columns.py",
        "tests/native/test_together.py",
        "tests/native/test_presence.py",
        "tests/dataflows/test_many_recipients.py",
        "tests/dataflows/test_decode.py",
    ),
    "windows": ("tests/dataflows/test_compiled_windows.py",),
    "join": (
        "tests/dataflows/test_compiled_join.py",
        "tests/dataflows/test_compiled_roster.py",
        "tests/dataflows/test_stored_users.py",
    ),
    "clients": ("tests/dataflows/test_clients.py",),
    "parcels": ("tests/native/test_parcel.py",),
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables with which a process uses a library that checks every access."""
    runtime = _runtime()
    library = tmp_path_factory.mktemp("checked") / "chatflow.so"
    flags = [flag for flag in FLAGS if not flag.startswith("-O")]
    if runtime is None or not build(library, [*flags, *_WARNINGS, *_CHECKS]):
        if "CHATFLOW_REQUIRE_SERVERS" in os.environ:
            pytest.fail(_LEFT_OUT)
        pytest.skip(_LEFT_OUT)
    return {
        **os.environ,
        "CHATFLOW_LIBRARY": str(library),
        "LD_PRELOAD": runtime,
        # The interpreter itself frees little at its end.
        "ASAN_OPTIONS": "detect_leaks=0",
    }


def _runtime() -> str | None:
    if "CC" in os.environ or shutil.which("cc") is None:
        return None
    command = ["cc", "-print-file-name=libasan.so"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return said if Path(said).is_absolute() else None


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_input_makes_c_touch_memory_that_is_not_its_own(
    program: str, checked: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *PROGRAMS[program]],
        cwd=ROOT,
        env=checked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    assert " passed" in done.stdout


def test_checks_notice_an_access_beyond_the_end(checked: dict[str, str], tmp_path: Path) -> None:
    program = (
        "import ctypes; from native.library import function;"
        " present = function('texts_present', ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64,"
        " ctypes.c_void_p);"
        " import array; ends = array.array('i', [0, 1]); bits = bytearray(1);"
        " present(ends.buffer_info()[0], 10_000_000, ctypes.addressof("
        "(ctypes.c_uint8 * 1).from_buffer(bits)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=checked, capture_output=True, check=False
    )
    assert done.returncode != 0
    assert b"Sanitizer" in done.stderr
