"""Every sample is run as its docstring says: with the real model if it supports the sample, else with the service."""

import ast
import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import requests
from loopback import COMPLETION, DONE, EMBEDDINGS, Gate, Reply, event, json_reply, update
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

FOLDER = Path(__file__).parents[1] / "samples"
SAMPLES = {path.stem: path for path in sorted(FOLDER.rglob("sample_*.py"))}
CHAT_APPS = ["sample_chat_app_async", "sample_chat_service_fastapi_async"]
RUN_BY_TEST_RAY = {"sample_chat_completions_ray", "sample_embeddings_ray"}
ARTEFACTS = Path(__file__).with_name("artefacts")
TIMEOUT = 120
PACKAGES = {
    "aiohttp": "aio",
    "azure.ai.inference": "",
    "azure.ai.inference.aio": "aio",
    "azure.ai.inference.limits": "",
    "azure.ai.inference.models": "",
    "azure.ai.inference.prompts": "prompts",
    "azure.ai.inference.tracing": "opentelemetry",
    "azure.core.credentials": "",
    "azure.core.exceptions": "",
    "azure.core.settings": "",
    "azure.identity": "azure-identity",
    "azure.monitor.opentelemetry.exporter": "azure-monitor-opentelemetry-exporter",
    "fastapi": "fastapi",
    "fastapi.responses": "fastapi",
    "opentelemetry": "opentelemetry",
    "opentelemetry.exporter.otlp.proto.http.metric_exporter": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry.sdk.metrics": "opentelemetry-sdk",
    "opentelemetry.sdk.metrics.export": "opentelemetry-sdk",
    "opentelemetry.sdk.trace": "opentelemetry-sdk",
    "opentelemetry.sdk.trace.export": "opentelemetry-sdk",
    "pyarrow": "ray",
    "pydantic": "structured",
    "ray": "ray",
    "ray.data": "ray",
    "ray.data.checkpoint": "ray",
    "tqdm": "tqdm",
    "uvicorn": "uvicorn",
}
"""The packages to install for a module that samples import: an extra of this package, or another distribution."""
TYPED = re.compile(r"\.(run_tools|parse|from_type|from_function)\(")
"""What needs the extra `structured`."""
LATEST = 'semantic_conventions="latest"'
"""What needs the extra `telemetry` instead of `opentelemetry`."""
READ_BY_PACKAGES = {
    "AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
}


@dataclass(frozen=True)
class Case:
    """The replies to a sample, and its expected output and requests."""

    prints: str
    """A pattern for the whole output."""
    sends: tuple[str, ...]
    """Patterns for the requests, in any order."""
    replies: tuple = ()
    """The replies of the service. Without replies, the requests are sent to the real model."""


def content_of(name):
    return re.escape(base64.b64encode((FOLDER / name).read_bytes()).decode())


def answer(text, **choice):
    message = {"role": "assistant", "content": text}
    choices = [{"index": 0, "finish_reason": "stop", "message": message, **choice}]
    return json_reply({**COMPLETION, "choices": choices})


def calls_of(name, arguments):
    calls = [{"id": "t1", "type": "function", "function": {"name": name, "arguments": arguments}}]
    return answer(None, message={"role": "assistant", "tool_calls": calls}, finish_reason="tool_calls")


def vectors(*vectors):
    data = [{"index": index, "object": "embedding", "embedding": vector} for index, vector in enumerate(vectors)]
    return json_reply({**EMBEDDINGS, "data": data})


def stream(*bodies):
    return Reply([*map(event, bodies), event(update(finish_reason="stop")), DONE])


