"""What the flow tells of its work while it runs, to whoever listens: the seam of the metrics."""

from collections.abc import Sequence

from schemas.events import RecordBatch
from schemas.push import Outcome
from sinks.epoch import StoreItem


class Observer:
    """Listens to nothing; who wants to know something overrides what tells of it.

    Told once a batch or a transaction, never once an event. Calls come from the flow's thread, the
    store's and the push gateway's; they must not block or raise.
    """

    def read(self, batches: Sequence[RecordBatch]) -> None:
        """A reader was asked, and gave these batches; maybe none."""

    def stored(self, item: StoreItem) -> None:
        """The store was given this; what is read again after a restart is given again."""

    def people(self, shard: int, online: int, known: int, late: int) -> None:
        """Of a shard: users online, users remembered, and events that came too late, ever."""

    def epoch_ended(self) -> None:
        """The engine has closed an epoch."""

    def wrote(self, table: str, rows: int, seconds: float) -> None:
        """Rows were written to a table, in an open transaction, in so many seconds."""

    def commit_began(self) -> None:
        """All rows of an epoch were handed over; their commit begins. One at a time."""

    def committed(self) -> None:
        """The commit that began last is durable."""

    def waited(self, seconds: float) -> None:
        """So much longer something was waited for that another program holds."""

    def attempted(self, result: str, seconds: float) -> None:
        """The provider was asked to deliver one push: accepted, rejected, unavailable or failed."""

    def delivered(self, outcome: Outcome) -> None:
        """A push has its final outcome."""


UNOBSERVED = Observer()
"""Where nobody listens."""
