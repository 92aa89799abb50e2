"""How long a partition has had nothing to read: a rule on what is known of it."""

from dataflows.reach import Standing

_STALLED = 60.0
"""Seconds after which a partition that yields nothing, though it is not at its end, is idle."""


class Quiet:
    """The silence of one partition, in the seconds in which brokers answered for it.

    Other time does not count: what happened meanwhile may wait at a broker. And once they answer
    again, the partition gets its whole patience anew, for those who publish come back later.
    """

    def __init__(self, patience: float) -> None:
        """`patience` is after how many seconds a partition that is read to its end is idle."""
        self._patience = patience
        self._since = 0.0
        self._read_at = 0.0

    def end(self, standing: Standing) -> None:
        """Something was read."""
        self._since = standing.answered

    def idle_for(self, standing: Standing, next_offset: int, *, at_end: bool) -> int | None:
        """For how many milliseconds the partition has been idle; None while it is not.

        `at_end` is what the reading client believes; the brokers may know of more.
        """
        if standing.end is None:
            return None
        begin = max(self._since, standing.since)
        patience = self._patience
        if at_end and standing.end <= next_offset:
            self._read_at = standing.answered
        else:
            begin, patience = max(begin, self._read_at), max(_STALLED, patience)
        if standing.answered - begin < patience:
            return None
        return int((standing.answered - self._since - patience) * 1000)
