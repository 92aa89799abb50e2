"""Topics, groups and settings of the project, from what brokers say."""

from dataclasses import replace

import pytest

from config.settings import Settings
from inspection.checks import project, readers, topics
from inspection.evidence import ClusterFacts, Reader
from inspection.finding import Severity
from tests.builders import message
from tests.inspection.samples import SETTINGS, THERE, evidence_of, findings, story, words, worst

DAYS = str(7 * 86_400_000)
KNOWN = ClusterFacts(THERE, {name: {"retention.ms": DAYS} for name in THERE}, ())
OURS = SETTINGS.kafka.consumer.group_id


def told(check: object, cluster: ClusterFacts, settings: Settings = SETTINGS) -> str:
    evidence = evidence_of(story([message()]), cluster=cluster, settings=settings)
    return words(findings(evidence, check))


def settings(**sections: object) -> Settings:
    return Settings.model_validate(sections)


def test_topics_that_keep_what_they_get_are_all_right() -> None:
    evidence = evidence_of(story([message()]), cluster=KNOWN)
    assert worst(findings(evidence, topics)).severity is Severity.OK
    assert "chat-messages keeps records for 7 d" in told(topics, KNOWN)


def test_missing_topics_are_a_problem_unless_the_flow_makes_them() -> None:
    some = replace(KNOWN, partitions={"chat-messages": 3})
    assert "problem: missing: user-events, group-messages, chat-messages.dlq" in told(topics, some)
    makes = settings(source={"missing_topics": "create"})
    assert "note: missing: user-events" in told(topics, some, makes)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"cleanup.policy": "compact"}, "problem: chat-messages has cleanup.policy compact"),
        ({"retention.ms": "3600000"}, "warning: chat-messages keeps records for 60 min"),
        ({"message.timestamp.type": "LogAppendTime"}, "note: chat-messages has message.timestamp"),
        ({"retention.ms": "-1"}, "ok: chat-messages keeps records for ever"),
    ],
)
def test_what_a_topics_settings_mean_is_told(config: dict[str, str], said: str) -> None:
    assert said in told(topics, replace(KNOWN, configs={"chat-messages": config}))


def test_what_brokers_do_not_say_is_told_as_not_known() -> None:
    silent = ClusterFacts(THERE)
    assert "settings of the topics are not known: the broker does not answer" in told(
        topics, silent
    )
    assert "members of groups are not known: the broker does not answer" in told(readers, silent)


def test_a_member_of_our_group_is_a_problem_unless_the_flow_only_reads() -> None:
    taken = replace(KNOWN, readers=[Reader(OURS, ["sarama at /10.0.0.1"])])
    assert f"problem: the group {OURS} has 1 active member: sarama at /10.0.0.1" in told(
        readers, taken
    )
    reads = settings(source={"active_group": "read_only"})
    assert f"warning: the group {OURS} has" in told(readers, taken, reads)


def test_another_group_that_reads_is_a_note() -> None:
    others = replace(KNOWN, readers=[Reader("archive", ["a", "b"])])
    assert "note: the group archive reads our topics with 2 members" in told(readers, others)
    assert f"ok: the group {OURS} has no members" in told(readers, others)


def test_settings_nobody_has_decided_about_are_notes() -> None:
    assert "push.provider is log" in told(project, KNOWN)
    decided = settings(
        kafka={"consumer": {"group_id": "chatflow"}},
        push={"provider": "webhook", "webhook": {"url": "http://push", "secret": "whsec_YQ=="}},
    )
    assert told(project, KNOWN, decided) == ""
