"""The chat dataflow, drawn in code. Start reading here.

Kafka ─ source ─ decode ─ branch ┬ stats ────┐
                                 ├ presence ─┼─ store
                                 │    └ push ┼─ push provider
                                 └ persist ──┘
                                   dead letters ─ Kafka
"""

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import Source

from config.load import load_settings
from config.settings import Settings
from dataflows import lifecycle
from dataflows.branch import branch
from dataflows.decode import decode
from dataflows.launch import Sinks, launch, policy_of
from dataflows.persist import persist
from dataflows.presence import presence
from dataflows.push import push
from dataflows.sketch import is_drawing, sketch
from dataflows.stats import stats
from schemas.directory import Directory
from schemas.events import RecordBatch


def build(
    source: Source[RecordBatch], sinks: Sinks, settings: Settings, directory: Directory
) -> Dataflow:
    """Wire the chat dataflow; no I/O happens here."""
    memory, shards = sinks.memory, settings.engine.shards
    flow = Dataflow("chat")
    records = op.input("source", flow, source)
    batches = decode("decode", records, memory=memory, settings=settings)
    branches = branch("branch", batches)

    windows = stats(
        "stats", branches.messages, memory=memory, shards=shards, settings=settings.stats
    )
    present = presence(
        "presence",
        branches.messages,
        branches.user_events,
        memory=memory,
        shards=shards,
        directory=directory,
        settings=settings.presence,
        observer=sinks.observer,
    )
    pushes = push("push", present.recipients, policy=policy_of(settings.push, directory))
    rows = persist("persist", branches.messages, branches.user_events, branches.dead_letters)

    stored = op.merge("rows", rows, windows, present.changes, pushes.decisions)
    op.output("store", op.key_on("one_store", stored, _one), sinks.store)
    op.output("notify", op.key_on("one_gateway", pushes.requests, _one), sinks.push)
    letters = op.key_on("one_writer", branches.dead_letters, _one)
    op.output("dead_letters", letters, sinks.dead_letters)
    return flow


def flow() -> Dataflow:
    """Entry point of `python -m bytewax.run dataflows.chat`, and of its drawing."""
    lifecycle.speak_in_words()
    settings = load_settings()
    opened = sketch(settings) if is_drawing() else launch(settings)
    return build(opened.source, opened.sinks, opened.settings, opened.directory)


def _one(item: object) -> str:
    """Every sink has one part; what it gets is a batch, so the key costs little."""
    return "one"
