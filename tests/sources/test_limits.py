"""The laws of limits: a source reads, shows no credential, and ends in the time that it is given."""

import base64
import pickle
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from okrcore import HistoryError, to_dict
from okrcore.sources import duckdb_source, postgresql_source, sqlite_source
from okrcore.sources.credentials import bare_url, holds_credential, query_holds_credential, scrubbed
from okrcore.sources.http import check_url, fetch
from okrcore.sources.prometheus import PrometheusSource

FOREVER = (
    "with recursive r(n) as (select 1 union all select n + 1 from r) select n as value from r where n < 0"
)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "a.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("create table facts (measure, at, value)")
    connection.execute("insert into facts values ('k', '2026-01-05', 5.0)")
    connection.commit()
    connection.close()
    return path


class TestQueries:
    @pytest.mark.parametrize(
        "query",
        [
            "vacuum into '{folder}/copy.db'",
            "attach '{folder}/new.db' as n",
            "create table t (a)",
            "select fts3_tokenizer('simple')",
            "create temp table t (a)",
            "pragma journal_mode = wal",
            "insert into facts values (1, 2, 3) returning *",
            "select load_extension('x')",
            "drop table facts",
        ],
    )
    def test_sqlite_only_reads(self, database: Path, query: str) -> None:
        before, files = database.read_bytes(), sorted(database.parent.iterdir())
        with pytest.raises(HistoryError):
            list(sqlite_source(database, query.format(folder=database.parent), system="s").pull())
        assert (database.read_bytes(), sorted(database.parent.iterdir())) == (before, files)

    def test_what_only_reads_is_read(self, database: Path) -> None:
        query = (
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3)"
            " select upper(measure) as measure, date(at, '+' || i || ' days') as at, value * i as value"
            " from facts, n"
        )
        found = [one for batch in sqlite_source(database, query, system="s").pull() for one in batch]
        assert [(one.measure, one.at.day, one.value) for one in found] == [
            ("K", 6, 5),
            ("K", 7, 10),
            ("K", 8, 15),
        ]

    @pytest.mark.parametrize(
        "query",
        [
            "copy (select 'gone' as x) to '{file}' (use_tmp_file false)",
            "drop view data; select 1",
            "insert into data select 1",
            "export database '{folder}'",
            "select 1; select 2",
            "install httpfs",
            "explain analyze select * from data",
        ],
    )
    def test_duckdb_only_reads(self, tmp_path: Path, query: str) -> None:
        pytest.importorskip("duckdb", reason="duckdb is not installed")
        file = tmp_path / "a.csv"
        file.write_text("measure,at,value\nk,2026-01-05,5\n", encoding="utf-8")
        with pytest.raises(HistoryError, match="failed on the query"):
            list(duckdb_source(file, query.format(file=file, folder=tmp_path), system="s").pull())
        assert file.read_text(encoding="utf-8") == "measure,at,value\nk,2026-01-05,5\n"
        assert list(tmp_path.iterdir()) == [file]

    def test_a_query_that_does_not_end_is_stopped(self, database: Path, tmp_path: Path) -> None:
        began = time.monotonic()
        with pytest.raises(HistoryError, match=r"takes more than 0\.3 s"):
            list(sqlite_source(database, FOREVER, system="s", timeout=0.3).pull())
        pytest.importorskip("duckdb", reason="duckdb is not installed")
        file = tmp_path / "a.csv"
        file.write_text("measure,at,value\nk,2026-01-05,5\n", encoding="utf-8")
        with pytest.raises(HistoryError, match=r"takes more than 0\.3 s"):
            list(duckdb_source(file, FOREVER, system="s", timeout=0.3).pull())
        assert time.monotonic() - began < 20

    def test_sources_travel_to_another_process(self, database: Path, tmp_path: Path) -> None:
        source = pickle.loads(pickle.dumps(sqlite_source(database, "select * from facts", system="s")))
        assert sum(len(batch) for batch in source.pull()) == 1
        pytest.importorskip("duckdb", reason="duckdb is not installed")
        file = tmp_path / "a.csv"
        file.write_text("measure,at,value\nk,2026-01-05,5\n", encoding="utf-8")
        assert (
            sum(len(one) for one in pickle.loads(pickle.dumps(duckdb_source(file, system="s"))).pull()) == 1
        )
        pytest.importorskip("psycopg", reason="psycopg is not installed")
        assert pickle.loads(pickle.dumps(postgresql_source("host=db", "select 1", system="s"))).system == "s"


