"""Telemetry of the latest semantic conventions: spans, metrics and events, in both worlds.

`data/telemetry` has what each scenario records. To write a file anew, delete it, run this file, and read what is new.
"""

import asyncio
import gc
import inspect
import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from loopback import COMPLETION, DONE, Gate, Reply, json_reply, update
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import azure_attributes, gen_ai_attributes, openai_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics
from opentelemetry.semconv.attributes import error_attributes, server_attributes
from opentelemetry.trace import StatusCode

MESSAGES = [SystemMessage("be brief"), UserMessage("hi")]
OPT_IN = "OTEL_SEMCONV_STABILITY_OPT_IN"
CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
USAGE = {
    **COMPLETION["usage"],
    "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 5},
    "completion_tokens_details": {"reasoning_tokens": 6, "audio_tokens": 7},
}
FOLDER = Path(__file__).parent / "data" / "telemetry"
DOCUMENTATION = Path(__file__).parents[1] / "docs" / "telemetry.md"
GOLDEN = sorted(FOLDER.glob("*.json"))
AHEAD = {
    "gen_ai.request.reasoning.level",
    "gen_ai.usage.audio.input_tokens",
    "gen_ai.usage.audio.output_tokens",
    "gen_ai.execute_tool.duration",
}
"""Names that opentelemetry-util-genai writes, and that opentelemetry-semantic-conventions does not have yet."""


class Telemetry:
    """Providers of OpenTelemetry that keep everything in memory."""

    def __init__(self):
        self.spans, self.reader, self.logs = InMemorySpanExporter(), InMemoryMetricReader(), InMemoryLogRecordExporter()
        tracers, loggers = TracerProvider(), LoggerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        loggers.add_log_record_processor(SimpleLogRecordProcessor(self.logs))
        meters = MeterProvider([self.reader])
        self.providers = {"tracer_provider": tracers, "meter_provider": meters, "logger_provider": loggers}

    def instrument(self, *arguments):
        AIInferenceInstrumentor().instrument(*arguments, semantic_conventions="latest", **self.providers)

    @property
    def ended(self):
        """Return the spans that have ended."""
        gc.collect()
        return self.spans.get_finished_spans()

    @property
    def one(self):
        """Return the only span that has ended."""
        (span,) = self.ended
        return span

    def metrics(self):
        """Return the metrics: for each series its attributes, and how many values it has."""
        data = self.reader.get_metrics_data()
        scopes = [scope for resource in (data.resource_metrics if data else []) for scope in resource.scope_metrics]
        assert all(scope.scope.name == "azure.ai.inference" for scope in scopes)
        return {
            metric.name: [(dict(point.attributes), point.count, point.sum) for point in metric.data.data_points]
            for scope in scopes
            for metric in scope.metrics
        }

    def events(self):
        return [log.log_record for log in self.logs.get_finished_logs()]


@pytest.fixture
def telemetry(caplog):
    """Records telemetry. A logged error of a recorder fails the test."""
    caplog.set_level(logging.DEBUG, "azure.ai.inference._recording")
    made = Telemetry()
    made.instrument()
    yield made
    AIInferenceInstrumentor().uninstrument()
    for provider in made.providers.values():
        provider.shutdown()
    assert [record for record in caplog.records if record.name == "azure.ai.inference._recording"] == []


@pytest.fixture
def content(monkeypatch, request):
    """Switches the recording of content on, in spans and in events."""
    monkeypatch.setenv(CAPTURE, "span_and_event")


def double(number: int) -> int:
    """Return twice a number."""
    return 2 * number


async def broken() -> int:
    """Raise an error."""
    raise KeyError("secret-1")


