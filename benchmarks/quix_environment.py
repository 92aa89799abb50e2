"""A virtual environment for Quix Streams, whose pins may not fit the project's."""

import os
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

_QUIX = "quixstreams>=3.28,<4"
_SHARED = ("duckdb", "msgspec", "protobuf", "pyarrow", "pyyaml")
"""What the program needs besides, in the versions that the project itself runs with."""
_PATIENCE = 300.0


class QuixUnavailableError(Exception):
    """Quix Streams cannot be installed here; says why."""


def quix_python(folder: Path) -> str:
    """The Python of the environment in `folder`, made when it is not there.

    Raises:
        QuixUnavailableError: Packages cannot be fetched, or do not fit this Python.
    """
    python, done = folder / "bin" / "python", folder / "installed"
    wanted = [_QUIX, *(f"{name}=={version(name)}" for name in _SHARED)]
    if not done.exists() or done.read_text() != " ".join(wanted):
        uv = Path(sys.executable).with_name("uv")
        try:
            venv.create(folder, clear=True, with_pip=not uv.exists())
        except (OSError, subprocess.CalledProcessError) as error:
            raise QuixUnavailableError(f"no virtual environment: {error}") from error
        _install(uv, python, wanted)
        done.write_text(" ".join(wanted))
    return str(python)


def quix_version(python: str) -> str:
    """Which version that environment holds."""
    code = "import importlib.metadata as m; print(m.version('quixstreams'))"
    told = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return told.stdout.strip()


def _install(uv: Path, python: Path, packages: list[str]) -> None:
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if uv.exists():
        pip = [str(uv), "pip", "install", "--quiet", "--python", str(python)]
    try:
        done = subprocess.run(
            [*pip, *packages],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            env=os.environ,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise QuixUnavailableError(f"not installed within {_PATIENCE:.0f} s") from error
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise QuixUnavailableError(last[0])
