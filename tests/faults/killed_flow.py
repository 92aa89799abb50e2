"""The chat flow that ends itself, as by kill -9, at a chosen place of the commit path.

Run by the engine in place of `dataflows.chat`. The variable KILL_AT names the place and the number
of the commit (or of the batch of dead letters), KILL_AFTER the seconds from there on.

* `before`: the rows of the epoch are complete, nothing of it is committed.
* `during`: a while after that, beside the commit.
* `after`: the commit is durable; neither the group nor the engine's recovery folder know of it.
* `unflushed`, `flushed`: dead letters are handed to the client; are in their topic.
"""

import os
import signal
import threading
import time
from collections.abc import Mapping

from bytewax.dataflow import Dataflow
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from config.load import load_settings
from dataflows import lifecycle
from dataflows.chat import build
from dataflows.launch import launch
from schemas.events import DeadLetterBatch, TopicPartition
from sinks.kafka import DeadLetterSink
from sinks.store import Store

PLACES = ("before", "during", "after", "unflushed", "flushed")


class Killer:
    """Kills this process when a place has been passed so many times."""

    def __init__(self, place: str, number: int, seconds: float) -> None:
        assert place in PLACES, place
        self._place = place
        self._left = number
        self._seconds = seconds

    def pass_by(self, *places: str) -> None:
        """Be at these places."""
        if self._place in places:
            self._left -= 1
            if self._left == 0:
                self._kill()

    def _kill(self) -> None:
        if self._place != "during":
            os.kill(os.getpid(), signal.SIGKILL)
        threading.Thread(target=self._kill_later, daemon=True).start()

    def _kill_later(self) -> None:
        time.sleep(self._seconds)
        os.kill(os.getpid(), signal.SIGKILL)


class _Letters(FixedPartitionedSink[DeadLetterBatch, None]):
    """The dead-letter sink, with its places."""

    def __init__(self, sink: DeadLetterSink, killer: Killer) -> None:
        self._sink = sink
        self._killer = killer

    @override
    def list_parts(self) -> list[str]:
        return self._sink.list_parts()

    @override
    def build_part(
        self, step_id: str, for_part: str, resume_state: None
    ) -> StatefulSinkPartition[DeadLetterBatch, None]:
        return _Part(self._sink.build_part(step_id, for_part, resume_state), self._killer)


class _Part(StatefulSinkPartition[DeadLetterBatch, None]):
    def __init__(self, part: StatefulSinkPartition[DeadLetterBatch, None], killer: Killer) -> None:
        self._part = part
        self._killer = killer
        self._has_letters = False

    @override
    def write_batch(self, values: list[DeadLetterBatch]) -> None:
        self._part.write_batch(values)
        self._has_letters |= any(batch.events for batch in values)

    @override
    def snapshot(self) -> None:
        if self._has_letters:
            self._killer.pass_by("unflushed")
        self._part.snapshot()
        if self._has_letters:
            self._killer.pass_by("flushed")
        self._has_letters = False

    @override
    def close(self) -> None:
        self._part.close()


def _arm(store: Store, killer: Killer) -> None:
    settle, publish = store.before_commit, store.on_commit

    def before_commit() -> None:
        settle()
        if not store.epoch.is_empty:
            killer.pass_by("before", "during")

    def on_commit(marks: Mapping[TopicPartition, int]) -> None:
        killer.pass_by("after")
        publish(marks)

    store.before_commit, store.on_commit = before_commit, on_commit


def flow() -> Dataflow:
    """What the engine runs: the chat flow, armed."""
    lifecycle.speak_in_words()
    opened = launch(load_settings())
    place, _, number = os.environ["KILL_AT"].partition(":")
    killer = Killer(place, int(number), float(os.environ.get("KILL_AFTER", "0")))
    sinks = opened.sinks
    assert isinstance(sinks.memory, Store)
    assert isinstance(sinks.dead_letters, DeadLetterSink)
    _arm(sinks.memory, killer)
    armed = type(sinks)(sinks.store, sinks.push, _Letters(sinks.dead_letters, killer), sinks.memory)
    return build(opened.source, armed, opened.settings, opened.directory)
