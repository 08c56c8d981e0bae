"""Prometheus as a source, against a server on loopback that speaks its documented API."""

import base64
import datetime as dt
import json
import time
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrcore import HistoryError, Ledger
from okrcore.sources.prometheus import PrometheusSource
from okrcore.sources.pulling import Pulled, pull_into
from tests.support.sources_servers import prometheus

START = 1_767_571_200  # 2026-01-05T00:00:00Z
HOUR = 3600


@pytest.fixture
def server():
    with prometheus() as (url, metrics):
        metrics.series = [({"job": "sorter"}, {START + HOUR * n: str(90 + n) for n in range(24)})]
        yield url, metrics


def source(url, **more):
    fields = {"query": "avg(up) by (job)", "system": "metrics", "step": HOUR, "measure": "uptime", **more}
    if "label" in more:
        del fields["measure"]
    return PrometheusSource(url=url, **fields)


def pulled(one, since="2026-01-05", until="2026-01-05", measures=None):
    return [found for batch in one.pull(measures, since, until) for found in batch]


def refused(one, match):
    with pytest.raises(HistoryError, match=match) as caught:
        pulled(one)
    return "".join(traceback.format_exception(caught.value))


def answers(metrics, body, status=200, **headers):
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    metrics.answer = lambda asked: (
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        text,
    )


def matrix(*series):
    return results(*({"metric": labels, "values": values} for labels, values in series))


def results(*result):
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


class TestWindow:
    def test_points_of_the_window(self, server):
        url, metrics = server
        found = pulled(source(url), "2026-01-05T01:30:00Z", "2026-01-05T04:59:59Z")
        assert [(one.at.hour, one.value) for one in found] == [(2, 92.0), (3, 93.0), (4, 94.0)]
        assert {(one.source.system, one.source.query, one.source.mode) for one in found} == {
            ("metrics", "avg(up) by (job)", "pulled")
        }
        [(path, form, _)] = metrics.asked
        assert path == "/api/v1/query_range"
        assert form == {
            "query": "avg(up) by (job)", "start": str(START + 2 * HOUR), "end": str(START + 4 * HOUR + 3599),
            "step": "3600",
        }  # fmt: skip

    @settings(max_examples=15)
    @given(points=st.integers(1, 30), first=st.integers(0, 86_399), length=st.integers(0, 86_400))
    def test_pages_give_what_one_request_does(self, points, first, length):
        """Windows join without a gap or a repeat, wherever they begin."""
        with prometheus() as (url, metrics):
            metrics.series = [({}, {START + HOUR * n: str(n) for n in range(24)})]
            window = [dt.datetime.fromtimestamp(START + second, dt.UTC) for second in (first, first + length)]
            found = pulled(source(url, points=points), *window)
            wanted = [n for n in range(24) if first <= n * HOUR <= first + length]
            assert [one.value for one in found] == wanted
            assert all(
                float(form["end"]) - float(form["start"]) < points * HOUR for _, form, _ in metrics.asked
            )

    def test_a_label_names_measures(self, server):
        url, metrics = server
        metrics.series.append(({"job": "belt"}, {START: "1"}))
        assert {one.measure for one in pulled(source(url, label="job"))} == {"sorter", "belt"}
        assert {one.measure for one in pulled(source(url, label="job"), measures=["belt"])} == {"belt"}
        assert "give the label" in refused(source(url), "two series are 'uptime'")
        assert refused(source(url, label="team"), "no label 'team'")

    def test_nothing_is_asked_for_other_measures(self, server):
        url, metrics = server
        assert pulled(source(url), measures=["other"]) == []
        assert metrics.asked == []

    def test_a_window_is_needed(self, server):
        with pytest.raises(HistoryError, match="give since and until"):
            list(source(server[0]).pull())


class TestValues:
    def test_nan_is_no_value_and_infinity_is_refused(self, server):
        url, metrics = server
        metrics.series = [
            ({}, {START: "NaN", START + HOUR: "1e3", START + 2 * HOUR: "+Inf", START + 3 * HOUR: "-Inf"})
        ]
        told = refused(source(url), "2 problems")
        assert "2026-01-05T02:00:00+00:00 is +Inf" in told
        assert "2026-01-05T03:00:00+00:00 is -Inf" in told
        assert [one.value for one in pulled(source(url, infinite="unknown"))] == [1000.0]

    def test_a_percent_is_declared(self, server):
        url, metrics = server
        metrics.series = [({}, {START: "0.07"})]
        assert [one.value for one in pulled(source(url, unit="%", percent="fraction"))] == [7.0]
        assert [one.value for one in pulled(source(url, unit="%", percent="number"))] == [0.07]
        with pytest.raises(HistoryError, match="percent is not said"):
            source(url, unit="%")


