"""The last words of a demo: what ran, what is stored, and how to go on asking."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from cli.demo_folder import DemoFolder
from cli.watch import Frame
from traffic.run import Summary

# In double quotes on a command line: no ", $, ` or ! in them.
QUERIES = {
    "messages a minute": (
        "SELECT date_trunc('minute', created_at) AS minute, count(*) AS messages"
        " FROM messages GROUP BY ALL ORDER BY ALL"
    ),
    "who is online": (
        "SELECT user_id, sessions, since FROM presence WHERE status = 'online' ORDER BY since"
    ),
    "why a push was not sent": (
        "SELECT reason, count(*) AS pushes"
        " FROM push_decisions WHERE decision = 'suppressed' GROUP BY ALL ORDER BY pushes DESC"
    ),
}
_PYTHON = "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=True).sql(sys.argv[2]).show()"


def closing_words(sent: Summary, last: Frame, folder: DemoFolder) -> str:
    """The summary of a demo whose flow has ended."""
    lines = [
        f"chatflow demo: {sent.seconds:.0f} s of simulated chat, {last.records:,} events in Kafka",
        "",
        *_stored(last),
        "",
        *_questions(folder.database),
        "",
        "# a page of charts",
        f"CHAT_CONFIG={shlex.quote(str(folder.settings_file))} {_python()} -m cli.main report",
        "",
        f"The flow's log is {folder.log}, its settings are {folder.settings_file}.",
    ]
    return "\n".join(lines)


def _stored(last: Frame) -> Iterator[str]:
    figures = last.figures
    notes = {
        "messages": _repeats(last),
        "message_stats": "windows of 10 s, by type and group",
        "presence": f"{figures.online:,} online",
    }
    parts = {
        "push_decisions": [(f"{what}: {why}", count) for what, why, count in figures.decisions],
        "dead_letters": figures.dead_letters,
    }
    for table, count in figures.rows.items():
        yield _line(table, count, notes.get(table, ""))
        for name, part in parts.get(table, ()):
            yield _line(f"  {name}", part)
    rest = f"{last.unsettled:,} events not decided in time" if last.unsettled else ""
    yield _line("lag", last.lag, rest)


def _line(name: str, count: int, note: str = "") -> str:
    return f"  {name:<26}{count:>9,}   {note}".rstrip()


def _repeats(last: Frame) -> str:
    rows = last.figures.rows
    repeated = last.records - rows["messages"] - rows["user_events"] - rows["dead_letters"]
    return f"{repeated:,} repeats left out" if repeated and not last.lag else ""


def _questions(database: Path) -> Iterator[str]:
    file = shlex.quote(str(database))
    yield "Ask the database, with the duckdb command or with Python:"
    for title, query in QUERIES.items():
        yield ""
        yield f"# {title}"
        yield f'duckdb -readonly {file} "{query}"'
        yield f'{_python()} -c "{_PYTHON}" {file} "{query}"'


def _python() -> str:
    """This interpreter, as short as it can be written from here."""
    python = Path(sys.executable)
    near = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    return shlex.quote(str(near))
