"""The samples on tracing, run as programs of their own: OpenTelemetry has one provider in a process."""

import os
import subprocess
import sys
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "samples"
REPLACED_EXPORTER = """
import sample_chat_completions_with_azure_monitor_tracing as sample
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
sample.make_exporter = lambda: exporter
sample.main()
for span in exporter.get_finished_spans():
    print(span.name, [event.attributes["gen_ai.event.content"] for event in span.events])
"""


def run(service, *arguments, **environment):
    variables = {"AZURE_AI_CHAT_ENDPOINT": service.url, "AZURE_AI_CHAT_KEY": "key-1", **environment}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=SAMPLES,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_spans_are_printed(service):
    variables = {"AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED": "true"}
    printed = run(service, "sample_chat_completions_with_tracing.py", **variables)
    assert '"name": "chat"' in printed
    assert '"name": "sample"' in printed
    assert '"gen_ai.request.max_tokens": 20' in printed
    assert "Say hello." in printed
    assert printed.endswith("ok\n")


def test_spans_go_to_the_exporter(service):
    answer, *spans = run(service, "-c", REPLACED_EXPORTER).splitlines()
    assert answer == "ok"
    ours = next(span for span in spans if span.startswith("chat "))
    assert "Say hello." in ours
    assert '{"message": {"content": "ok"}, "finish_reason": "stop", "index": 0}' in ours
