"""A thread that works off what an epoch writes, in order, until something fails."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from config.errors import ChatflowError
from sinks.lease import StoreError
from sinks.waiting import result_of

_T = TypeVar("_T")
_IN_FLIGHT = 2
"""Jobs the thread may be behind before the flow waits for it: bounds memory."""


class WriterThread:
    """Runs jobs one by one. Every error is final: no later job runs, and all raise the same."""

    def __init__(self, name: str, place: object) -> None:
        """`place` is what is written, for words about an error that nobody foresaw."""
        self._place = place
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._jobs: deque[Future[None]] = deque()
        self._committing: Future[None] | None = None
        self._failure: ChatflowError | None = None

    def write(self, job: Callable[..., None], *arguments: object) -> Future[None]:
        """Queue a job, waiting when too many are; raises what an earlier one ran into."""
        submitted = self._thread.submit(self._run, job, *arguments)
        self._jobs.append(submitted)
        while self._jobs and (len(self._jobs) > _IN_FLIGHT or self._jobs[0].done()):
            result_of(self._jobs.popleft())
        return submitted

    def commit(self, job: Callable[..., None], *arguments: object) -> None:
        """Queue the job that `settle` waits for."""
        self._committing = self.write(job, *arguments)

    def ask(self, question: Callable[..., _T], *arguments: object) -> _T:
        """The answer, given when everything queued before is done."""
        return result_of(self._thread.submit(question, *arguments))

    def settle(self) -> None:
        """Wait for the last `commit`; raises what it ran into."""
        committing, self._committing = self._committing, None
        if committing is not None:
            result_of(committing)

    def close(self) -> None:
        """Wait for the job under way and drop those behind it."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Callable[..., None], *arguments: object) -> None:
        if self._failure is not None:
            # What belongs to one epoch commits together or not at all.
            raise self._failure
        try:
            job(*arguments)
        except ChatflowError as error:
            self._failure = error
            raise
        except Exception as error:
            self._failure = StoreError(
                f"the database {self._place} cannot be written: {type(error).__name__}"
            )
            raise self._failure from error
