"""The report as its readers see it; the pictures of the last run are left in var/report."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from analytics.catalog import load_catalog
from analytics.query import Query
from analytics.report import make_report
from config.analytics import AnalyticsSettings
from config.settings import Settings
from tests.analytics.a_week import HOSTILE, a_week
from tests.analytics.query_files import query_text
from tests.analytics.readings import SPAN
from tests.documents import ROOT

PICTURES = ROOT / "var" / "report"
OWN = {
    "line": "SELECT date_trunc('hour', created_at) AS h, from_user, count(*) AS n FROM messages"
    " WHERE from_user > 'user-7' OR from_user < 'a' GROUP BY ALL ORDER BY ALL",
    "area": "SELECT created_at::DATE AS h, event_type AS from_user, count(*) AS n FROM messages"
    " GROUP BY ALL ORDER BY ALL",
    "bar": "SELECT from_user AS h, count(*) AS n FROM messages GROUP BY ALL ORDER BY 2 DESC, 1",
    "heatmap": "SELECT dayname(created_at) AS n, hour(created_at) AS h, count(*) AS from_user"
    " FROM messages GROUP BY ALL ORDER BY ALL",
    "funnel": "SELECT * FROM (VALUES ('sent', 70), ('delivered', 30)) stages(h, n)",
    "table": "SELECT from_user, count(*) AS n FROM messages GROUP BY ALL ORDER BY ALL",
}
"""A query of every kind of chart, each with a name that somebody has given himself."""


class Kind(NamedTuple):
    width: int
    scheme: Any
    """`light` or `dark`."""


KINDS = {"wide": Kind(1280, "light"), "dark": Kind(1280, "dark"), "phone": Kind(375, "light")}


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the queries of this test, and the database."""
    folder = tmp_path_factory.mktemp("report")
    a_week(folder / "chat.duckdb", messages=4000)
    for kind, sql in OWN.items():
        color = " color=from_user" if kind in ("line", "area", "heatmap") else ""
        chart = kind if kind == "table" else f"{kind} x=h y=n{color}"
        text = query_text(sql, title=f"As {kind}", chart=chart)
        (folder / f"own_{kind}.sql").write_text(text)
    (folder / "own_empty.sql").write_text(query_text("SELECT 1 WHERE 1 = 2", title="Empty"))
    (folder / "own_wrong.sql").write_text(query_text("SELECT wrong", title="Wrong"))
    return folder


@pytest.fixture(scope="module")
def report(queries: Path) -> Path:
    own = [query for query in load_catalog(queries).values() if query.name.startswith("own_")]
    return written(queries, own, failed=["own_wrong"])


def written(folder: Path, queries: Sequence[Query], failed: Sequence[str]) -> Path:
    """The file with the report of these queries."""
    analytics = AnalyticsSettings(
        url=f"duckdb:///{folder / 'chat.duckdb'}", output_dir=folder / "out"
    )
    made = datetime(2026, 3, 30, 9, tzinfo=UTC)
    page = make_report(queries, Settings(analytics=analytics), SPAN, made, lambda: False)
    assert [name for name, _ in page.failed] == failed
    file = folder / f"report-{len(queries)}.html"
    file.write_text(page.html)
    return file


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest, report: Path, browser: Browser) -> Iterator[Page]:
    """The report, as soon as it stands; it must have asked for nothing but itself."""
    width, scheme = KINDS[request.param]
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asked: said.append(asked.url))
    page.goto(report.as_uri())
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{request.param}.png", full_page=True)
    yield page
    assert said == [report.as_uri()], "no script, no error, no request"
    page.close()


def test_page_can_be_read_by_everybody_and_fits_the_screen(opened: Page) -> None:
    for shown in opened.locator("details").all():
        shown.evaluate("element => element.open = true")
    found = Axe().run(opened)
    assert found.response["violations"] == [], found.generate_report()
    size = "document.documentElement"
    assert opened.evaluate(f"{size}.scrollWidth <= {size}.clientWidth"), "nothing sticks out"
    charts = opened.locator(".chart")
    assert charts.count() == len(OWN) - 1
    for chart in charts.all():
        box = chart.locator("svg:visible").bounding_box()
        assert box is not None, "one of both drawings is seen"
        assert box["width"] > 250
        assert box["height"] > 50


def test_names_of_people_are_text_and_nothing_else(report: Path, browser: Browser) -> None:
    text = report.read_text()
    assert HOSTILE not in text
    page = browser.new_page()
    page.goto(report.as_uri())
    assert page.locator("script").count() == 0
    assert page.locator("td", has_text=HOSTILE).count() > 0
    assert page.locator("svg text", has_text=HOSTILE).count() > 0
    page.close()


def test_page_says_what_it_is_about_and_what_is_missing(report: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(report.as_uri())
    facts = page.locator("header").inner_text().replace("\n", " ")
    assert "2026-03-23 01:00 to 2026-03-30 02:00" in facts
    assert "Europe/Berlin" in facts
    assert "Made 2026-03-30 11:00:00" in facts
    assert "chat.duckdb" in facts
    assert "Nothing in this span." in page.locator("#own_empty").inner_text()
    wrong = page.locator("#own_wrong").inner_text()
    assert "This query gave no result: it cannot be run: Binder Error" in wrong
    assert "7,000" in (page.locator("#about").text_content() or "")
    page.close()


def test_page_is_printed_on_white_with_its_charts(report: Path, browser: Browser) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(report.as_uri())
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator("#own_line .wide svg").is_visible()
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert ink == "rgb(26, 34, 48)"
    page.close()


def test_queries_of_the_release_are_drawn_on_a_phone_too(queries: Path, browser: Browser) -> None:
    release = list(load_catalog(None).values())
    page = browser.new_page(viewport={"width": 375, "height": 900})
    page.goto(written(queries, release, failed=[]).as_uri())
    page.screenshot(path=PICTURES / "release.png", full_page=True)
    assert page.locator("section.card").count() == len(release) + 1
    size = "document.documentElement"
    assert page.evaluate(f"{size}.scrollWidth <= {size}.clientWidth"), "nothing sticks out"
    page.close()
