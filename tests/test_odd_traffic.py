"""Everything that the wire allows, through the flow as a process: the tables equal the oracle."""

import json
from pathlib import Path

import pytest

from tests.expectation import (
    SUFFIX,
    TOPICS,
    Expectation,
    check_run,
    unhurried_flow,
    unhurried_rules,
)
from tests.flow_process import FlowSettings, kill_after, run_flow
from tests.odd_traffic import LONG_NAMED, OddRecord, odd_story, produce
from tests.odd_values import NOW, odd_values
from tests.oracle.values import Directory
from traffic.embedded import EmbeddedBroker

_DIRECTORY = {
    "groups": {"crew": ["ann", "bob", "gus"]},
    "users": {
        "ann": {"muted": ["crew", "ann:dan"]},
        "cid": {"mute_all": True},
        "dan": {"devices": []},
        "eve": {"devices": ["token"]},
    },
}
_DIRECTORY_AS_THE_ORACLE_KNOWS_IT = Directory(
    groups={"crew": frozenset({"ann", "bob", "gus"})},
    devices={"dan": (), "eve": ("token",)},
    mute_all=frozenset({"cid"}),
    muted={"ann": frozenset({"crew", "ann:dan"})},
)


@pytest.fixture
def flow(embedded: EmbeddedBroker, tmp_path: Path) -> FlowSettings:
    return unhurried_flow(embedded, tmp_path)


def test_each_form_of_a_value_becomes_what_the_oracle_makes_of_it(flow: FlowSettings) -> None:
    records = [
        OddRecord(TOPICS[0], 0, value, NOW * 1000 + 7 * number)
        for number, value in enumerate(odd_values().values())
    ]
    produce(flow.bootstrap_servers, records)

    check_run(flow)


@pytest.mark.parametrize(
    ("seed", "pace_ms", "timeout_s"),
    [(1, 1500, 120), (2, 5000, 30), (3, 5000, 600)],
    ids=["many sessions", "all expire", "few expire"],
)
def test_presence_and_pushes_of_odd_sessions_equal_the_oracle(
    flow: FlowSettings, seed: int, pace_ms: int, timeout_s: int
) -> None:
    produce(
        flow.bootstrap_servers,
        odd_story(seed, NOW * 1000, events=2000, pace_ms=pace_ms, cast=LONG_NAMED),
    )
    rules = unhurried_rules(session_timeout=timeout_s * 1000)
    expected = Expectation.of(flow.bootstrap_servers, TOPICS, rules)

    finished = run_flow(with_timeout(flow, timeout_s))

    assert finished.status == 0, finished.words
    expected.check(flow, SUFFIX)


def test_kills_in_the_middle_of_odd_sessions_change_nothing(flow: FlowSettings) -> None:
    produce(
        flow.bootstrap_servers, odd_story(4, NOW * 1000, events=2000, pace_ms=3000, cast=LONG_NAMED)
    )
    rules = unhurried_rules(session_timeout=60_000)
    expected = Expectation.of(flow.bootstrap_servers, TOPICS, rules)
    quick = with_timeout(flow, 60).but(recovery=False)

    for messages in (100, 300, 500):
        kill_after(in_tiny_commits(quick), messages)
    finished = run_flow(quick)

    assert finished.status == 0, finished.words
    expected.check(flow, SUFFIX)


def test_directory_names_members_devices_and_who_is_not_to_be_disturbed(
    flow: FlowSettings,
) -> None:
    directory = flow.folder / "directory.json"
    directory.write_text(json.dumps(_DIRECTORY))
    produce(flow.bootstrap_servers, odd_story(5, NOW * 1000, events=2000, pace_ms=5000))
    rules = unhurried_rules(session_timeout=60_000)
    expected = Expectation.of(
        flow.bootstrap_servers, TOPICS, rules, _DIRECTORY_AS_THE_ORACLE_KNOWS_IT
    )

    finished = run_flow(
        with_timeout(flow, 60).with_environment(CHAT_PUSH__DIRECTORY=str(directory))
    )

    assert finished.status == 0, finished.words
    expected.check(flow, SUFFIX)
    reasons = {row[-1] for row in expected.tables["push_decisions"]}
    assert reasons == {"sender", "signalling", "online", "muted", "no_device", "offline"}


def with_timeout(flow: FlowSettings, seconds: int) -> FlowSettings:
    return flow.with_environment(CHAT_PRESENCE__SESSION_TIMEOUT=f"{seconds}s")


def in_tiny_commits(flow: FlowSettings) -> FlowSettings:
    return flow.in_small_commits().with_environment(CHAT_SOURCE__BATCH_SIZE="10")