def tool_answer(*calls):
    requests = [
        {"id": f"t{number}", "function": dict(zip(("name", "arguments"), call, strict=True))}
        for number, call in enumerate(calls)
    ]
    message = {"role": "assistant", "tool_calls": requests}
    return {**COMPLETION, "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}]}


async def complete(twin, service):
    """Every attribute of a chat completion."""
    service.reply({**COMPLETION, "usage": USAGE, "service_tier": "flex", "system_fingerprint": "fp_1"})
    tool = {"type": "function", "function": {"name": "f", "description": "Does f.", "parameters": {"type": "object"}}}
    await twin.chat(service.url + "/v1").complete(
        messages=MESSAGES,
        model="gpt",
        max_completion_tokens=7,
        temperature=0.5,
        top_p=0.25,
        frequency_penalty=0.1,
        presence_penalty=0.2,
        seed=3,
        stop=["a", "b"],
        n=2,
        reasoning_effort="low",
        service_tier="auto",
        response_format="json_object",
        tools=[tool],
        model_extras={"top_k": 4},
    )


async def stream(twin, service):
    more = {"usage": USAGE}
    service.stream(update("a"), update("b"), update(finish_reason="stop", **more), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True, model="gpt")
    assert len([item async for item in stream]) == 3


async def embed(twin, service):
    await twin.embeddings().embed(input=["x"], model="e", encoding_format="float", dimensions=5)


async def embed_images(twin, service):
    await twin.image_embeddings().embed(input=[])


async def error(twin, service):
    service.reply(json_reply({"error": {"code": "429", "message": "slow down"}}, 429))
    with pytest.raises(HttpResponseError):
        await twin.chat(retry_total=0).complete(messages=MESSAGES, model="gpt")


async def error_in_stream(twin, service):
    service.stream(update("a"), {"error": {"code": "c", "message": "boom"}})
    with pytest.raises(HttpResponseError):
        [item async for item in await twin.chat().complete(messages=MESSAGES, model="gpt", stream=True)]


async def tools(twin, service):
    service.reply(tool_answer(("double", '{"number": 4}'), ("broken", "{}"), ("missing", "{}")))
    await twin.chat().run_tools(messages=MESSAGES, tools=[double, broken], model="gpt", max_concurrency=1)


SCENARIOS = [complete, stream, embed, embed_images, error, error_in_stream, tools]
RUNS = [(scenario, False) for scenario in SCENARIOS] + [
    (scenario, True) for scenario in (complete, stream, error, tools)
]


def plain(attributes):
    """Return attributes as JSON has them, with what differs in each run replaced."""
    texts = ("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions", "gen_ai.tool.definitions")
    values = json.loads(json.dumps(dict(attributes), default=lambda value: value if value is None else dict(value)))
    for name in texts:
        if isinstance(values.get(name), str):
            values[name] = json.loads(values[name])
    if "server.port" in values:
        values["server.port"] = "the port"
    if "gen_ai.response.time_to_first_chunk" in values:
        values["gen_ai.response.time_to_first_chunk"] = "seconds"
    return dict(sorted(values.items()))


def plain_span(span):
    description = span.status.description and re.sub(r"(id \(.*\)): .*", r"\1: the id", span.status.description)
    status = {"status": span.status.status_code.name, "description": description}
    assert span.events == ()
    return {"name": span.name, "kind": span.kind.name, **status, "attributes": plain(span.attributes)}


def plain_metrics(metrics):
    return {
        name: sorted(
            (
                {"attributes": plain(attributes), "count": count, **({"sum": total} if "token" in name else {})}
                for attributes, count, total in points
            ),
            key=json.dumps,
        )
        for name, points in sorted(metrics.items())
    }


@pytest.mark.parametrize(("scenario", "with_content"), RUNS, ids=lambda value: getattr(value, "__name__", value))
async def test_what_is_recorded(twin, service, monkeypatch, telemetry, scenario, with_content):
    if with_content:
        monkeypatch.setenv(CAPTURE, "span_and_event")
        telemetry.instrument()
    await scenario(twin, service)
    recorded = {
        "spans": [plain_span(span) for span in telemetry.ended],
        "metrics": plain_metrics(telemetry.metrics()),
        "events": [{"name": log.event_name, "attributes": plain(log.attributes)} for log in telemetry.events()],
    }
    path = FOLDER / f"{scenario.__name__}{'_with_content' * with_content}.json"
    if not path.exists():
        path.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
        pytest.fail(f"{path.name} is new: read it, and run the test again.")
    assert recorded == json.loads(path.read_text(encoding="utf-8"))


def names_of(recorded):
    """Return the names of all attributes and metrics."""
    series = [point for points in recorded["metrics"].values() for point in points]
    for item in (*recorded["spans"], *recorded["events"], *series):
        yield from item["attributes"]
    yield from recorded["metrics"]


def all_names():
    return {name for path in GOLDEN for name in names_of(json.loads(path.read_text(encoding="utf-8")))}


def test_every_name_is_one_of_the_semantic_conventions():
    modules = (azure_attributes, error_attributes, gen_ai_attributes, openai_attributes, server_attributes)
    known = {value for module in (*modules, gen_ai_metrics) for value in vars(module).values() if type(value) is str}
    deprecated = {"gen_ai.system", "gen_ai.prompt", "gen_ai.completion"}
    assert all_names() - known - AHEAD == set()
    assert all_names() & deprecated == set()


def test_the_documentation_lists_every_name():
    assert [name for name in sorted(all_names()) if f"| `{name}` |" not in DOCUMENTATION.read_text("utf-8")] == []


@pytest.mark.parametrize(
    ("mode", "in_span", "in_event"),
    [
        ("no_content", False, False),
        ("span_only", True, False),
        ("event_only", False, True),
        ("SPAN_AND_EVENT", True, True),
    ],
)
async def test_the_variable_says_where_content_goes(twin, service, telemetry, monkeypatch, mode, in_span, in_event):
    monkeypatch.setenv(CAPTURE, mode)
    telemetry.instrument()
    assert AIInferenceInstrumentor().is_content_recording_enabled() is (in_span or in_event)
    await twin.chat().complete(messages=MESSAGES)
    for name in ("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"):
        assert (name in telemetry.one.attributes) is in_span
        assert [name in log.attributes for log in telemetry.events()] == [True] * in_event


async def test_content_is_not_recorded_if_the_program_says_so(twin, service, telemetry, content):
    telemetry.instrument(False)
    assert not AIInferenceInstrumentor().is_content_recording_enabled()
    service.reply(tool_answer(("double", '{"number": 4}')))
    await twin.chat().run_tools(messages=MESSAGES, tools=[double])
    recorded = {name for item in (*telemetry.ended, *telemetry.events()) for name in item.attributes}
    content = {"input.messages", "output.messages", "system_instructions", "tool.definitions", "tool.call.arguments"}
    assert recorded & {f"gen_ai.{name}" for name in (*content, "tool.call.result")} == set()


@pytest.mark.parametrize("leave", ["with", "close", "forget"])
async def test_a_stream_that_is_left_ends_its_span(twin, service, content, telemetry, leave):
    telemetry.instrument()
    gate = Gate()
    service.stream(update("a"), gate, update("b"), update(finish_reason="stop"), DONE)
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    assert not trace.get_current_span().get_span_context().is_valid  # the span is not current between two updates
    if leave == "with":
        async with stream:
            await anext(stream)
    else:
        await anext(stream)
    if leave == "close":
        await stream.close()
    del stream
    gate.open()
    span = telemetry.one
    assert span.status.status_code is StatusCode.UNSET
    assert json.loads(span.attributes["gen_ai.output.messages"])[0]["parts"] == [{"content": "a", "type": "text"}]
    assert span.attributes["gen_ai.request.stream"] is True
    assert len(telemetry.metrics()["gen_ai.client.operation.duration"]) == 1
    assert "gen_ai.client.operation.time_per_output_chunk" not in telemetry.metrics()
    assert await asyncio.to_thread(service.all_closed)


@pytest.mark.parametrize("twin", ["async"], indirect=True)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_cancelled_task_ends_its_span(twin, service, telemetry, stream):
    gate = Gate()
    service.stream(gate, update(finish_reason="stop"), DONE)
    client = twin.chat()

    async def use():
        answer = await client.complete(messages=MESSAGES, stream=stream)
        await anext(answer)

    task = asyncio.ensure_future(use())
    assert await asyncio.to_thread(service.was_asked)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    del task
    gate.open()
    assert telemetry.one.attributes["error.type"] == "asyncio.exceptions.CancelledError"


async def test_an_unreachable_service_has_the_class_of_the_exception(twin, service, telemetry):
    service.shutdown()
    service.server_close()
    with pytest.raises(ServiceRequestError):
        await twin.chat().complete(messages=MESSAGES)
    assert telemetry.one.attributes["error.type"] == "azure.core.exceptions.ServiceRequestError"
    ((attributes, count, _),) = telemetry.metrics()["gen_ai.client.operation.duration"]
    assert (attributes["error.type"], count) == ("azure.core.exceptions.ServiceRequestError", 1)


async def test_the_deployment_in_the_url_is_the_model(twin, service, telemetry):
    await twin.chat(service.url + "/openai/deployments/gpt-1").complete(messages=MESSAGES)
    assert (telemetry.one.name, telemetry.one.attributes["gen_ai.request.model"]) == ("chat gpt-1", "gpt-1")


async def test_updates_without_a_model_are_counted(twin, service, telemetry):
    service.stream({"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}]}, DONE)
    assert len([item async for item in await twin.chat().complete(messages=MESSAGES, stream=True)]) == 1
    ((attributes, count, _),) = telemetry.metrics()["gen_ai.client.operation.time_to_first_chunk"]
    assert ("gen_ai.response.model" in attributes, count) == (False, 1)


async def test_the_span_is_current_while_the_request_is_sent(twin, service, telemetry):
    current = []
    with telemetry.providers["tracer_provider"].get_tracer("app").start_as_current_span("outer") as outer:
        for stream in (False, True):
            answer = await twin.chat().complete(
                messages=MESSAGES,
                stream=stream,
                raw_request_hook=lambda _: current.append(trace.get_current_span().get_span_context().span_id),
            )
            assert trace.get_current_span() is outer
        assert len([item async for item in answer]) == 2
    spans = telemetry.ended[:2]
    assert current == [span.context.span_id for span in spans]
    assert {span.parent.span_id for span in spans} == {outer.get_span_context().span_id}


async def test_a_tool_runs_in_its_span(twin, service, telemetry):
    tracer = telemetry.providers["tracer_provider"].get_tracer("app")

    def think() -> str:
        with tracer.start_as_current_span("inner"):
            return "done"

    service.reply(tool_answer(("think", "{}")))
    await twin.chat().run_tools(messages=MESSAGES, tools=[think])
    spans = {span.name: span for span in telemetry.ended}
    assert spans["inner"].parent.span_id == spans["execute_tool think"].context.span_id


@pytest.mark.parametrize("outcome", ["success", "failure", "stream"])
async def test_no_span_holds_a_key(twin, service, content, telemetry, outcome):
    telemetry.instrument()
    if outcome == "failure":
        service.reply(json_reply({"error": {"code": "c", "message": "no"}}, 401))
    client = twin.chat(credential=AzureKeyCredential("s3cr3t"), headers={"x-api-key": "s3cr3t", "cookie": "s3cr3t"})
    try:
        answer = await client.complete(messages=MESSAGES, stream=outcome == "stream")
        if outcome == "stream":
            await answer.get_final_completion()
    except HttpResponseError:
        assert outcome == "failure"
    assert "s3cr3t" not in telemetry.one.to_json() + str(telemetry.metrics()) + str(telemetry.events())


class Raising:
    """A provider, tracer, meter, instrument or span that raises for the methods named; the rest does nothing."""

    def __init__(self, *names):
        self.names = names

    def __getattr__(self, name):
        if name in self.names:
            raise ZeroDivisionError(name)
        return lambda *arguments, **keywords: self


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("tracer_provider", "start_span"),
        ("tracer_provider", "set_attributes"),
        ("tracer_provider", "set_status"),
        ("tracer_provider", "end"),
        ("meter_provider", "record"),
    ],
)
async def test_errors_in_telemetry_are_only_logged(twin, service, caplog, content, provider, name):
    caplog.set_level(logging.DEBUG, "azure.ai.inference")
    AIInferenceInstrumentor().instrument(semantic_conventions="latest", **{provider: Raising(name)})
    try:
        client = twin.chat(retry_total=0)
        assert (await client.complete(messages=MESSAGES)).choices
        stream = await client.complete(messages=MESSAGES, stream=True)
        assert len([item async for item in stream]) == 2
        assert (await twin.embeddings().embed(input=["x"])).data
        service.reply(json_reply({}, 400))
        with pytest.raises(HttpResponseError):
            await client.complete(messages=MESSAGES)
        service.reply(tool_answer(("double", '{"number": 4}'), ("broken", "{}")))
        assert (await client.run_tools(messages=MESSAGES, tools=[double, broken])).messages[-3].content == "8"
    finally:
        AIInferenceInstrumentor().uninstrument()
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("content", [False, True])
async def test_a_malformed_answer_ends_its_span(twin, service, telemetry, monkeypatch, content):
    if content:
        monkeypatch.setenv(CAPTURE, "span_only")
        telemetry.instrument()
    service.reply(
        {"id": "c1", "choices": [{"message": None}, 1], "usage": 3},
        {"choices": 7},
        {"data": [{"embedding": "AACAPg=="}]},
    )
    for _ in range(2):
        await twin.chat().complete(messages=MESSAGES)
    await twin.embeddings().embed(input=[])
    assert telemetry.ended[0].attributes["gen_ai.response.id"] == "c1"
    assert "gen_ai.embeddings.dimension.count" not in telemetry.ended[2].attributes


@pytest.mark.off_spec
@pytest.mark.parametrize("body", [b"{oops", b"[1]"])
async def test_bodies_that_are_not_objects(twin, service, telemetry, body):
    await twin.chat().complete(body)
    assert telemetry.one.attributes["gen_ai.response.id"] == "c1"


@pytest.mark.parametrize(
    ("variable", "argument", "is_latest"),
    [
        ("gen_ai_latest_experimental", None, True),
        ("http, gen_ai_latest_experimental ,database", None, True),
        ("http", None, False),
        ("", None, False),
        ("gen_ai_latest_experimental", "1.0.0b9", False),
        ("", "latest", True),
    ],
)
async def test_which_conventions_are_chosen(twin, service, telemetry, monkeypatch, variable, argument, is_latest):
    monkeypatch.setenv(OPT_IN, variable)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", telemetry.providers["tracer_provider"])
    AIInferenceInstrumentor().instrument(semantic_conventions=argument)
    await twin.chat().complete(messages=MESSAGES)
    assert any("gen_ai.provider.name" in span.attributes for span in telemetry.ended) is is_latest
    assert not (is_latest and any("gen_ai.system" in span.attributes for span in telemetry.ended))


def test_a_second_call_changes_the_conventions_and_uninstrument_restores_the_clients():
    private = ChatCompletionsClient._complete
    instrumentor = AIInferenceInstrumentor()
    for conventions in ("latest", "1.0.0b9", "latest"):
        instrumentor.instrument(semantic_conventions=conventions)
        assert instrumentor.is_instrumented()
    assert "temperature" in inspect.getfullargspec(ChatCompletionsClient.complete).kwonlyargs
    instrumentor.uninstrument()
    assert ChatCompletionsClient._complete is private


def test_arguments_are_checked():
    instrumentor = AIInferenceInstrumentor()
    with pytest.raises(ValueError, match=r"`semantic_conventions` must be '1\.0\.0b9' or 'latest', not 'newest'\."):
        instrumentor.instrument(semantic_conventions="newest")
    with pytest.raises(ValueError, match=r"`meter_provider` needs semantic_conventions='latest'\."):
        instrumentor.instrument(semantic_conventions="1.0.0b9", meter_provider=NoOpMeterProvider())
    assert not instrumentor.is_instrumented()


def test_without_the_extra_an_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.util.genai.handler", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install azure-ai-inference\[telemetry\]"):
        AIInferenceInstrumentor().instrument(semantic_conventions="latest")
    assert not AIInferenceInstrumentor().is_instrumented()


