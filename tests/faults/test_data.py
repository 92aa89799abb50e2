"""Odd records through the flow as a process: every table equals the oracle, and so do dead letters.

What single records can look like is in tests/test_odd_traffic.py; here are whole logs of them.
"""

import re
from pathlib import Path
from random import Random

import duckdb
import pytest

from tests.expectation import TOPICS, check_run, unhurried_flow, unhurried_rules
from tests.faults.keyed_records import KeyedRecord, produce
from tests.faults.text_places import NOW, protobufs_with, records_with
from tests.flow_process import FlowSettings, run_flow
from tests.odd_traffic import odd_story
from tests.oracle.decoding import decode
from tests.oracle.reading import read_records
from tests.oracle.values import DeadLetter
from traffic.embedded import EmbeddedBroker
from traffic.poison import PoisonKind, poison, poison_value

_KEYS = (None, b"", b"ann", b"\x00", b"\xff\xfe")
_SECRET = b"the words of a secret"


@pytest.fixture
def flow(embedded: EmbeddedBroker, tmp_path: Path) -> FlowSettings:
    return unhurried_flow(embedded, tmp_path)


def test_values_and_keys_that_are_missing_or_empty_are_kept_apart(flow: FlowSettings) -> None:
    good = next(iter(records_with(b"").values()))
    values = (None, b"", good, *(poison_value(kind, "ann", NOW) for kind in PoisonKind))
    pairs = [(key, value) for key in _KEYS for value in values]
    produce(
        flow.bootstrap_servers,
        [
            KeyedRecord(topic, 1, value, NOW * 1000 + number, key, (("h", None), ("h", b"")))
            for topic in TOPICS
            for number, (key, value) in enumerate(pairs)
        ],
    )

    expected = check_run(flow)

    kept = {(row[4], row[5]) for row in expected.tables["dead_letters"]}
    assert {(key, value) for key in _KEYS for value in (None, b"")} <= kept


def only_poison() -> list[KeyedRecord]:
    """Half as many records again as the limit looks at, none of which can be decoded."""
    random = Random(1)
    found = [
        KeyedRecord(TOPICS[number % 3], number % 2, poison(random, "ann", NOW), NOW * 1000 + number)
        for number in range(1500)
    ]
    return [r._replace(value=r.value and _SECRET + r.value, key=_SECRET) for r in found]


def test_nothing_but_poison_stops_every_start_and_stores_nothing_of_it(flow: FlowSettings) -> None:
    produce(flow.bootstrap_servers, only_poison())
    for _ in range(2):
        finished = run_flow(flow.but(snapshot_seconds=60))

        (line,) = finished.words.strip().splitlines()
        assert finished.status == 1
        assert line.startswith("chatflow: 100% of the last ")
        assert _SECRET.decode() not in line
        assert is_reason_of_the_record_named(flow, line)
        assert rows_with_content(flow.store) == 0


def test_nothing_but_poison_passes_when_the_limit_is_raised_and_is_written_once(
    flow: FlowSettings,
) -> None:
    produce(flow.bootstrap_servers, only_poison())
    small = flow.but(snapshot_seconds=60).with_environment(CHAT_SOURCE__BATCH_SIZE="100")
    # Whether it has written some before the limit ends it is the producer's timing.
    assert run_flow(small).status == 1

    check_run(flow.with_environment(CHAT_DEAD_LETTERS__MAX_RATIO="1"))


def is_reason_of_the_record_named(flow: FlowSettings, line: str) -> bool:
    named = re.search(r"for example (\S+) \[(\d)\] offset (\d+): (\w+),", line)
    assert named is not None, line
    place = named[1], int(named[2]), int(named[3])
    records = read_records(flow.bootstrap_servers, TOPICS)
    (record,) = (record for record in records if record.coordinates == place)
    found = decode(record, unhurried_rules())
    return isinstance(found, DeadLetter) and found.reason == named[4]


def rows_with_content(store: Path) -> int:
    with duckdb.connect(str(store), read_only=True) as connection:
        tables = ("messages", "user_events", "dead_letters")
        counts = [connection.execute(f"SELECT count(*) FROM {t}").fetchone() for t in tables]
    return sum(count[0] for count in counts if count)


_NO_TEXTS = {
    "a stray byte": b"\xff",
    "half a character": b"\xe6\x97",
    "an overlong slash": b"\xc0\xaf",
    "a surrogate in UTF-8": b"\xed\xa0\x80",
    "a character beyond the last": b"\xf4\x90\x80\x80",
    "UTF-16": "早".encode("utf-16"),
}
_ESCAPES = {
    "half a pair": rb"\ud800",
    "the other half": rb"\udc00",
    "a pair in the wrong order": rb"\udc00\ud800",
    "a pair": rb"\ud83d\ude00",
    "the last character": rb"\uffff",
    "a capital X": rb"\X",
    "a backslash before the letter u": rb"\\u0041",
}
_TEXTS = {
    "a byte order mark": b"\xef\xbb\xbf",
    "an unassigned character": b"\xf3\xb0\x80\x80",
    "text that runs both ways": "\u202e早\u200f".encode(),
    "a delete": b"\x7f",
    "a line separator": "\u2028".encode(),
}


def test_texts_that_are_no_utf_8_are_dead_letters_and_all_others_stored(flow: FlowSettings) -> None:
    in_protobuf = {**_NO_TEXTS, **_TEXTS, "a control": b"\x01"}.values()
    values = [v for text in in_protobuf for v in protobufs_with(text).values()]
    for text in {**_NO_TEXTS, **_ESCAPES, **_TEXTS, "a control": rb"\u0001"}.values():
        values += records_with(text).values()
    produce(
        flow.bootstrap_servers,
        [KeyedRecord(TOPICS[0], 0, v, NOW * 1000 + n) for n, v in enumerate(values)],
    )

    expected = check_run(flow)

    reasons = {row[3] for row in expected.tables["dead_letters"]}
    assert reasons == {"invalid_json", "invalid_payload"}


@pytest.mark.parametrize(
    ("lateness_s", "spread_ms", "pace_ms"),
    [(4, 1900, 200), (3600, 300_000, 4000)],
    ids=["by seconds", "by minutes"],
)
def test_presence_repeated_and_out_of_order_within_the_wait_equals_the_oracle(
    flow: FlowSettings, lateness_s: int, spread_ms: int, pace_ms: int
) -> None:
    random = Random(spread_ms)
    story = [
        KeyedRecord(r.topic, r.partition, r.value, r.recorded_ms)
        for r in odd_story(6, NOW * 1000, events=1500, pace_ms=pace_ms)
    ]
    again = [random.choice(story) for _ in range(500)]
    shuffled = sorted(story + again, key=lambda r: r.recorded_ms + random.randrange(spread_ms))
    produce(flow.bootstrap_servers, shuffled)

    in_small_batches = flow.with_environment(CHAT_SOURCE__BATCH_SIZE="10")
    check_run(in_small_batches.with_environment(CHAT_PRESENCE__ALLOWED_LATENESS=f"{lateness_s}s"))
