import pytest

from analytics.parameters import for_postgres, named_parameters

START = "(%(start)s::timestamptz)"


@pytest.mark.parametrize(
    ("sql", "rewritten"),
    [
        ("SELECT $start", f"SELECT {START}"),
        ("a>=$start AND b<$start", f"a>={START} AND b<{START}"),
        ("x AT TIME ZONE $timezone", "x AT TIME ZONE (%(timezone)s::text)"),
        ("SELECT 7 % 2, $start", f"SELECT 7 %% 2, {START}"),
        ("SELECT '$start 5%', $start", f"SELECT '$start 5%%', {START}"),
        ("SELECT 'it''s $start'", "SELECT 'it''s $start'"),
        (r"SELECT E'\' $start', $start", rf"SELECT E'\' $start', {START}"),
        ('SELECT "$start"', 'SELECT "$start"'),
        ("SELECT 1 -- $start\n, $start", f"SELECT 1 -- $start\n, {START}"),
        ("SELECT /* $start */ $start", f"SELECT /* $start */ {START}"),
        ("SELECT $$ $start $$, $start", f"SELECT $$ $start $$, {START}"),
        ("SELECT $q$ $start $q$", "SELECT $q$ $start $q$"),
    ],
    ids=str,
)
def test_parameters_get_the_form_of_postgres_where_they_are_parameters(
    sql: str, rewritten: str
) -> None:
    assert for_postgres(sql) == rewritten
    assert named_parameters(sql) <= {"start", "timezone"}


def test_every_parameter_is_found_once() -> None:
    assert named_parameters("$start $end $start '$no' -- $no") == {"start", "end"}