TEXT = r".*\S.*\n"
ANSWER = rf"Answer: {TEXT}"
CHAT = r"POST /chat/completions\?api-version=2024-05-01-preview\n.*"
EMBED = r"POST /embeddings\?api-version=2024-05-01-preview\n.*"
EMBED_IMAGES = r"POST /images/embeddings\?api-version=2024-05-01-preview\n.*"
INFO = r"GET /info\?api-version=2024-05-01-preview\n.*"
DEPLOYMENT = r"POST /openai/deployments/model-1/{}\?api-version=2024-10-21\n.*api-key: key-1\n.*"
CIRCLE = rf'"image": "data:image/png;base64,{content_of("red_circle.png")}"'
SQUARE = rf'"image": "data:image/png;base64,{content_of("blue_square.png")}"'
TOKEN_REQUEST = r"GET /token\?.*resource=https.*ml\.azure\.com.*x-identity-header: header-1\n"
TOKEN = json_reply(
    {"access_token": "token-1", "expires_on": "4102444800", "resource": "https://ml.azure.com", "token_type": "Bearer"}
)
FOUND = {"hate": {"filtered": False, "severity": "safe"}, "violence": {"filtered": False, "severity": "low"}}
FILTERED = {"error": {"code": "content_filter", "message": "Violence.", "status": 400}}
TRACKED = {"itemsReceived": 1, "itemsAccepted": 1, "errors": []}

