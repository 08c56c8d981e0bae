"""PostgreSQL as a source, against a real server that the test starts itself."""

import datetime as dt
import traceback
from urllib.parse import quote

import pytest

from okrcore import HistoryError, Ledger
from okrcore.adapters.table_format import TableFormat
from okrcore.sources.pulling import Pulled, pull_into
from okrcore.sources.sql import postgresql_source
from tests.support.sources_servers import PASSWORD, postgres

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")

QUERY = """
select kpi as measure, day as at, amount as value, 'EUR' as unit -- it's 100 % of ":until"
from facts where kpi in (:measures) and day between :since and :until and note like '%:since%'
order by day, kpi
"""


@pytest.fixture(scope="module")
def server():
    with postgres() as parts, psycopg.connect(**parts, autocommit=True) as connection:
        connection.execute("create table facts (kpi text, day date, amount numeric, note text)")
        connection.execute("create table points (kpi text, at timestamptz, amount float8)")
        connection.execute(
            "insert into facts select k, date '2026-01-01' + n, n * 1.25, 'a:since%'"
            " from generate_series(0, 99) n, unnest(array['revenue', 'cost', 'it''s']) k"
        )
        connection.execute("insert into points values ('load', '2026-01-05 10:00+02', 0.5)")
        connection.execute("insert into points values ('load', '2026-01-05 00:30+00', 0.25)")
        connection.execute("create sequence counter")
        connection.execute("alter role okr set timezone = 'America/New_York'")
        yield parts, connection


def url(parts, password=PASSWORD, **more):
    given = {**parts, **more}
    place = f"{given['host']}:{given['port']}/{given['dbname']}"
    return f"postgresql://{given['user']}:{quote(password, safe='')}@{place}"


def pulled(source, *window):
    return [one for batch in source.pull(*window) for one in batch]


def test_a_query_gives_its_window(server):
    source = postgresql_source(url(server[0]), QUERY, system="erp")
    found = pulled(source, ["revenue", "it's"], "2026-01-05", "2026-01-07")
    assert [(one.measure, one.at.isoformat(), one.value) for one in found] == [
        ("it's", "2026-01-05", 5.0), ("revenue", "2026-01-05", 5.0),
        ("it's", "2026-01-06", 6.25), ("revenue", "2026-01-06", 6.25),
        ("it's", "2026-01-07", 7.5), ("revenue", "2026-01-07", 7.5),
    ]  # fmt: skip
    assert {(one.unit, one.source.system, one.source.query, one.source.mode) for one in found} == {
        ("EUR", "erp", QUERY, "pulled")
    }


def test_a_name_that_looks_like_sql_is_a_name(server):
    parts, connection = server
    source = postgresql_source(url(parts), QUERY, system="erp")
    assert pulled(source, ["x'); drop table facts; --"]) == []
    assert connection.execute("select count(*) from facts").fetchone() == (300,)


def test_instants_come_in_utc(server):
    window = "at between :since and :until"
    query = f"select kpi as measure, at, amount as value from points where {window} order by at"
    source = postgresql_source(url(server[0]), query, system="erp")
    found = pulled(source, None, "2026-01-05", "2026-01-05")
    assert [one.at.isoformat() for one in found] == ["2026-01-05T00:30:00+00:00", "2026-01-05T08:00:00+00:00"]
    assert pulled(source, None, "2026-01-05T08:00:01Z", None) == []


def test_the_session_only_reads(server):
    for query in (
        "select nextval('counter')",
        "with gone as (delete from facts returning 1) select * from gone",
    ):
        with pytest.raises(HistoryError, match="'erp' failed on the query"):
            pulled(postgresql_source(url(server[0]), query, system="erp"))
    assert server[1].execute("select count(*) from facts").fetchone() == (300,)


def test_a_pull_resumes_where_the_last_one_ended(server, tmp_path):
    parts, connection = server
    source = postgresql_source(url(parts), QUERY, system="erp")
    with Ledger.open(tmp_path / "kpis.ledger") as ledger:
        assert pull_into(ledger, source, ["revenue"], until="2026-02-01") == Pulled(
            system="erp", delivered=32, added=32
        )
        assert pull_into(ledger, source, ["revenue"], until="2026-02-03") == Pulled(
            system="erp", delivered=3, added=2
        )
        connection.execute("update facts set amount = 7 where kpi = 'revenue' and day = '2026-02-02'")
        week = dt.timedelta(days=7)
        done = pull_into(
            ledger, source, ["revenue"], until="2026-02-03", overlap=week, pulled_at="2026-03-01T00:00:00Z"
        )
        assert done == Pulled(system="erp", delivered=8, added=1, corrected=1)
        [change] = ledger.history.restatements("revenue")
        assert (change.before.value, change.after.value) == (40.0, 7.0)


def test_rows_come_through_a_cursor_on_the_server(server):
    """A hundred thousand rows are never in memory at once: the first batch comes before the last is made."""
    query = (
        "select 'load' as measure, date '1800-01-01' + n as at,"
        " 1 / (100000 - n) as value from generate_series(1, 100000) n"
    )
    batches = postgresql_source(url(server[0]), query, system="erp").pull()
    assert len(next(batches)) == 65_536
    with pytest.raises(HistoryError, match=r"DivisionByZero.*division by zero"):
        next(batches)


@pytest.mark.parametrize(
    ("password", "more"),
    [("wr0ng-s3cret", {}), (PASSWORD, {"port": 1}), (PASSWORD, {"dbname": "nowhere"})],
)
def test_no_error_says_the_password(server, password, more, caplog):
    source = postgresql_source(url(server[0], password, **more), QUERY, system="erp")
    with pytest.raises(HistoryError, match="'erp' cannot be connected to") as caught:
        pulled(source, ["revenue"])
    told = "".join(traceback.format_exception(caught.value)) + repr(source) + caplog.text
    assert password not in told
    assert quote(password, safe="") not in told
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_query_that_fails_is_told_without_the_password(server):
    source = postgresql_source(url(server[0]), "select nothing from nowhere", system="erp")
    with pytest.raises(HistoryError, match='relation "nowhere" does not exist') as caught:
        pulled(source)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


def test_a_text_that_is_no_connection_is_not_told():
    text = f"postgres//okr:{PASSWORD}@x"
    with pytest.raises(HistoryError, match="is none that libpq reads") as caught:
        postgresql_source(text, QUERY, system="erp")
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


def test_percent_and_time_zones_are_declared(server):
    parts, connection = server
    connection.execute("create table if not exists shares (kpi text, at timestamp, share numeric)")
    connection.execute("insert into shares values ('uptime', '2026-01-05 10:00', 0.95)")
    query = "select kpi as measure, at, share as value from shares"
    table = TableFormat(timezone="Europe/Berlin", percent="fraction")
    [one] = pulled(postgresql_source(url(parts), query, system="erp", table=table))
    assert (one.value, one.unit, one.at.hour) == (95.0, "%", 9)
    with pytest.raises(HistoryError, match="no timezone"):
        pulled(postgresql_source(url(parts), query, system="erp"))
