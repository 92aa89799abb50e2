"""A result as files: the same result becomes the same bytes, at once or not at all."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from analytics.page import query_page
from analytics.query import Format, Query
from analytics.span import Span
from config.errors import ChatflowError

_FORMULA = tuple("=+-@\t\r")
"""How a text begins that a spreadsheet would take for a formula."""


class OutputError(ChatflowError):
    """A result cannot be written."""


def write(
    query: Query, span: Span, table: pa.Table, form: Format, target: Path, workspace: Path
) -> None:
    """Write a result in one format; the file appears when it is whole and on the disk.

    Args:
        query: Whose result it is.
        span: What the result is about.
        table: The result, in plain columns.
        form: The format.
        target: The file; what was there is replaced.
        workspace: A folder of this process, on the file system of the target.

    Raises:
        OutputError: There is no room or no permission.
        QueryError: The chart cannot be drawn.
    """
    unfinished = workspace / f"output.{form}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _WRITERS[form](query, span, table, unfinished)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from error


def _parquet(query: Query, span: Span, table: pa.Table, file: Path) -> None:
    said = {
        "query": query.name,
        "start": span.start.isoformat(),
        "end": span.end.isoformat(),
        "timezone": span.zone.key,
    }
    pyarrow.parquet.write_table(table.replace_schema_metadata(said), file, compression="zstd")


def _csv(query: Query, span: Span, table: pa.Table, file: Path) -> None:
    """For spreadsheets: what would be a formula begins with an apostrophe."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            texts = pa.array(map(_harmless, table.column(place).to_pylist()), pa.string())
            table = table.set_column(place, field, texts)
    pyarrow.csv.write_csv(table, file)


def _harmless(text: str | None) -> str | None:
    return f"'{text}" if text and text.startswith(_FORMULA) else text


def _html(query: Query, span: Span, table: pa.Table, file: Path) -> None:
    file.write_text(query_page(query, span, table), encoding="utf-8")


_WRITERS: Mapping[Format, Callable[[Query, Span, pa.Table, Path], None]] = {
    "parquet": _parquet,
    "csv": _csv,
    "html": _html,
}
