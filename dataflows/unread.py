"""What the engine gets for a partition that it insists on and that is not to be read any more."""

from collections.abc import Sequence

from bytewax.inputs import StatefulSourcePartition
from typing_extensions import override

from schemas.events import RecordBatch


class Unread(StatefulSourcePartition[RecordBatch, int]):
    """Ends at once, and stays where it was."""

    def __init__(self, next_offset: int) -> None:
        self._next = next_offset

    @override
    def next_batch(self) -> Sequence[RecordBatch]:
        raise StopIteration

    @override
    def snapshot(self) -> int:
        return self._next
