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
from dataflows.aloud import say_errors
from dataflows.branch import branch
from dataflows.cluster import Cluster, gathered, sent
from dataflows.decode import decode
from dataflows.launch import Sinks, launch
from dataflows.persist import persist
from dataflows.policy import policy_of
from dataflows.presence import presence
from dataflows.push import push
from dataflows.shards import ALONE
from dataflows.sketch import is_drawing, sketch
from dataflows.stats import stats
from schemas.directory import Directory
from schemas.events import RecordBatch


def build(
    source: Source[RecordBatch],
    sinks: Sinks,
    settings: Settings,
    directory: Directory,
    cluster: Cluster | None = None,
) -> Dataflow:
    """Wire the chat dataflow; no I/O happens here. `cluster` is this process among several."""
    memory, shards = sinks.memory, settings.engine.shards
    layout = cluster.layout if cluster else ALONE
    flow = Dataflow("chat")
    records = op.input("source", flow, source)
    batches = decode("decode", records, memory=memory, settings=settings)
    branches = branch("branch", batches)
    whole = branches if cluster is None else gathered(branches, cluster)

    step = settings.stats
    windows = stats(
        "stats", whole.messages, memory=memory, shards=shards, settings=step, layout=layout
    )
    present = presence(
        "presence",
        whole.messages,
        whole.user_events,
        memory=memory,
        shards=shards,
        directory=directory,
        settings=settings.presence,
        observer=sinks.observer,
        layout=layout,
    )
    pushes = push("push", present.recipients, policy=policy_of(settings.push, directory))
    rows = persist("persist", branches.messages, branches.user_events, branches.dead_letters)
    rows = rows if cluster is None else sent(rows, flow, cluster)

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
    drawn = build(opened.source, opened.sinks, opened.settings, opened.directory, opened.cluster)
    return drawn if opened.cluster is None else say_errors(drawn, lifecycle.end_with)


def _one(item: object) -> str:
    """Every sink has one part; what it gets is a batch, so the key costs little."""
    return "one"
