"""Where outputs lie, what is there already, and what is old enough to go.

<output_dir>/<query>/<end of the span>.csv             of the query's own span and time zone
<output_dir>/<query>/<start>--<end>.csv                of another span
<output_dir>/<query>/<start>--<end>--Asia-Tokyo.csv    of another time zone
"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from analytics.catalog import Catalog
from analytics.query import FORMATS, Query
from analytics.span import Span, default_span, parse_stamp, stamp

_FILE = re.compile(
    rf"(?:(?P<start>[\dTZ.-]+?)--)?(?P<end>[\dTZ.-]+?)(?:--[\w+-]+)?\.(?:{'|'.join(FORMATS)})"
)


class OutputFolder:
    """The outputs of all queries; `zone` is the one that scheduled spans are in."""

    def __init__(self, path: Path, zone: str) -> None:
        self.path = path
        self._zone = zone

    def file(self, query: Query, span: Span, form: str) -> Path:
        """Where the result of a span goes; the same span has the same file again."""
        return self.path / query.name / f"{self._stem(query, span)}.{form}"

    def has(self, query: Query, span: Span) -> bool:
        """Whether every output that the query asks for is there."""
        return all(self.file(query, span, form).is_file() for form in query.output)

    def newest(self, query: Query) -> datetime | None:
        """The end of the newest span that has an output."""
        ends = [end for file, end in self._files(query.name) if "--" not in file.stem]
        return max(ends, default=None)

    def older(self, catalog: Catalog, now: datetime) -> Iterator[Path]:
        """The outputs whose span ended longer ago than their query keeps them.

        Nothing that is not named as outputs are, no link, and nothing of a query that is not there
        any more: nobody says how long that is kept.
        """
        for query in catalog.values():
            for file, end in self._files(query.name):
                if now - end > query.keep:
                    yield file

    def _files(self, name: str) -> Iterator[tuple[Path, datetime]]:
        folder = self.path / name
        if folder.is_symlink() or not folder.is_dir():
            return
        for file in sorted(folder.iterdir()):
            found = _FILE.fullmatch(file.name)
            if found is None or file.is_symlink() or not file.is_file():
                continue
            try:
                if found["start"]:
                    parse_stamp(found["start"])
                yield file, parse_stamp(found["end"])
            except ValueError:
                continue  # somebody else's

    def _stem(self, query: Query, span: Span) -> str:
        if span.zone.key != self._zone:
            place = re.sub(r"[^\w+-]", "-", span.zone.key)
            return f"{stamp(span.start)}--{stamp(span.end)}--{place}"
        if span.start != default_span(query, span.end, span.zone).start:
            return f"{stamp(span.start)}--{stamp(span.end)}"
        return stamp(span.end)