CASES = {
    "sample_chat_completions": Case(
        rf"{ANSWER}(\(cut: .*\)\n)?Tokens: \d+ in, \d+ out, \d+ in all\n",
        (CHAT + '"role": "system".*"role": "user".*"max_tokens": 60',),
    ),
    "sample_chat_completions_streaming": Case(
        rf"{TEXT}\nModel: SmolLM2-135M-Instruct\nTokens: \d+ in, \d+ out, \d+ in all\n",
        (CHAT + '"stream": true, "max_tokens": 200',),
    ),
    "sample_chat_completions_with_history": Case(
        "".join(rf"Question: .*\n{ANSWER}The conversation has {n} messages, \d+ tokens\.\n\n" for n in (3, 5, 7)),
        (
            CHAT + r'\[{"role": "system", [^}]*}, {"role": "user", [^}]*}\]',
            CHAT + r'Portugal\?"}, {"role": "assistant", "content": "[^}]*}, {"role": "user", [^}]*}\]',
            CHAT + r'Portugal\?.*"assistant".*through it\?.*"assistant".*reach\?',
        ),
    ),
    "sample_chat_completions_with_defaults": Case(
        rf"At temperature 0: {TEXT}At temperature 1: {TEXT}",
        (
            CHAT + '"max_tokens": 30.*"seed": 7, "temperature": 0}',
            CHAT + '"max_tokens": 30.*"seed": 7, "temperature": 1}',
        ),
    ),
    "sample_chat_completions_with_model_extras": Case(
        ANSWER, (CHAT + 'extra-parameters: pass-through\n.*"top_k": 20, "repeat_penalty": 1.2}',)
    ),
    "sample_chat_completions_with_tools": Case(
        rf'(Call: departures\({{"city": "\w+"}}\) gives \S.*\n)+{ANSWER}',
        (CHAT + r'"name": "departures"', CHAT + r'"tool_calls": \[.*"role": "tool", "tool_call_id": "call_'),
    ),
    "sample_chat_completions_streaming_with_tools": Case(
        rf"(Call: current_(date gives \w+, \d\d \w+ \d{{4}}|time gives \d\d:\d\d UTC)\n)+{TEXT}",
        (
            CHAT + r'"stream": true.*"name": "current_date".*"name": "current_time"',
            CHAT + r'"tool_calls": \[.*"role": "tool", "tool_call_id": "call_.*"stream": true',
        ),
    ),
    "sample_chat_completions_with_image_data": Case(
        "Answer: A red circle.\n",
        (CHAT + rf'"url": "data:image/png;base64,{content_of("red_circle.png")}", "detail": "low"',),
        (answer("A red circle."),),
    ),
    "sample_chat_completions_with_image_url": Case(
        "Answer: Dice.\n", (CHAT + r'"image_url": {"url": "https://[\w./]*\.png"}',), (answer("Dice."),)
    ),
    "sample_chat_completions_with_audio_data": Case(
        "Answer: Three, and they rise.\n",
        (CHAT + rf'"input_audio": {{"data": "{content_of("three_tones.wav")}", "format": "wav"}}',),
        (answer("Three, and they rise."),),
    ),
    "sample_chat_completions_with_structured_output": Case(
        r"Opinion: (good|mixed|bad), [1-5] of 5 stars\n(Send a new one|It came undamaged)\.\n",
        (CHAT + '"type": "json_schema", "json_schema": {"name": "review"',),
    ),
    "sample_chat_completions_with_structured_output_pydantic": Case(
        r"(Now|This week): (plumber|electrician|cleaner) to the (office|kitchen|hall)\n",
        (CHAT + '"json_schema": {"name": "Ticket", "schema": {.*"additionalProperties": false}, "strict": true',),
    ),
    "sample_chat_completions_with_structured_output_dataclass": Case(
        r"(Bergen|Lisbon|Vienna) in (April|May|June), -?\d+ nights, by (train|plane)\n",
        (CHAT + '"json_schema": {"name": "Trip", "schema": {.*"strict": true',),
    ),
    "sample_chat_completions_with_structured_output_async": Case(
        r"(The (kettle|pan): (good|mixed|bad)(, damaged)?\n){2}",
        (CHAT + 'quiet.*"name": "Review"', CHAT + 'cracked.*"name": "Review"'),
    ),
    "sample_chat_completions_with_functions": Case(
        rf'Result: (\["\d\d:.*\]|{{"sky":"\w+","degrees":[\d.]+}})\n{ANSWER}2 rounds, \d+ tokens\n',
        (
            CHAT + '"max_tokens": 60.*"name": "departures", "description": "List the.*"name": "weather"',
            CHAT + r'"tool_calls": \[.*"role": "tool", "tool_call_id": "call_.*"name": "departures"',
        ),
    ),
    "sample_chat_completions_streaming_with_functions": Case(
        rf"{TEXT}2 rounds, 4 messages\n",
        (
            CHAT + '"stream": true.*"name": "current_date".*"name": "days_between"',
            CHAT + r'"tool_calls": \[.*"role": "tool", "tool_call_id": "call_.*"stream": true',
        ),
    ),
    "sample_chat_completions_streaming_with_functions_async": Case(
        rf"Call: (current_time of (Oslo|Tokyo)|opening_hours of (bakery|bank))\n{TEXT}2 rounds, 4 messages\n",
        (
            CHAT + '"stream": true.*"name": "current_time".*"name": "opening_hours"',
            CHAT + r'"tool_calls": \[.*"role": "tool", "tool_call_id": "call_.*"stream": true',
        ),
    ),
    "sample_chat_completions_from_input_dict": Case(
        ANSWER, (CHAT + '"Bonjour.".*"max_tokens": 20, "temperature": 0}',)
    ),
    "sample_chat_completions_from_input_bytes": Case(ANSWER, (CHAT + '\n    "max_tokens": 40\n}',)),
    "sample_chat_completions_from_input_prompt_string": Case(
        rf"system: .*the hotel Anchor & Crown\..*\n- Rooms .*\n\nuser: When is breakfast\?\n\n{ANSWER}",
        (CHAT + r"Anchor & Crown.*- Breakfast.*- Rooms.*When is breakfast\?",),
    ),
    "sample_chat_completions_from_input_prompty": Case(
        rf"I travel to Bergen\. The weather will be mild\.\nI stay for 3 days\.\n\n{ANSWER}",
        (CHAT + r'"role": "system".*to Bergen.*"max_tokens": 60, "temperature": 0\.2}',),
    ),
    "sample_chat_completions_with_entra_id_auth": Case(
        "Answer: 42.195 km\n",
        (TOKEN_REQUEST, CHAT + "authorization: Bearer token-1\n"),
        (TOKEN, answer("42.195 km")),
    ),
    "sample_chat_completions_streaming_with_entra_id_auth": Case(
        "First, float.\n",
        (TOKEN_REQUEST, CHAT + 'authorization: Bearer token-1\n.*"stream": true'),
        (TOKEN, stream(update("First, "), update("float."))),
    ),
    "sample_chat_completions_azure_openai": Case(
        "Answer: A globe.\nModel: m\n", (DEPLOYMENT.format("chat/completions"),), (answer("A globe."),)
    ),
    "sample_chat_completions_streaming_azure_openai_async": Case(
        "The bridges.\n",
        (DEPLOYMENT.format("chat/completions") + '"stream": true',),
        (stream({**update(), "choices": [], "prompt_filter_results": []}, update("The "), update("bridges.")),),
    ),
    "sample_chat_completions_openai_v1": Case(
        rf"{TEXT}\nModel: SmolLM2-135M-Instruct, \d+ tokens\n",
        (r'POST /v1/chat/completions\n.*"model": "model-1", .*"max_completion_tokens": 60.*"include_usage": true',),
    ),
    "sample_content_safety_errors": Case(
        r"How.*knife\?\n  On a stone\. \(Found: violence\.\)\nHow.*\n  The answer was cut: They\nHow.*\n"
        r"  The question was refused: Violence\.\n",
        (CHAT + "knife", CHAT + "swords", CHAT + "revenge"),
        (
            answer("On a stone.", content_filter_results=FOUND),
            answer("They", finish_reason="content_filter"),
            json_reply(FILTERED, 400),
        ),
    ),
    "sample_chat_completions_with_tracing": Case(
        rf'.*"name": "chat",.*"gen_ai.request.max_tokens": 20.*Which month.*"name": "sample",.*}}\n{TEXT}',
        (CHAT + "traceparent: 00-",),
    ),
    "sample_chat_completions_with_azure_monitor_tracing": Case(
        "June.\n",
        (CHAT + "traceparent: 00-", r"POST /v2\.1/track\n(?=.*Which month).*gen_ai\.choice.*June\."),
        (stream(update("June.")), json_reply(TRACKED)),
    ),
    "sample_chat_completions_with_console_telemetry": Case(
        r'June\..*"name": "chat",.*"gen_ai.provider.name": .*Which month.*'
        r'"name": "gen_ai.client.operation.time_to_first_chunk".*"name": "gen_ai.client.operation.duration".*',
        (CHAT,),
        (stream(update("June.")),),
    ),
    "sample_chat_completions_with_azure_monitor_telemetry": Case(
        "June.\n",
        (
            CHAT,
            r"POST /v2\.1/track\n.*gen_ai\.provider\.name.*Which month",
            r"POST /v2\.1/track\n.*gen_ai\.client\.operation\.duration",
        ),
        (stream(update("June.")), json_reply(TRACKED), json_reply(TRACKED)),
    ),
    "sample_chat_completions_with_otlp_telemetry": Case(
        "At 14:20.\n",
        (
            CHAT + '"name": "tide"',
            CHAT + '"role": "tool".*High water in Dover',
            r"POST /v1/traces\n.*execute_tool tide.*When can I sail.*High water in Dover",
            r"POST /v1/metrics\n.*gen_ai\.client\.operation\.duration.*gen_ai\.execute_tool\.duration",
        ),
        (calls_of("tide", '{"harbour": "Dover"}'), answer("At 14:20.")),
    ),
    "sample_embeddings": Case(
        r"SmolLM2-135M-Instruct: 576 numbers for each text\n([ -]\d\.\d{3}  \S.*\n){3}",
        (EMBED + r'"input": \["How do',),
    ),
    "sample_chat_completions_many": Case(
        r"200 texts classified, 0 failed, \d+ labels, \d+ tokens\n",
        tuple(CHAT + rf'"Good or bad\?".*"Order {number}: .*"max_tokens": 1,' for number in range(200)),
    ),
    "sample_embeddings_many": Case(
        "60 texts, 576 numbers for each\n",
        tuple(EMBED + rf'"Row {first}: .*"Row {first + 19}: .*"base64"' for first in (0, 20, 40)),
    ),
    "sample_embeddings_many_async": Case(
        r"30 texts, the least similar one to the first one is number \d+\n",
        tuple(EMBED + rf'"Message {first}",.*"Message {first + 9}"' for first in (0, 10, 20)),
    ),
    "sample_embeddings_with_defaults": Case(
        r"Question: .*\nNearest: \S.*\nTokens: \d+ for the documents, \d+ for the question\n",
        (
            EMBED + r'"Trams.*"encoding_format": "float", "input_type": "document"',
            EMBED + r'paintings\?"\], "encoding_format": "float", "input_type": "query"',
        ),
    ),
    "sample_embeddings_with_base64_encoding": Case(
        r"(\w.*: 3072 characters, 576 numbers: (-?0\.\d{4}, ){3}\.\.\.\n){2}", (EMBED + '"encoding_format": "base64"',)
    ),
    "sample_embeddings_azure_openai": Case(
        "Order 1182: .*: 2 numbers, from 1 to 2\nOrder 1183: .*: 2 numbers, from 3 to 4\nModel: m, 1 tokens\n",
        (DEPLOYMENT.format("embeddings") + '"dimensions": 256',),
        (vectors([1, 2], [3, 4]),),
    ),
    "sample_image_embeddings": Case(
        "red_circle.png: 2 numbers, from 1 to 2\nblue_square.png: 2 numbers, from 3 to 4\nModel: m, 1 tokens\n",
        (EMBED_IMAGES + CIRCLE + ".*" + SQUARE,),
        (vectors([1, 2], [3, 4]),),
    ),
    "sample_image_embeddings_with_defaults": Case(
        "A red circle: 1 numbers, 1 tokens\nA blue square: 2 numbers, 1 tokens\n",
        (
            EMBED_IMAGES + CIRCLE + '.*"text": "A red circle".*"dimensions": 1024, "input_type": "document"',
            EMBED_IMAGES + SQUARE + '.*"text": "A blue square".*"dimensions": 1024, "input_type": "document"',
        ),
        (vectors([1]), vectors([3, 4])),
    ),
    "sample_get_model_info": Case(
        "Model: SmolLM2-135M-Instruct\nProvider: HuggingFaceTB\nType: chat-completion\n", (INFO,)
    ),
    "sample_load_client": Case(
        rf"ChatCompletionsClient for SmolLM2-135M-Instruct\n{ANSWER}", (INFO, CHAT + '"Say hello')
    ),
    "sample_chat_completions_async": Case(
        "".join(rf"Question: What is an? {word}\?\n{ANSWER}\n" for word in ("harbour", "island", "tide")),
        (CHAT + r"harbour\?", CHAT + r"island\?", CHAT + r"tide\?"),
    ),
    "sample_chat_completions_streaming_async": Case(
        rf"{TEXT}\nModel: SmolLM2-135M-Instruct\n\d+ characters, \d+ tokens\n", (CHAT + '"stream": true',)
    ),
    "sample_chat_completions_from_input_bytes_async": Case(TEXT, (CHAT + '\n    "stream": true\n}',)),
    "sample_embeddings_async": Case(
        r"(The \w+ tree in the garden: 576 numbers, from \S+ to \S+\n){7}3 requests, \d+ tokens\n",
        (EMBED + "apple.*pear.*plum", EMBED + "cherry.*fig.*quince", EMBED + "medlar"),
    ),
    "sample_image_embeddings_async": Case(
        "red_circle.png: 2 numbers, from 1 to 2, 1 tokens\nblue_square.png: 2 numbers, from 1 to 2, 1 tokens\n",
        (EMBED_IMAGES + CIRCLE, EMBED_IMAGES + SQUARE),
        (vectors([1, 2]), vectors([1, 2])),
    ),
    "sample_load_client_async": Case(
        rf"ChatCompletionsClient for SmolLM2-135M-Instruct\n{ANSWER}", (INFO, CHAT + '"Say hello')
    ),
}


