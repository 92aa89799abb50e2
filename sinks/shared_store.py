"""A store that several processes fill; known without the driver of any database."""

from abc import abstractmethod

from typing_extensions import override

from schemas.rows import Rows
from sinks.store import Store


class EncodedRows(Rows, frozen=True):
    """New rows as they are copied, made in another process than the one that writes."""

    data: bytes = b""
    count: int = 0

    @override
    def __len__(self) -> int:
        return self.count


class SharedStore(Store):
    """Written by the first process; the others make ready what it writes."""

    @property
    @abstractmethod
    def start(self) -> str:
        """What tells this start of the flow from all others, in all of its processes."""

    @abstractmethod
    def encoded(self, rows: Rows) -> EncodedRows:
        """New rows as the first process takes them from another one."""
