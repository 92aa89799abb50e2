"""The push requests without an outcome: which is next, which has been seen, which is too old."""

import heapq
import math
import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

from schemas.push import PushRequest


class Waiting(NamedTuple):
    """A request without an outcome."""

    request: PushRequest
    key: str
    turn: int
    """Its place in the order of arrival; kept over retries."""
    attempts: int = 0
    failure: str = ""
    """What the last attempt met with."""


class PushQueue:
    """Holds at most `max_pending` requests, and the keys of as many that are done.

    A request is ready, delayed (it failed and waits for its next attempt) or taken (an attempt is
    under way); in each case its key is open. Any thread may call any method.
    """

    def __init__(self, max_pending: int) -> None:
        self._max_pending = max_pending
        self._lock = threading.Lock()
        self._open: set[str] = set()
        # Not a plain dict: that looks through all it has forgotten to find its oldest key.
        self._done: OrderedDict[str, None] = OrderedDict()
        self._turn = 0
        self._ready: list[tuple[bool, int, Waiting]] = []
        self._delayed: list[tuple[float, int, Waiting]] = []
        self._earliest_expiry = math.inf

    def __len__(self) -> int:
        """How many have no outcome, those being attempted included."""
        return len(self._open)

    def add(self, requests: Iterable[PushRequest]) -> list[PushRequest]:
        """Take requests in; one that is waiting or was done recently is dropped.

        Returns:
            Those for which there is no room: they are done, as an overflow.
        """
        with self._lock:
            return [request for request in requests if not self._add(request)]

    def _add(self, request: PushRequest) -> bool:
        key = request.idempotency_key
        if key in self._open or key in self._done:
            return True
        if len(self._open) >= self._max_pending:
            self._remember(key)
            return False
        self._open.add(key)
        self._turn += 1
        self._push_ready(Waiting(request, key, self._turn))
        return True

    def take(self, now: float) -> Waiting | None:
        """Hand out the next request to attempt at `now`: urgent first, then by arrival."""
        with self._lock:
            while self._delayed and self._delayed[0][0] <= now:
                self._push_ready(heapq.heappop(self._delayed)[2])
            return heapq.heappop(self._ready)[2] if self._ready else None

    def put_back(self, waiting: Waiting, due: float) -> None:
        """Keep a taken request for another attempt at `due` or later."""
        with self._lock:
            self._earliest_expiry = min(self._earliest_expiry, waiting.request.expires_at)
            heapq.heappush(self._delayed, (due, waiting.turn, waiting))

    def done(self, waiting: Waiting) -> None:
        """Close a taken request: it has its outcome."""
        with self._lock:
            self._open.discard(waiting.key)
            self._remember(waiting.key)

    def take_expired(self, at: int) -> list[Waiting]:
        """Hand out all ready and delayed requests whose `expires_at` is `at` or before.

        Looks at every request, but only when one of them has expired.
        """
        with self._lock:
            if at < self._earliest_expiry:
                return []
            expired = [w for w in self._untaken() if w.request.expires_at <= at]
            self._ready = [entry for entry in self._ready if entry[2].request.expires_at > at]
            self._delayed = [entry for entry in self._delayed if entry[2].request.expires_at > at]
            heapq.heapify(self._ready)
            heapq.heapify(self._delayed)
            self._earliest_expiry = min(
                (w.request.expires_at for w in self._untaken()), default=math.inf
            )
            return expired

    def next_due(self) -> float | None:
        """When the first delayed request comes due; None when none is delayed."""
        with self._lock:
            return self._delayed[0][0] if self._delayed else None

    def _untaken(self) -> Iterable[Waiting]:
        for entry in self._ready:
            yield entry[2]
        for delayed in self._delayed:
            yield delayed[2]

    def _push_ready(self, waiting: Waiting) -> None:
        self._earliest_expiry = min(self._earliest_expiry, waiting.request.expires_at)
        heapq.heappush(self._ready, (not waiting.request.urgent, waiting.turn, waiting))

    def _remember(self, key: str) -> None:
        self._done[key] = None
        if len(self._done) > self._max_pending:
            self._done.popitem(last=False)
