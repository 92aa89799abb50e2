"""The same work with Quix Streams, as its guides write it; in a virtual environment of its own.

    python -m benchmarks.flows.quix

Topics are merged by record time within a partition number. Statistics are keyed by their window's
row, which takes a repartition topic. Who is online and who is in which group is kept in plain
dictionaries of the process: Quix keeps state by message key, and asking every member's key about
each group message would be another repartition topic. Push candidates are approximate so.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from quixstreams import Application, message_context  # type: ignore[import-not-found]
from quixstreams.dataframe.windows import Count, Sum  # type: ignore[import-not-found]
from quixstreams.sinks.base import BatchingSink, SinkBatch  # type: ignore[import-not-found]
from typing_extensions import override

from benchmarks.flows.counting import kind, weight, window_row
from benchmarks.flows.ends import Ends
from benchmarks.flows.online import Presence
from benchmarks.flows.plain import (
    ChatMessage,
    Event,
    Place,
    decode,
    fetching,
    table_of,
)
from benchmarks.flows.raw import ONE_QUEUE
from benchmarks.flows.rows_file import VARIABLE, RowsFile
from benchmarks.report import Report
from config.kafka import KafkaSettings, consumer_properties
from config.load import load_settings


class RowsSink(BatchingSink):  # type: ignore[misc]  # not installed beside the project
    """Rows with the table of each, written at each checkpoint; at least once."""

    def __init__(self, file: RowsFile) -> None:
        super().__init__()
        self._file = file

    @override
    def write(self, batch: SinkBatch) -> None:
        rows: dict[str, list[dict[str, Any]]] = {}
        for item in batch:
            table, row = item.value
            rows.setdefault(table, []).append(row)
        for table, found in rows.items():
            self._file.insert(table, found)


class WindowSink(BatchingSink):  # type: ignore[misc]  # not installed beside the project
    """The newest row of each window, in place of the one before."""

    def __init__(self, file: RowsFile) -> None:
        super().__init__()
        self._file = file

    @override
    def write(self, batch: SinkBatch) -> None:
        newest = {(item.key, item.value["start"]): item.value for item in batch}
        rows = [
            window_row(key, start, value["messages"], value["bytes"])
            for (key, start), value in newest.items()
        ]
        self._file.insert("message_stats", rows)


def main() -> None:
    """Run to the ends that the topics have at start."""
    kafka, report = load_settings().kafka, Report()
    ends = Ends(kafka)
    app = Application(
        broker_address=",".join(kafka.brokers),
        consumer_group=kafka.consumer.group_id,
        auto_offset_reset="earliest",
        consumer_extra_config={**fetching(consumer_properties(kafka)), **ONE_QUEUE},
        state_dir=Path(os.environ[VARIABLE]).parent / "state",
        commit_interval=2.0,
        # A second by default, in which nothing is processed while the repartition topic is empty.
        consumer_poll_timeout=0.05,
        loglevel="WARNING",
        on_message_processed=ends.processed,
    )
    ends.stop = app.stop
    file = RowsFile()
    _wire(app, kafka, file, ends, report)
    app.run()
    file.close()


def _wire(
    app: Application, kafka: KafkaSettings, file: RowsFile, ends: Ends, report: Report
) -> None:
    def read(value: bytes | None, key: object, timestamp: int, headers: object) -> Event:
        report.first_event()
        return _decoded(value, timestamp)

    frames = [
        app.dataframe(app.topic(name, value_deserializer="bytes", key_deserializer="bytes"))
        for name in kafka.topics.names
    ]
    events = frames[0].concat(frames[1]).concat(frames[2]).apply(read, metadata=True)
    presence = Presence()

    def rows(event: Event) -> list[tuple[str, dict[str, Any]]]:
        decisions = [("push_decisions", row) for row in presence.candidates(event)]
        return [(table_of(event), event.model_dump()), *decisions]

    # Few branches: Quix copies every value for each of them.
    events.apply(rows, expand=True).sink(RowsSink(file))
    messages = events.filter(_is_message).set_timestamp(_created_at).update(ends.expect)
    windows = messages.apply(_counted).group_by("kind", name="stats")
    windows = windows.tumbling_window(timedelta(minutes=1), grace_ms=timedelta(seconds=30))
    windows.agg(messages=Count(), bytes=Sum("bytes")).current().sink(WindowSink(file))


def _decoded(value: bytes | None, timestamp: int) -> Event:
    context = message_context()
    place = Place(
        kafka_topic=context.topic,
        kafka_partition=context.partition,
        kafka_offset=context.offset,
        recorded_at=timestamp,
    )
    return decode(value, place)


def _counted(message: ChatMessage) -> dict[str, Any]:
    return {"kind": kind(message), "bytes": weight(message)}


def _created_at(message: ChatMessage, key: object, timestamp: int, headers: object) -> int:
    return message.created_at


def _is_message(event: Event) -> bool:
    return isinstance(event, ChatMessage)


if __name__ == "__main__":
    main()
