"""Where the time of the whole flow goes, part by part.

    python -m benchmarks.profile --events 1000000 --publish

Samples of the threads that run, in Python or in C that Python has called, told by the innermost
frame that belongs to a part of the flow. Sampling costs time, so the shares are a reading and the
rates are none.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.compare import profiler
from benchmarks.environment import environment_of
from benchmarks.machine import machine
from benchmarks.measure import ROOT, measure
from benchmarks.programs import FLOW
from benchmarks.results import put, table
from benchmarks.topics import brokers, make_topics, plan_of, preload

_RESULTS = ROOT / "benchmarks" / "results" / "profile.md"
_DOCUMENT = ROOT / "docs" / "performance.md"
_PATIENCE = 1800.0
_SHOWN = 3
"""Functions named for each part."""

_STARTED = "_bootstrap (threading.py"
"""Where every thread but the first one begins."""
_WRITER = "_worker (concurrent/futures/thread.py"
BY_FUNCTION = {
    _WRITER: "the writer's thread: DuckDB",
    "snapshot (": "the end of an epoch: states, presence, open windows",
}
"""What is told by the beginning of a frame, whatever is called from there."""
BY_FILE = {
    **dict.fromkeys(
        (
            *("dataflows/reader.py", "dataflows/clients.py", "dataflows/alignment.py"),
            *("native/fetched.py", "native/kafka_client.py", "native/librdkafka.py"),
        ),
        "reading: the client's calls, alignment",
    ),
    "schemas/": "decoding",
    "schemas/columns.py": "columns read as lists",
    "native/": "the rest of the library",
    "native/decoding.py": "decoding",
    "native/join.py": "presence",
    "native/candidates.py": "presence",
    "native/presence.py": "presence",
    "dataflows/decode.py": "decoding",
    "dataflows/repeats.py": "decoding",
    "dataflows/windows.py": "stats",
    "dataflows/compiled_windows.py": "stats",
    "dataflows/stats.py": "stats",
    "dataflows/timeline.py": "presence: order of time",
    "dataflows/compiled_timeline.py": "presence: order of time",
    "dataflows/push.py": "push",
    "dataflows/policy.py": "push",
    "dataflows/": "presence",
    "dataflows/persist.py": "rows as columns",
    "sinks/arrow.py": "columns as Arrow",
    "sinks/": "the rest of the store",
    "bytewax/": "the engine",
    "operators/__init__.py": "the engine",
    "run.py": "the engine",
}
"""What is told by the file of a frame; the longest beginning that fits."""
_REST = "start, and all else"


def main(arguments: Sequence[str] | None = None) -> int:
    """Profile one run and print the table."""
    given = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, brokers(given.brokers, Path(name) / "kafka") as at:
        kafka = make_topics(at, "profiled")
        records = preload(kafka, plan_of(given.events))
        samples = Path(name) / "samples.txt"
        environment = environment_of(kafka, "profiled", Path(name) / "chat.duckdb")
        command = [
            *profiler(samples, "raw", of="running"),
            sys.executable,
            *FLOW.command(Path(name)),
        ]
        measure(command, environment, Path(name), _PATIENCE)
        found = shares(samples.read_text(encoding="utf-8").splitlines())
    on = "; ".join(f"{name}: {words}" for name, words in machine().items())
    text = f"{records:,} events, {on}\n\n{_table(found)}\n"
    print(text)
    if given.publish:
        _RESULTS.write_text(f"# Profile\n\n{text}", encoding="utf-8")
        put(text, _DOCUMENT, "profile")
    return 0


def shares(samples: Iterable[str]) -> Mapping[str, Counter[str]]:
    """Samples of each part by function; a line is frames from the outermost on, and a count."""
    found: dict[str, Counter[str]] = {}
    for line in samples:
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        if not _waits(frames):
            part, function = _part_of(frames)
            found.setdefault(part, Counter())[function] += int(count)
    return found


def _waits(frames: Sequence[str]) -> bool:
    """Whether it is a thread beside the flow's and the writer's, or the writer without work.

    All they do is wait, but in C, which looks like running.
    """
    is_other = any(_STARTED in frame for frame in frames)
    is_writer = any(_called(frame).startswith(_WRITER) for frame in frames)
    return is_other and (not is_writer or _called(frames[-1]).startswith(_WRITER))


def _part_of(frames: Sequence[str]) -> tuple[str, str]:
    innermost = list(reversed(frames))
    for frame in innermost:
        for beginning, part in BY_FUNCTION.items():
            if _called(frame).startswith(beginning):
                return part, _name(innermost[0])
    for frame in innermost:
        file = frame.partition("(")[2]
        fitting = [beginning for beginning in BY_FILE if file.startswith(beginning)]
        if fitting:
            return BY_FILE[max(fitting, key=len)], _name(frame)
    return _REST, _name(innermost[0])


def _called(frame: str) -> str:
    """The frame without the class of a method."""
    function, _, file = frame.partition(" ")
    return f"{function.rpartition('.')[2]} {file}"


def _name(frame: str) -> str:
    function = _called(frame).partition(" ")[0]
    return f"`{function}`" if function else "no Python at all"


def _table(found: Mapping[str, Counter[str]]) -> str:
    total = sum(counts.total() for counts in found.values())
    ordered = sorted(found.items(), key=lambda item: -item[1].total())
    return table(("part", "% of the time", "of which"), list(_rows(ordered, total)))


def _rows(found: Iterable[tuple[str, Counter[str]]], total: int) -> Iterator[list[str]]:
    for part, counts in found:
        largest = (f"{n} {100 * c / total:.1f}" for n, c in counts.most_common(_SHOWN))
        yield [part, f"{100 * counts.total() / total:.1f}", ", ".join(largest)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000, help="events in the topics")
    parser.add_argument("--brokers", help="a Kafka that runs already, instead of one started here")
    parser.add_argument("--publish", action="store_true", help="write benchmarks/results and docs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