def documentation(sample):
    return ast.get_docstring(ast.parse(SAMPLES[sample].read_text(encoding="utf-8")))


def variables(sample):
    """Return the environment variables that the docstring of a sample names."""
    return re.findall(r"^([A-Z][A-Z0-9_]+): ", documentation(sample), re.MULTILINE)


def environment(sample, service, folder):
    """Return the environment of a sample: of the variables that it could read, only those that its docstring names."""
    url = service.url
    values = {
        **dict.fromkeys(("AZURE_AI_CHAT_ENDPOINT", "AZURE_AI_EMBEDDINGS_ENDPOINT"), url),
        "AZURE_AI_IMAGE_EMBEDDINGS_ENDPOINT": url,
        "AZURE_OPENAI_CHAT_ENDPOINT": f"{url}/openai/deployments/model-1",
        "AZURE_OPENAI_EMBEDDINGS_ENDPOINT": f"{url}/openai/deployments/model-1",
        "AZURE_OPENAI_V1_ENDPOINT": f"{url}/v1",
        "AZURE_OPENAI_V1_MODEL": "model-1",
        "AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "span_only",
        "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={uuid.UUID(int=1)};IngestionEndpoint={url}",
        "PORT": "0",
    }
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
        "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        **{name: values.get(name, "key-1") for name in variables(sample)},
    }


