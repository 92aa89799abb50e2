"""The flow with nothing opened, for `python -m bytewax.visualize dataflows.chat`."""

import sys
from pathlib import Path

from config.settings import Settings
from dataflows.launch import Launch, Sinks
from dataflows.reader import ReaderRules
from dataflows.source import KafkaSource
from dataflows.stores import new_store
from schemas.directory import Directory
from sinks.kafka import DeadLetterSink
from sinks.push_gateway import PushGateway
from sinks.push_sink import PushSink
from sinks.store import StoreSink


def is_drawing() -> bool:
    """Whether this process only draws the flow: it must work without brokers and database."""
    return bool(sys.argv) and Path(sys.argv[0]).parts[-2:] == ("bytewax", "visualize.py")


def sketch(settings: Settings) -> Launch:
    """What `build` wires, as it is before anything is opened."""
    store = new_store(settings)
    source = KafkaSource(settings.kafka, settings.source, {}, ReaderRules(1, 1.0, lambda: True))
    letters = DeadLetterSink({}, {}, store, suffix="", name="", partitions={})
    sinks = Sinks(StoreSink(store), PushSink(_no_gateway, lambda: ()), letters)
    return Launch(source, sinks, settings, Directory())


def _no_gateway() -> PushGateway:
    raise AssertionError("a sketch is not run")
