"""Whether the server publishes what it sends to people who are away."""

from inspection.checks import recipients
from inspection.finding import Severity
from tests.builders import message, offline, online
from tests.inspection.samples import evidence_of, findings, logs_of, simulated, story, words, worst

PEOPLE = [f"user-{number}" for number in range(8)]


def test_a_server_that_publishes_everything_is_found_all_right() -> None:
    found = evidence_of(logs_of(simulated()))
    assert found.presence.online > 100
    assert found.presence.offline > 100
    assert worst(findings(found, recipients)).severity is Severity.OK


def test_a_server_that_publishes_only_to_who_is_online_is_a_problem() -> None:
    users = [online(name, 0, session=name) for name in PEOPLE]
    users += [offline(name, 10, session=name) for name in PEOPLE[:3]]
    chat = [message("ann", name, at) for at in range(1, 9) for name in PEOPLE]
    chat += [message("ann", name, at) for at in range(11, 30) for name in PEOPLE[3:]]
    worst_of_it = worst(findings(evidence_of(story(chat, users)), recipients))
    assert worst_of_it.severity is Severity.PROBLEM
    assert worst_of_it.seen.startswith("159 of 159 direct messages (100 %)")


def test_one_message_in_five_to_who_is_away_is_enough_to_be_all_right() -> None:
    users = [online(name, 0, session=name) for name in PEOPLE[:4]]
    chat = [message("ann", name, at) for at in range(1, 20) for name in PEOPLE[:5]]
    assert worst(findings(evidence_of(story(chat, users)), recipients)).severity is Severity.OK


def test_nothing_is_said_of_people_who_are_not_in_the_sample() -> None:
    chat = [message("ann", name, at) for at in range(1, 20) for name in PEOPLE]
    found = findings(evidence_of(story(chat, [online("ann", 0)]), first=500), recipients)
    assert worst(found).severity is Severity.NOTE
    assert "0 of 0 direct messages (0 %)" in words(found)
    assert "152 more: not known" in words(found)


def test_who_is_in_no_event_since_the_first_was_never_online() -> None:
    chat = [message("ann", name, at) for at in range(1, 20) for name in PEOPLE]
    presence = evidence_of(story(chat, [online("ann", 0)])).presence
    assert (presence.offline, presence.unknown) == (152, 0)


def test_a_message_before_its_recipient_comes_is_one_to_somebody_away() -> None:
    users = [offline("bob", 0, session="s"), online("bob", 5, session="t")]
    chat = [message("ann", "bob", 3), message("ann", "bob", 7)]
    presence = evidence_of(story(chat, users), first=1).presence
    assert (presence.online, presence.offline, presence.unknown) == (1, 1, 0)


def test_nothing_is_said_of_the_time_after_the_user_events_that_were_read() -> None:
    users = [online("bob", 0, session="s"), offline("bob", 5, session="s")]
    chat = [message("ann", "bob", 3), message("ann", "bob", 60)]
    whole, cut = evidence_of(story(chat, users)), evidence_of(story(chat, users), left=1)
    assert (whole.presence.online, whole.presence.offline) == (1, 1)
    assert (cut.presence.online, cut.presence.offline, cut.presence.unknown) == (1, 0, 1)
