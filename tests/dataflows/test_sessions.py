"""Rules about one user: which events open, renew and end sessions."""

from dataflows import sessions as rules
from dataflows.sessions import Person
from schemas.events import UserEvent
from tests.builders import instant, offline, online

TIMEOUT = 1_800_000


def person(*events: UserEvent) -> Person:
    """The user after these opening and closing events."""
    found = Person()
    for event in events:
        rule = rules.closed if event.event_type == "user_offline" else rules.opened
        found = rule(found, event)
    return found


def names(found: Person) -> set[str]:
    return {session.name for session in found.sessions}


def test_a_session_is_named_by_its_event() -> None:
    assert names(person(online("ann", session="s1"))) == {"s1"}


def test_an_event_without_a_name_speaks_of_the_session_of_its_worker() -> None:
    assert names(person(online("ann", worker=3))) == {"worker-3"}
    assert names(person(online("ann"))) == {"any"}


def test_an_offline_event_ends_only_its_own_session() -> None:
    found = person(online("ann", session="s1"), online("ann", session="s2"))
    assert names(rules.closed(found, offline("ann", 1, session="s1"))) == {"s2"}


def test_one_that_names_a_session_also_ends_those_of_its_connection() -> None:
    found = person(online("ann", session="10.0.0.1:5", connected=77), online("ann", session="s2"))
    closed = offline("ann", 1, session="connected-77", connected=77)
    assert names(rules.closed(found, closed)) == {"s2"}


def test_one_that_names_no_session_ends_those_of_its_worker() -> None:
    found = person(
        online("ann", session="s1", worker=3),
        online("ann", session="s2", worker=4),
        online("ann", worker=3),
    )
    assert names(rules.closed(found, offline("ann", 1, worker=3))) == {"s2"}


def test_one_that_names_neither_ends_all() -> None:
    found = person(online("ann", session="s1", worker=3), online("ann", session="s2"))
    assert names(rules.closed(found, offline("ann", 1))) == set()


def test_a_session_opened_later_is_not_meant() -> None:
    found = person(online("ann", 5, session="s1", worker=3))
    assert names(rules.closed(found, offline("ann", 4, worker=3))) == {"s1"}
    assert names(rules.closed(found, offline("ann", 5, worker=3))) == set()


def test_an_online_event_that_arrives_after_its_end_is_ignored() -> None:
    found = person(offline("ann", 5, session="s1"))
    assert rules.opened(found, online("ann", 4, session="s1")) is found
    assert names(rules.opened(found, online("ann", 4, session="s2"))) == {"s2"}


def test_within_a_second_a_named_session_that_ended_stays_over() -> None:
    found = person(offline("ann", 5, session="s1"))
    assert rules.opened(found, online("ann", 5, session="s1")) is found


def test_within_a_second_a_reconnect_to_the_same_worker_counts() -> None:
    found = person(online("ann", 1, worker=3), offline("ann", 5, worker=3))
    assert names(rules.opened(found, online("ann", 5, worker=3))) == {"worker-3"}


def test_the_end_of_a_worker_holds_against_sessions_it_had() -> None:
    found = person(offline("ann", 5, worker=3))
    assert rules.opened(found, online("ann", 4, session="s1", worker=3)) is found
    assert names(rules.opened(found, online("ann", 4, session="s1", worker=4))) == {"s1"}


def test_the_end_of_everything_holds_against_every_session() -> None:
    found = person(offline("ann", 5))
    assert rules.opened(found, online("ann", 4, session="s1", worker=3)) is found


def test_a_session_ended_by_its_worker_is_over_under_its_own_name_too() -> None:
    found = person(online("ann", 1, session="s1", worker=3), offline("ann", 5, worker=3))
    assert rules.opened(found, online("ann", 5, session="s1", worker=3)) is found
    assert rules.opened(found, online("ann", 4, session="s1")) is found


def test_a_session_that_ended_can_open_again_later() -> None:
    found = person(online("ann", session="s1"), offline("ann", 5, session="s1"))
    assert names(rules.opened(found, online("ann", 6, session="s1"))) == {"s1"}


def test_the_last_ends_are_remembered_and_older_ones_not() -> None:
    found = person(*(offline("ann", 9, session=f"s{number}") for number in range(9)))
    assert len(found.ended) == 8
    assert names(rules.opened(found, online("ann", 1, session="s0"))) == {"s0"}
    assert rules.opened(found, online("ann", 1, session="s8")) is found


def test_the_end_of_a_worker_with_many_sessions_is_remembered() -> None:
    found = person(*(online("ann", 1, session=f"s{number}", worker=3) for number in range(9)))
    closed = rules.closed(found, offline("ann", 5, worker=3))
    assert rules.opened(closed, online("ann", 4, session="new", worker=3)) is closed


def test_a_heartbeat_renews_and_does_not_open_anew() -> None:
    found = person(online("ann", 0, session="s1"), online("ann", 9, session="s1"))
    (session,) = found.sessions
    assert (session.opened_at, session.renewed_at) == (instant(0), instant(9))


def test_a_heartbeat_that_says_less_leaves_what_is_known() -> None:
    found = person(online("ann", 0, session="s1", worker=3), online("ann", 9, session="s1"))
    assert names(rules.closed(found, offline("ann", 10, worker=3))) == set()


def test_a_late_heartbeat_does_not_move_anything_back() -> None:
    found = person(online("ann", 9, session="s1"), online("ann", 3, session="s1"))
    assert found.sessions[0].renewed_at == instant(9)
    assert found.last_seen == instant(9)


def test_an_offline_event_that_ends_nothing_is_no_sign_of_life() -> None:
    assert person(online("ann", 1), offline("ann", 0)).last_seen == instant(1)
    assert person(offline("ann", 7)).last_seen == 0
    assert person(online("ann", 1), offline("ann", 7)).last_seen == instant(7)


def test_a_sign_of_life_of_an_unknown_session_renews_nothing() -> None:
    found = person(online("ann", 0, session="s1"))
    assert rules.renewed(found, instant(5), "s2") is found
    assert rules.renewed(found, instant(5), "s1").last_seen == instant(5)


def test_a_session_is_over_at_the_very_instant_of_its_expiry() -> None:
    found = person(online("ann", 0, session="s1"))
    assert rules.expired(found, 0, instant(0) + TIMEOUT - 1, TIMEOUT) is found
    assert not rules.expired(found, 0, instant(0) + TIMEOUT, TIMEOUT).sessions


def test_what_the_user_does_anywhere_renews_all_sessions() -> None:
    found = person(online("ann", 0, session="s1"), online("ann", 0, session="s2"))
    assert rules.expired(found, instant(5), instant(0) + TIMEOUT, TIMEOUT) is found
