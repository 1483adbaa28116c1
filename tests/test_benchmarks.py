"""The benchmarks: the responses of the server, the work of the contenders, the results and the report."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from benchmarks import report
from benchmarks.__main__ import RESULTS, main
from benchmarks.peers import ENVIRONMENT, ROOT
from benchmarks.results import Results, summarize
from benchmarks.server import BODIES
from benchmarks.targets import TARGETS
from benchmarks.work import CONTENDERS
from benchmarks.worker import measure, serving
from benchmarks.works import WORKS
from benchmarks.works.stream import SHAPE_WORKS


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def connection(url: str) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=20)
    yield connection
    connection.close()


@pytest.mark.parametrize("framing", ["chunked", "length"])
def test_an_answer_has_its_framing_and_leaves_the_connection_open(connection, framing):
    for size in (3, 5):
        connection.request("POST", f"/updates-{size}/0/0/{framing}/chat/completions?api-version=1", b"x" * 100_000)
        response = connection.getresponse()
        assert response.headers["Content-Type"] == "text/event-stream"
        assert ("Transfer-Encoding" in response.headers) == (framing == "chunked")
        assert ("Content-Length" in response.headers) == (framing == "length")
        assert response.read() == b"".join(BODIES["updates"](size))
        assert not response.will_close


def test_an_answer_without_framing_ends_with_the_connection(connection):
    connection.request("POST", "/completion-1/0/0/close", b"{}")
    response = connection.getresponse()
    assert response.will_close
    assert json.loads(response.read())["object"] == "chat.completion"


@pytest.mark.parametrize("pause", [0, 1])
def test_a_chunk_is_a_piece(connection, pause):
    connection.request("POST", f"/updates-2/100/{pause}/chunked", b"{}")
    response = connection.getresponse()
    body = b"".join(BODIES["updates"](2))
    pieces = list(iter(response.read1, b""))
    assert pieces == [body[start : start + 100] for start in range(0, len(body), 100)]


def test_events_say_when_they_were_sent(connection):
    before = time.monotonic_ns()
    connection.request("POST", "/stamps-3/0/2/chunked", b"{}")
    events = connection.getresponse().read().split(b"\n\n")[:3]
    stamps = [int(json.loads(event[6:])["choices"][0]["delta"]["content"]) for event in events]
    assert before < stamps[0] < stamps[1] < stamps[2] < time.monotonic_ns()


def test_a_transcript_is_repeated_up_to_the_size(connection):
    connection.request("POST", "/openai-600/0/0/chunked", b"{}")
    *events, done, end = connection.getresponse().read().split(b"\n\n")
    assert (len(events), done, end) == (600, b"data: [DONE]", b"")
    assert events[503:] == events[:97]


def test_both_forms_of_an_answer_have_the_same_text():
    completion, message = (json.loads(BODIES[name](1)[0]) for name in ("completion", "message"))
    assert message["content"][0]["text"] == completion["choices"][0]["message"]["content"]
    updates = [json.loads(event[6:])["choices"][0]["delta"] for event in BODIES["updates"](3)[:-1]]
    deltas = [json.loads(event.split(b"data: ")[1]).get("delta", {}) for event in BODIES["deltas"](3)]
    assert [delta["text"] for delta in deltas if "text" in delta] == [update["content"] for update in updates]


def test_the_contenders_of_a_work_have_a_function_for_it():
    assert WORKS["call"].contenders() == [name for name in CONTENDERS if name != "fast"]
    assert WORKS["stream-openai"].contenders() == [name for name in CONTENDERS if name not in ("anthropic", "mistral")]


@pytest.mark.parametrize("work", SHAPE_WORKS)
def test_each_contender_reads_the_same_of_a_shape(url, work):
    ours, floor = (measure(WORKS[work], contender, url, 60, 1) for contender in ("ours", "floor"))
    assert ours["done"] == floor["done"] >= 59


@pytest.mark.parametrize("work", [name for name in WORKS if name not in SHAPE_WORKS])
def test_each_contender_does_the_same(url, work):
    options = ("--url", url, "--size", "2", "--at-once", "2", "--cold")
    commands = [[sys.executable, "-m", "benchmarks.worker", work, name, *options] for name in ("ours", "floor")]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=ENVIRONMENT) for command in commands]
    ours, floor = (json.loads(worker.communicate()[0]) for worker in workers)
    assert ours["done"] == floor["done"] != 0
    measured = set(WORKS[work].metrics) - {"instructions"}
    assert all(cost[metric] > 0 for cost in (ours, floor) for metric in measured - {"growth"})


def rounds(*seconds):
    return [{"cpu": cpu, "wall": cpu, "peak": 40.0} for cpu in seconds]


SAMPLES = {"ours": rounds(1e-5, 3e-5, 2e-5), "b9": rounds(1e-4, 6e-4, 3e-4), "floor": rounds(1e-5, 1e-5, 1e-5)}


def summarized(samples, *works):
    """Results in which each of these works has these samples."""
    results = Results(date="2026-01-01", machine="2 cores", quick=True, versions={"ours": "1"})
    for work in works:
        results.add(work, WORKS[work].title.format(at_once=3), summarize(work, samples))
    return results


def test_a_summary_has_median_minimum_maximum_and_number_of_rounds():
    results = summarized(SAMPLES, "stream")
    figure = results.find("stream", "cpu", "ours")
    assert (figure.rounds, figure.min, figure.median, figure.max) == (3, 1e-5, 2e-5, 3e-5)
    assert results.find("stream", "cpu", "openai") is None


def test_contenders_are_compared_within_a_round():
    ratio = summarized(SAMPLES, "stream").find("stream", "cpu", "ours", "b9", "ratio")
    assert (ratio.rounds, ratio.min, ratio.max) == (3, pytest.approx(1 / 20), pytest.approx(1 / 10))
    assert ratio.median == pytest.approx(2 / 30)
    fewer_rounds = summarized(SAMPLES | {"b9": rounds(1e-5)}, "stream")
    assert fewer_rounds.find("stream", "cpu", "ours", "b9", "ratio").rounds == 1


def test_each_target_has_its_comparison():
    costs = [dict.fromkeys(report.METRICS, 1.0)]
    for target in TARGETS:
        results = summarized(dict.fromkeys(CONTENDERS, costs), target.work)
        compared = results.find(target.work, target.metric, target.contender, target.base, target.comparison)
        assert compared.median == (1 if target.comparison == "ratio" else 0)


def test_the_report_shows_the_summaries(capsys):
    report.print_work(summarized(SAMPLES, "stream"), "stream")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["ours", "10", "µs", "20", "µs", "30", "µs", "0.067", "2.000"] in lines
    assert ["1.0.0b9", "100", "µs", "300", "µs", "600", "µs", "1.000", "30.000"] in lines


def test_the_report_says_which_targets_are_met(capsys):
    report.print_targets(summarized(SAMPLES, "stream", "many-streams"))
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [line.split()[-2] for line in lines if "floor" in line] == ["MET", "MET", "met"]
    assert [line.split()[-4:] for line in lines if "1.0.0b9" in line] == [["0.083", "0.067", "met", "0.100"]]
    assert [line.split()[-2:] for line in lines if "openai" in line] == [["not", "measured"]]


def test_the_chart_is_the_same_each_time(tmp_path):
    results = summarized(dict.fromkeys(CONTENDERS, SAMPLES["ours"]), "stream", "paced-streams")
    for name in ("first.svg", "second.svg"):
        report.draw(results, tmp_path / name)
    first = (tmp_path / "first.svg").read_bytes()
    assert b"stream, per update" in first
    assert b"3 streams, an event every 50 ms" in first
    assert b"fill: #ffffff" in first  # an opaque background
    assert first == (tmp_path / "second.svg").read_bytes()


def test_the_committed_results_are_what_save_writes(tmp_path):
    results = Results.load(RESULTS)
    results.save(tmp_path / "results.json")
    assert (tmp_path / "results.json").read_bytes() == RESULTS.read_bytes()
    assert list(results.titles) == list(WORKS)


def test_the_committed_results_are_reported_without_measuring(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--from-results", "--only", "parse"])
    monkeypatch.delattr("benchmarks.__main__.serving")  # what measures fails
    main()
    output = capsys.readouterr().out
    assert "parse 3 tool calls, read every field: instructions" in output
    assert [line.split()[0] for line in output.splitlines() if " / " in line] == ["6"]  # no target of another work