class TestCredentials:
    @pytest.mark.parametrize(
        "query",
        [
            "select * from t where token = 'valid'",
            "select * from users where password = 'reset'",
            'up{{token="valid", secret="no"}}',
            "select secret, api_key from t where pwd is null",
            "select * from t where note = 'password=' and kind = 'a'",
            "sum(rate(token_refresh_total[5m]))",
            "select 'tokens' as measure, at, value from t -- token: counts",
        ],
    )
    def test_a_word_is_no_credential(self, query: str) -> None:
        assert not query_holds_credential(query)

    @pytest.mark.parametrize(
        "query",
        [
            "select * from read_csv('https://okr:hunter2@x/a.csv')",
            "from postgres_scan('host=db password=hunter2', 'f')",
            "select * from read_csv('https://x/a.csv?api_key=hunter2')",
            "select * from x('Server=db;Uid=a;Pwd=hunter2')",
            "select http_get('https://x', 'Authorization: Bearer hunter2hunter2')",
            "create secret s (type s3, secret 'x')",
            "select * from mysql_scan(\"host=db user=a password=hunter2\", 'f')",
        ],
    )
    def test_what_opens_something_is_one(self, query: str) -> None:
        assert query_holds_credential(query)

    @pytest.mark.parametrize(
        "text",
        [
            "api_key=hunter2",
            "host=db password=x",
            "Authorization: Bearer x",
            "postgresql://a:b@h/d",
            "access_key=x",
        ],
    )
    def test_the_text_of_a_connection_that_holds_one(self, text: str) -> None:
        assert holds_credential(text)

    @pytest.mark.parametrize(
        "secret", ["hunter2hunter2", "hunter2\n", "p\u00e4ss w\u00f6rd!", "a/b+c=d&e", "okr:hunter2"]
    )
    def test_a_secret_is_found_in_every_form(self, secret: str) -> None:
        data = secret.encode()
        for form in (
            secret,
            repr(secret),
            repr(data),
            base64.b64encode(data).decode(),
            ascii(secret),
            secret.strip(),
        ):
            shown = scrubbed(f"Invalid header value {form} here", [secret])
            assert secret.strip() not in shown
            assert base64.b64encode(data).decode().rstrip("=") not in shown
            assert "here" in shown
        assert "hunter2hu" not in scrubbed("token 'hunter2hu...'", ["hunter2hunter2"])

    def test_a_long_text_is_cut_before_it_is_cleaned(self) -> None:
        began = time.monotonic()
        assert len(scrubbed("\u200b" * 60_000_000, ["x"])) <= 300
        assert time.monotonic() - began < 3

    @pytest.mark.parametrize("token", ["hunter2\n", " hunter2 ", "hun\nter2", "h\u00fcnter2"])
    def test_a_token_is_never_shown(self, token: str) -> None:
        source = PrometheusSource(
            url="http://127.0.0.1:9", query="up", system="m", step=3600, measure="u", token=token, timeout=1.0
        )
        with pytest.raises(HistoryError) as caught:
            list(source.pull(None, "2026-01-05", "2026-01-05"))
        assert "nter2" not in f"{caught.value} {caught.value.__cause__!r} {caught.value.__context__!r}"
        assert "nter2" not in str(to_dict(source))

    def test_to_dict_leaves_user_and_password_out(self) -> None:
        source = PrometheusSource(
            url="https://okr:hunter2@m.example", query="up", system="m", step=60, measure="u"
        )
        assert to_dict(source)["url"] == "https://m.example"
        assert "hunter2" not in str(to_dict(source))

    def test_a_password_with_a_slash_is_not_taken_for_host_and_path(self) -> None:
        url = "http://okr:123/SECRET@host"
        assert "SECRET" not in str(check_url(url))
        assert "@" in str(check_url(url))
        assert "SECRET" not in bare_url(url)


@contextmanager
def serving(write: Any) -> Iterator[str]:
    """A server that answers one connection with what `write` sends, again and again, until it is closed."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def answer() -> None:
        try:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                write(connection, ended)
        except OSError:
            return

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        listening.close()
        thread.join(5)


def trickled(first: bytes, piece: bytes) -> Any:
    def write(connection: socket.socket, ended: threading.Event) -> None:
        connection.sendall(first)
        while not ended.wait(0.05):
            connection.sendall(piece)

    return write


class TestTime:
    @pytest.mark.parametrize(
        ("first", "piece"),
        [
            (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
            (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", b"T: x\r\n"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
            (b"", b""),
        ],
    )
    def test_an_exchange_ends_in_time_whatever_is_slow(self, first: bytes, piece: bytes) -> None:
        with serving(trickled(first, piece)) as url:
            began = time.monotonic()
            with pytest.raises(HistoryError, match=r"too long|timed out"):
                fetch(url, timeout=0.7)
            assert time.monotonic() - began < 5