@pytest.fixture
def model(service, endpoint, monkeypatch):
    """Makes the service forward each request to the real model."""

    def answer_to(request):
        url, headers = endpoint + request.target, request.headers
        response = requests.request(
            request.method, url, headers=headers, data=request.body, stream=True, timeout=TIMEOUT
        )
        return Reply(response.iter_content(None), response.status_code, response.headers["Content-Type"])

    monkeypatch.setattr(service, "answer_to", answer_to)


@pytest.fixture
def identity(service, tmp_path):
    """Switches the service to TLS, as the endpoint of a managed identity, and returns the variables for it."""
    certificate = service.secure(tmp_path)
    return {
        "IDENTITY_ENDPOINT": f"{service.url}/token",
        "IDENTITY_HEADER": "header-1",
        "REQUESTS_CA_BUNDLE": certificate,
    }


def text_of(request):
    headers = "".join(f"{name}: {value}\n" for name, value in request.headers.items())
    return f"{request.method} {request.target}\n{headers}\n{request.body.decode(errors='replace')}"


def cases():
    for sample, case in CASES.items():
        marks = [] if case.replies else [pytest.mark.live]
        yield pytest.param(sample, case, marks=marks, id=sample)


@pytest.mark.parametrize(("sample", "case"), list(cases()))
def test_sample(sample, case, service, tmp_path, request):
    service.reply(*case.replies)
    if not case.replies:
        request.getfixturevalue("model")
    more = request.getfixturevalue("identity") if "entra_id" in sample else {}
    done = subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", SAMPLES[sample]],
        cwd=tmp_path,
        env={**environment(sample, service, tmp_path), **more},
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(case.prints, done.stdout, re.DOTALL), done.stdout
    sent = [text_of(received) for received in service.requests]
    assert len(sent) == len(case.sends)
    missing = [pattern for pattern in case.sends if not any(re.match(pattern, text, re.DOTALL) for text in sent)]
    assert not missing, sent