def test_nothing_of_opentelemetry_is_imported_by_default():
    code = (
        "import sys; from azure.ai.inference.tracing import AIInferenceInstrumentor as I; "
        "I().instrument(); sys.exit('opentelemetry.util.genai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, env={}).returncode == 0


@pytest.fixture
def collector():
    """An OTLP collector on this machine: it keeps what it receives over HTTP, in protobuf."""
    from loopback import serve

    collector = serve()
    collector.answer_to = lambda request: Reply([b""], content_type="application/x-protobuf", framing="length")
    yield collector
    collector.shutdown()
    collector.server_close()


async def test_a_collector_receives_spans_and_metrics(twin, service, collector):
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{collector.url}/v1/traces")))
    exporter = OTLPMetricExporter(f"{collector.url}/v1/metrics")
    meters = MeterProvider([PeriodicExportingMetricReader(exporter, export_interval_millis=float("inf"))])
    instrumentor = AIInferenceInstrumentor()
    instrumentor.instrument(semantic_conventions="latest", tracer_provider=tracers, meter_provider=meters)
    try:
        await stream(twin, service)
    finally:
        instrumentor.uninstrument()
        await asyncio.to_thread(meters.force_flush)
        meters.shutdown()
        tracers.shutdown()
    received = {request.path: request.body for request in collector.requests}
    spans = ExportTraceServiceRequest.FromString(received["/v1/traces"]).resource_spans[0].scope_spans[0]
    assert (spans.scope.name, [span.name for span in spans.spans]) == ("azure.ai.inference", ["chat gpt"])
    metrics = ExportMetricsServiceRequest.FromString(received["/v1/metrics"]).resource_metrics[0].scope_metrics[0]
    assert {metric.name: sum(point.count for point in metric.histogram.data_points) for metric in metrics.metrics} == {
        "gen_ai.client.operation.duration": 1,
        "gen_ai.client.operation.time_per_output_chunk": 2,
        "gen_ai.client.operation.time_to_first_chunk": 1,
        "gen_ai.client.token.usage": 2,
    }