class TestRefused:
    @pytest.mark.parametrize(
        ("body", "match"),
        [
            ("<html>", "no JSON of Prometheus"),
            ("[" * 100_000, "no JSON of Prometheus"),
            ({"status": "success"}, "no matrix"),
            ({"status": "success", "data": {"resultType": "vector", "result": []}}, "no matrix"),
            ({**matrix(), "warnings": ["a store is down"]}, "partial answer.*a store is down"),
            (matrix(({}, [[START, "1"], [START, "2"]])), "out of order"),
            (matrix(({}, [[START + HOUR, "1"], [START, "2"]])), "out of order"),
            (matrix(({}, [[START + 1, "1"]])), "was not asked for"),
            (matrix(({}, [[START - HOUR, "1"]])), "was not asked for"),
            (matrix(({}, [[START, 1.5]])), "a point that is none"),
            (matrix(({}, [[START, "many"]])), "no number"),
            (matrix(({}, [["now", "1"]])), "a point that is none"),
            (matrix(({}, None)), "no values"),
            (results({"metric": {}, "histograms": [1]}), "is a histogram"),
            (results(7), "a series that is none"),
        ],
    )  # fmt: skip
    def test_what_is_no_answer(self, server, body, match):
        url, metrics = server
        answers(metrics, body)
        refused(source(url), match)

    @pytest.mark.parametrize(("status", "kind"), [(400, "bad_data"), (422, "execution"), (503, "timeout")])
    def test_errors_are_told_with_their_words(self, server, status, kind):
        url, metrics = server
        answers(metrics, {"status": "error", "errorType": kind, "error": "parse error: no"}, status)
        refused(source(url), f"status {status}, {kind}: parse error: no")

    def test_more_points_than_allowed_are_never_asked_for(self, server):
        """The server refuses more than 11,000 points, as Prometheus does."""
        assert pulled(source(server[0], step=1, points=11_000)) != []
        with pytest.raises(HistoryError, match="points is 11001"):
            source(server[0], points=11_001)

    def test_an_answer_that_is_too_long(self, server):
        refused(source(server[0], most_bytes=100), "more than 100 bytes")
        refused(source(server[0], most_rows=5), "more than 5 points")

    def test_an_answer_that_is_cut(self, server):
        url, metrics = server
        answers(metrics, matrix(), Content_Length="500")
        refused(source(url, timeout=2), "cannot be read|is cut")

    def test_a_server_that_does_not_answer(self, server):
        url, metrics = server

        def late(form):
            time.sleep(0.6)
            return 200, {}, "{}"

        metrics.answer = late
        refused(source(url, timeout=0.2), "cannot be read|takes too long")
        refused(source("http://127.0.0.1:1"), "cannot be read|takes too long")

    @pytest.mark.parametrize(
        "to", ["http://localhost:{port}/x", "http://127.0.0.1:1/x", "file:///etc/passwd", "ftp://127.0.0.1/x"]
    )
    def test_a_redirect_to_another_host(self, server, to):
        url, metrics = server
        answers(metrics, "", 302, Location=to.format(port=url.rpartition(":")[2]))
        refused(source(url), "redirects to another host|cannot be read|takes too long")
        assert len(metrics.asked) == 1

    @pytest.mark.parametrize(
        "url", ["file:///etc/passwd", "ftp://x/", "http://", "x", "http://a/?token=1", "http://a:b/", 7]
    )
    def test_urls_that_are_none(self, url):
        with pytest.raises(HistoryError, match="source 'metrics': url "):
            source(url)


class TestCredentials:
    def test_they_go_into_a_header_and_nowhere_else(self, server, capfd, caplog):
        url, metrics = server
        one = source(url.replace("//", "//okr:hunter%212@"))
        found = pulled(one)
        head = metrics.asked[0][2]["Authorization"]
        assert base64.b64decode(head.removeprefix("Basic ")).decode() == "okr:hunter!2"
        answers(
            metrics, {"status": "error", "errorType": "x", "error": "who is okr:hunter!2 and hunter%212"}, 401
        )
        told = (
            refused(one, "status 401") + repr(one) + repr(found) + caplog.text + "".join(capfd.readouterr())
        )
        assert "hunter" not in told

    def test_a_token_is_not_told(self, server):
        url, metrics = server
        one = source(url, token="s3cret-token")
        pulled(one)
        assert metrics.asked[0][2]["Authorization"] == "Bearer s3cret-token"
        answers(metrics, {"status": "error", "errorType": "x", "error": "bad s3cret-token"}, 401)
        assert "s3cret" not in refused(one, "status 401") + repr(one)

    @pytest.mark.parametrize("status", [302, 200])
    def test_failures_do_not_tell_them(self, server, status):
        url, metrics = server
        answers(metrics, "x", status, Location="http://okr:hunter2@elsewhere/")
        assert "hunter" not in refused(source(url.replace("//", "//okr:hunter2@")), "metrics|redirects")
        assert "hunter" not in refused(
            source("http://okr:hunter2@127.0.0.1:1"), "cannot be read|takes too long"
        )


def test_a_pull_resumes_and_repeats(server, tmp_path):
    url, metrics = server
    one = source(url)
    with Ledger.open(tmp_path / "kpis.ledger") as ledger:
        first = pull_into(ledger, one, begin="2026-01-05", until="2026-01-05T10:30:00Z")
        assert first == Pulled(system="metrics", delivered=11, added=11)
        again = pull_into(ledger, one, begin="2026-01-05", until="2026-01-05T12:30:00Z")
        assert again == Pulled(system="metrics", delivered=3, added=2)
        assert metrics.asked[-1][1]["start"] == str(START + 10 * HOUR)
        assert pull_into(ledger, one, since="2026-01-05", until="2026-01-05T12:30:00Z").added == 0


def test_series_of_one_answer_come_in_one_order_of_time(server, tmp_path):
    url, metrics = server
    metrics.series.append(({"job": "belt"}, dict(metrics.series[0][1])))
    with Ledger.open(tmp_path / "kpis.ledger") as ledger:
        done = pull_into(ledger, source(url, label="job", points=7), begin="2026-01-05", until="2026-01-05")
    assert done.added == 48
