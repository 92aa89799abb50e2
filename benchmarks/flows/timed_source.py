"""The flow's own source, which tells when it hands on its first record."""

from collections.abc import Sequence
from datetime import datetime

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from typing_extensions import override

from benchmarks.report import Report
from schemas.events import RecordBatch

Part = StatefulSourcePartition[RecordBatch, int]


class TimedSource(FixedPartitionedSource[RecordBatch, int]):
    """Delegates everything; costs one call a batch."""

    def __init__(self, inner: FixedPartitionedSource[RecordBatch, int], report: Report) -> None:
        self._inner = inner
        self._report = report

    @override
    def list_parts(self) -> list[str]:
        return self._inner.list_parts()

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> Part:
        return _TimedPart(self._inner.build_part(step_id, for_part, resume_state), self._report)


class _TimedPart(StatefulSourcePartition[RecordBatch, int]):
    def __init__(self, inner: Part, report: Report) -> None:
        self._inner = inner
        self._report = report
        self._waits = True

    @override
    def next_batch(self) -> Sequence[RecordBatch]:
        found = list(self._inner.next_batch())
        if self._waits and any(batch.records for batch in found):
            self._waits = False
            self._report.first_event()
        return found

    @override
    def next_awake(self) -> datetime | None:
        return self._inner.next_awake()

    @override
    def snapshot(self) -> int:
        return self._inner.snapshot()

    @override
    def close(self) -> None:
        self._inner.close()
