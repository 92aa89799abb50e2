from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from analytics.loop import Pauses
from analytics.query import Query
from analytics.run_log import NAME
from analytics.runner import Job, Outcome, due, run_jobs
from config.analytics import AnalyticsSettings
from config.errors import ChatflowError
from config.settings import Settings
from tests.analytics.a_week import END, a_week
from tests.analytics.query_files import query
from tests.analytics.readings import SPAN

NOW = END + timedelta(hours=1, minutes=30)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    a_week(tmp_path / "chat.duckdb", messages=200)
    url = f"duckdb:///{tmp_path / 'chat.duckdb'}"
    return Settings(analytics=AnalyticsSettings(url=url, output_dir=tmp_path / "out"))


def catalog(*queries: Query) -> dict[str, Query]:
    return {query.name: query for query in queries}


def run(jobs: Iterable[Job], settings: Settings) -> list[Outcome]:
    outcomes: list[Outcome] = []
    run_jobs(list(jobs), settings, lambda: False, outcomes.append)
    return outcomes


def ends(jobs: Iterable[Job]) -> list[datetime]:
    return [job.span.end for job in jobs]


def test_what_has_run_is_not_due_until_the_next_period_is_over(settings: Settings) -> None:
    known, analytics = catalog(query(every="1h")), settings.analytics
    first = due(known, analytics, NOW, 1)
    assert ends(first) == [END + timedelta(hours=1)]
    run(first, settings)
    assert due(known, analytics, NOW, 1) == []
    assert ends(due(known, analytics, NOW + timedelta(hours=1), 1)) == [END + timedelta(hours=2)]


def test_period_is_due_when_late_rows_have_had_time_to_come(settings: Settings) -> None:
    hour, minute = END + timedelta(hours=1), timedelta(minutes=1)
    early = due(catalog(query(every="1h")), settings.analytics, hour + minute, 1)
    later = due(catalog(query(every="1h")), settings.analytics, hour + 2 * minute, 1)
    assert (ends(early), ends(later)) == ([END], [hour])


def test_output_that_lacks_a_format_is_due_again(settings: Settings) -> None:
    known = catalog(query(output="csv, parquet"))
    (outcome,) = run(due(known, settings.analytics, NOW, 1), settings)
    outcome.files[0].unlink()
    assert len(due(known, settings.analytics, NOW, 1)) == 1


def test_catching_up_goes_back_as_far_as_it_is_told_oldest_first(settings: Settings) -> None:
    jobs = due(catalog(query(every="1h")), settings.analytics, NOW, 3)
    assert ends(jobs) == [END - timedelta(hours=1), END, END + timedelta(hours=1)]


def test_what_would_be_pruned_at_once_is_not_due(settings: Settings) -> None:
    assert len(due(catalog(query(every="1h", keep="2h")), settings.analytics, NOW, 99)) == 2


def test_query_that_fails_stops_no_other_and_leaves_nothing(settings: Settings) -> None:
    wrong = query("SELECT broken", name="a_wrong_one", output="csv")
    jobs = [Job(wrong, SPAN, ("csv",)), Job(query(), SPAN, ("csv",))]
    failed, ran = run(jobs, settings)
    assert failed.error is not None
    assert "broken" in str(failed.error)
    assert ran.error is None
    written = settings.analytics.output_dir.rglob("*.csv")
    assert [file.parent.name for file in written] == ["by_type"]


def test_chart_without_its_column_is_a_failure_that_leaves_no_page(settings: Settings) -> None:
    (failed,) = run([Job(query("SELECT 1 AS one"), SPAN, ("html",))], settings)
    assert "returns no column event_type" in str(failed.error)
    assert list(settings.analytics.output_dir.rglob("*.html")) == []


def test_run_log_has_a_line_for_each_run(settings: Settings) -> None:
    wrong = query("SELECT broken", name="wrong")
    run([Job(query(), SPAN, ("csv",)), Job(wrong, SPAN, ("csv",))], settings)
    lines = (settings.analytics.output_dir / NAME).read_bytes().splitlines()
    ran, failed = map(msgspec.json.decode, lines)
    assert (ran["query"], ran["status"], ran["rows"]) == ("by_type", "ok", 2)
    assert (ran["start"], ran["timezone"]) == ("2026-03-23T00:00:00Z", "Europe/Berlin")
    assert (failed["query"], failed["status"], failed["error"]) == ("wrong", "failed", "QueryError")
    assert "rows" not in failed


def test_signal_ends_the_runs_between_two_queries(settings: Settings) -> None:
    outcomes: list[Outcome] = []
    jobs = [Job(query(), SPAN, ("csv",)), Job(query(name="never"), SPAN, ("csv",))]
    run_jobs(jobs, settings, lambda: len(outcomes) == 1, outcomes.append)
    assert [outcome.job.query.name for outcome in outcomes] == ["by_type"]


def test_what_fails_in_the_loop_waits_longer_each_time_and_at_most_a_period() -> None:
    pauses, now = Pauses(), datetime(2026, 1, 1, tzinfo=UTC)
    (job,) = [Job(query(every="5m"), SPAN, ("csv",))]
    failed = Outcome(job, None, error=ChatflowError("no"))  # type: ignore[arg-type]
    waits = []
    for _ in range(4):
        pauses.note(failed, now)
        waits.append(next(m for m in range(99) if pauses.ready(job, now + timedelta(minutes=m))))
    assert waits == [1, 2, 4, 5]
    pauses.note(failed._replace(error=None), now)
    assert pauses.ready(job, now)