def test_every_sample_has_a_case():
    assert CASES.keys() | {*CHAT_APPS} | RUN_BY_TEST_RAY == SAMPLES.keys()


@pytest.mark.parametrize("sample", SAMPLES)
def test_header_says_how_to_run_the_sample(sample):
    source = SAMPLES[sample].read_text(encoding="utf-8")
    tree, header = ast.parse(source), documentation(sample)
    assert f"\n    python {SAMPLES[sample].relative_to(FOLDER.parent)}\n" in header
    (installed,) = re.findall(r"^    pip install (.*)$", header, re.MULTILINE)
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    wanted = {PACKAGES[name] for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    wanted |= {"structured"} if TYPED.search(source) else set()
    wanted = wanted - {"opentelemetry"} | {"telemetry"} if LATEST in source else wanted
    assert set(re.findall(r"[a-z][a-z-]*", installed)) == wanted - {""}
    read = set(re.findall(r"os\.environ(?:\.get\(|\[)\"(\w+)\"", source))
    assert read == set(variables(sample)) - READ_BY_PACKAGES


def test_the_index_lists_every_sample_with_what_it_prints():
    index = re.findall(
        r"^\| \[(\w+)\]\((.*)\) \| (.*) \| (.+) \|$", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE
    )
    rows = {name: (path, task) for name, path, task, _ in index}
    assert rows == {
        name: (str(path.relative_to(FOLDER)), documentation(name).partition("\n")[0]) for name, path in SAMPLES.items()
    }
    assert len(rows) == len(index)
    for name, _, _, prints in index:
        source = SAMPLES[name].read_text(encoding="utf-8")
        assert [word for word in re.findall("`(.+?)`", prints) if word not in source] == []


def test_tests_of_the_samples_pass():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "azure.ai.inference_pytest", FOLDER / "testing"]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert re.search(r"^10 passed", done.stdout, re.MULTILINE), done.stdout + done.stderr


