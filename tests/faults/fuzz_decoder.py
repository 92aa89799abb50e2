"""Coverage-guided fuzzing of the decoder: `python -m tests.faults.fuzz_decoder --runs N --seed S`.

Needs atheris (the dependency group `fuzz`). The fuzzer runs in a process of its own, so that even
an input that brings down the interpreter is told, in hexadecimal, with the run that found it.
Exit status: 0 all promises kept, 1 an input breaks one, 2 no fuzzer here or wrong usage.
"""

import argparse
import importlib
import importlib.util
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

_ROOT = Path(__file__).resolve().parent.parent.parent
_PACKAGES = ["schemas", "dataflows.decode"]
_LONGEST = 4096
_SLOWEST = 10
"""Seconds after which an input counts as one that hangs."""


class Fuzzed(NamedTuple):
    """How a run ended."""

    runs: int
    crash: bytes | None
    words: str
    """What the fuzzer said of the crash."""


def fuzz(runs: int, seed: int, folder: Path) -> Fuzzed:
    """Run so many inputs in another process; `folder` takes what the fuzzer writes."""
    command = [sys.executable, "-m", "tests.faults.fuzz_decoder", "--inside", str(folder)]
    done = subprocess.run(
        [*command, "--runs", str(runs), "--seed", str(seed)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    counted = [int(found) for found in re.findall(r"^(?:Done |#)(\d+)", done.stderr, re.MULTILINE)]
    ran = max(counted, default=0)
    crashes = [path for path in folder.iterdir() if path.is_file()]
    if done.returncode == 0 and not crashes:
        return Fuzzed(ran, None, "")
    broken = re.findall(r"^\S*(?:Error|Exception).*", done.stdout + done.stderr, re.MULTILINE)
    last = (done.stdout + done.stderr).strip().splitlines()[-1:]
    return Fuzzed(ran, crashes[0].read_bytes() if crashes else b"", "; ".join(broken[:1] or last))


def _run_inside(runs: int, seed: int, folder: Path) -> None:
    atheris: Any = importlib.import_module("atheris")  # Any: it has no types
    with atheris.instrument_imports(include=_PACKAGES):
        promises = importlib.import_module("tests.faults.decoder_promises").Promises()
        shapes = importlib.import_module("tests.faults.record_shapes")
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate(shapes.seeds()):
        (corpus / f"{number:04}").write_bytes(data)

    def run_one(data: bytes) -> None:
        promises.check(shapes.shaped(data))

    options = {"runs": runs, "seed": seed, "max_len": _LONGEST, "timeout": _SLOWEST}
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], *arguments, f"-artifact_prefix={folder}/", str(corpus)], run_one)
    atheris.Fuzz()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.fuzz_decoder")
    parser.add_argument("--runs", type=int, default=200_000, help="how many inputs to try")
    parser.add_argument("--seed", type=int, help="where to begin; the same seed, the same run")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")


def main() -> int:
    """Fuzz, and say how it went in one or two lines."""
    given = _arguments()
    seed = given.seed or random.randrange(1, 2**31)
    if given.inside:
        _run_inside(given.runs, seed, given.inside)
    if importlib.util.find_spec("atheris") is None:
        _say("the fuzzer atheris is not installed: install the dependency group `fuzz`")
        return 2
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = fuzz(given.runs, seed, Path(folder))
    took = time.monotonic() - started
    _say(f"runs {found.runs}, seed {seed}, {took:.0f} s, {found.runs / took:.0f} runs/s")
    if found.crash is None:
        return 0
    _say(f"crash: {found.words}\ninput: {found.crash.hex()}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
