"""Compiles the C files of this folder into one shared library beside them.

    python -m native.build

With the compiler that `CC` names, else `cc`, else the one of the package `ziglang`. The flow does
the same without the library, several times slower.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LIBRARY = FOLDER / "chatflow.so"
FLAGS = ("-std=c11", "-O3", "-fPIC", "-shared")
# Left to itself this compiler writes for the processor that it runs on, and others may have less.
_PACKAGED = (sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline")


def digest() -> str:
    """Tells these sources from any others; the library says which ones it was made from."""
    found = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.[ch]")):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def compiler() -> Sequence[str] | None:
    """The command of a C compiler; None where there is none."""
    if named := os.environ.get("CC"):
        return named.split()
    if found := shutil.which("cc"):
        return [found]
    if importlib.util.find_spec("ziglang") is not None:
        return _PACKAGED
    return None


def build(library: Path = LIBRARY, flags: Sequence[str] = FLAGS) -> bool:
    """Compile; returns False where there is no compiler.

    Raises:
        subprocess.CalledProcessError: The compiler refuses; it has said why.
        OSError: There is no such compiler as `CC` names.
    """
    command = compiler()
    if command is None:
        return False
    # Never half a library under its name: a flow may be starting.
    made = library.with_suffix(f".{os.getpid()}")
    sources = [str(path) for path in sorted(FOLDER.glob("*.c"))]
    try:
        subprocess.run(
            [*command, *flags, f'-DDIGEST="{digest()}"', "-o", str(made), *sources], check=True
        )
        made.replace(library)
    finally:
        made.unlink(missing_ok=True)
    return True


if __name__ == "__main__":
    if not build():
        sys.stdout.write("there is no C compiler: the flow will run without its library, slower\n")
