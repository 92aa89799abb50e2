"""Sessions that are not closed, and workers that crash."""

from inspection.checks import sessions
from inspection.finding import Severity
from tests.builders import Event, offline, online, user_event
from tests.inspection.samples import evidence_of, findings, logs_of, simulated, story, words, worst

PEOPLE = [f"user-{number}" for number in range(30)]


def arrivals(at: float, worker: int = 1) -> list[Event]:
    return [online(name, at, session=f"{name} {at}", worker=worker) for name in PEOPLE]


def departures(at: float, since: float, worker: int = 1) -> list[Event]:
    return [offline(name, at, session=f"{name} {since}", worker=worker) for name in PEOPLE]


def test_sessions_that_end_are_all_right() -> None:
    typing: list[Event] = [user_event("user_typing", "user-1", 3)]
    found = findings(evidence_of(story(users=arrivals(0) + typing + departures(9, 0))), sessions)
    assert worst(found).severity is Severity.OK


def test_the_simulated_traffic_names_its_sessions() -> None:
    found = words(findings(evidence_of(logs_of(simulated())), sessions))
    assert "sessions are named by client_ip with port:" in found
    assert "their ends by the worker only:" in found


def test_a_server_that_never_says_offline_is_a_warning() -> None:
    found = worst(findings(evidence_of(story(users=arrivals(0))), sessions))
    assert found.severity is Severity.WARNING
    assert "Nobody ever goes offline" in found.means


def test_a_worker_that_crashed_is_named() -> None:
    users = arrivals(0, 7) + arrivals(60, 7) + departures(99, 60, 7)
    found = findings(evidence_of(story(users=users)), sessions)
    assert "30 sessions opened while the last one on the same worker was open" in words(found)
    assert "a worker that had not said they had gone: worker 7" in words(found)


def test_people_who_change_the_worker_are_no_crash() -> None:
    users = arrivals(0, 7) + arrivals(60, 8) + departures(99, 60, 8) + departures(99, 0, 7)
    assert "; 0 sessions opened while" in words(findings(evidence_of(story(users=users)), sessions))


def test_sessions_that_run_out_are_counted() -> None:
    later: list[Event] = [online("zoe", 4000, session="z"), offline("zoe", 4001, session="z")]
    found = findings(evidence_of(story(users=arrivals(0) + later)), sessions)
    assert "30 ran out" in words(found)
    assert worst(found).severity is Severity.WARNING


def test_nobody_who_comes_online_is_a_problem() -> None:
    typing: list[Event] = [user_event("user_typing", name) for name in PEOPLE]
    assert worst(findings(evidence_of(story(users=typing)), sessions)).severity is Severity.PROBLEM


def test_events_that_name_neither_session_nor_worker_are_a_warning() -> None:
    users: list[Event] = [online("ann", 0), offline("ann", 1)]
    found = words(findings(evidence_of(story(users=users)), sessions))
    assert "warning: sessions are named by nothing: 1; their ends by nothing: 1" in found