@pytest.fixture(scope="module")
def browser():
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        leave_out = pytest.fail if os.environ.get("CI") else pytest.skip  # skip reasons are not read there
        leave_out("chromium and chromedriver are not installed: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    quiet = ("disable-background-networking", "disable-component-update", "disable-sync", "no-first-run")
    for argument in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "window-size=800,400", *quiet):
        options.add_argument(f"--{argument}")
    with webdriver.Chrome(options, webdriver.ChromeService(driver)) as browser:
        yield browser


@pytest.fixture(params=CHAT_APPS)
def app(service, tmp_path, request):
    """The URL of a chat app. The app is stopped when the test ends."""
    command = [sys.executable, "-W", "always::ResourceWarning", SAMPLES[request.param]]
    variables = environment(request.param, service, tmp_path)
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as app:
        try:
            yield re.search(r"http://127\.0\.0\.1:\d+", app.stdout.readline())[0]
        finally:
            app.send_signal(signal.SIGINT)
            _, errors = app.communicate(timeout=TIMEOUT)
    assert app.returncode == 0
    assert not re.search("Unclosed|Warning|Error", errors), errors
    assert service.all_closed()


@pytest.fixture
def page(app, browser):
    """The page of a chat app in a browser."""
    browser.get(app)
    return browser


def ask(page, question):
    page.find_element(By.NAME, "question").send_keys(question)
    page.find_element(By.TAG_NAME, "button").click()


def wait_for(page, condition):
    return WebDriverWait(page, TIMEOUT, poll_frequency=0.05).until(condition)


def shows(answer):
    return lambda page: page.find_element(By.ID, "answer").get_property("textContent") == answer


def has_answered(page):
    """Return the complete text. The button is read first, so that text that arrives in between is not missed."""
    if not page.find_element(By.TAG_NAME, "button").is_enabled():
        return ""
    return page.find_element(By.ID, "answer").get_property("textContent")


def keep_screenshot(page, request):
    ARTEFACTS.mkdir(exist_ok=True)
    name = re.sub(r"\W+", "_", request.node.name).strip("_")
    assert page.save_screenshot(str(ARTEFACTS / f"{name}.png"))


def test_chat_page_shows_text_as_it_arrives(page, service, request):
    gate = Gate()
    service.stream(update("<b>Reef</b> the "), gate, update("sails & wait… "), update(finish_reason="stop"), DONE)
    ask(page, "What do I do in a storm?")
    wait_for(page, shows("<b>Reef</b> the "))
    gate.open()
    wait_for(page, shows("<b>Reef</b> the sails & wait… "))
    assert gate.was_opened_in_time
    assert service.request.json["messages"][1] == {"role": "user", "content": "What do I do in a storm?"}
    keep_screenshot(page, request)


def test_chat_page_shows_the_error_of_a_refused_request(page, service):
    service.reply(json_reply({"error": {"code": "content_filter", "message": "Violence."}}, 400))
    ask(page, "Who?")
    assert "(content_filter) Violence." in wait_for(page, has_answered)


def test_chat_page_shows_that_a_stream_broke(page, service):
    service.stream(update("It is "), breaks=True)
    ask(page, "When?")
    assert wait_for(page, has_answered) == "It is  (The answer broke off.)"


@pytest.mark.live
def test_chat_page_with_the_real_model(model, page, request):
    ask(page, "Name a colour.")
    assert wait_for(page, has_answered).strip()
    keep_screenshot(page, request)


def test_chat_app_closes_the_stream_when_its_reader_leaves(app, service):
    service.stream(update("la "), stalls=True)
    with httpx.stream("POST", f"{app}/answer", json="Sing.", timeout=TIMEOUT) as response:
        assert next(response.iter_text()) == "la "
    assert service.all_closed()


def test_chat_page_that_is_left_closes_the_stream(page, service):
    service.stream(update("la "), stalls=True)
    ask(page, "Sing.")
    wait_for(page, shows("la "))
    page.get("about:blank")
    assert service.all_closed()


def test_chat_app_refuses_requests_of_other_sites(page, service):
    send = "fetch('answer', {method: 'POST', body: '\"Who?\"'}).then((response) => arguments[0](response.status))"
    assert page.execute_async_script(send) == 415
    assert service.requests == []
