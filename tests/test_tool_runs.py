"""The loop of `run_tools`: rounds, concurrency, errors, cancellation, streams and spans."""

import asyncio
import contextvars
import dataclasses
import gc
import json
import logging
import threading

import pytest
from azure.ai.inference._tool_loop import ToolCall
from azure.ai.inference.models import (
    AssistantMessage,
    ChatCompletionsToolChoicePreset,
    ChatCompletionsToolDefinition,
    ToolMessage,
    ToolRoundsExceededError,
    ToolRun,
    UserMessage,
)
from azure.core.exceptions import HttpResponseError
from loopback import COMPLETION, DONE, TIMEOUT, Gate, json_reply, update

MESSAGES = [UserMessage("How warm is it in Oslo?")]
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


@dataclasses.dataclass
class Reading:
    city: str
    degrees: float


def temperature(city: str) -> Reading:
    """Return the temperature in a city."""
    return Reading(city, 4.5)


async def forecast(city: str) -> str:
    """Return the forecast for a city."""
    await asyncio.sleep(0)
    return f"Snow in {city}"


def fail(city: str) -> str:
    """Fail."""
    raise LookupError(f"no {city}")


def call(name, arguments='{"city": "Oslo"}', call_id="c1"):
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calls(*requests, **more):
    message = {"role": "assistant", "content": None, "tool_calls": list(requests)}
    return {**COMPLETION, "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}], **more}


def streamed(*requests):
    """The updates of tool calls, with the arguments in two pieces."""
    for index, request in enumerate(requests):
        function = request["function"]
        for arguments, more in ((function["arguments"][:5], request), (function["arguments"][5:], {})):
            piece = {"index": index, **more, "function": {"name": function["name"], "arguments": arguments}}
            yield {**update(), "choices": [{"index": 0, "delta": {"tool_calls": [piece]}, "finish_reason": None}]}
    yield update(finish_reason="tool_calls", usage=USAGE)


def sent_results(service, request=-1):
    """The contents of the messages of tools in a request."""
    return [message["content"] for message in service.requests[request].json["messages"] if message["role"] == "tool"]


async def test_functions_are_called_until_the_model_answers(twin, service):
    first = calls(call("temperature"), call("forecast", call_id="c2"))
    service.reply(first, calls(call("forecast", '{"city": "Rome"}', "c3")), COMPLETION)
    run = await twin.chat().run_tools(messages=MESSAGES, tools=[temperature, forecast], temperature=0)
    assert isinstance(run, ToolRun)
    assert run.completion == COMPLETION
    assert run.rounds == 3
    assert run.usage == {"prompt_tokens": 3, "completion_tokens": 6, "total_tokens": 9}
    assert run.messages == [
        *MESSAGES,
        AssistantMessage(tool_calls=first["choices"][0]["message"]["tool_calls"]),
        ToolMessage('{"city":"Oslo","degrees":4.5}', tool_call_id="c1"),
        ToolMessage("Snow in Oslo", tool_call_id="c2"),
        AssistantMessage(tool_calls=[call("forecast", '{"city": "Rome"}', "c3")]),
        ToolMessage("Snow in Rome", tool_call_id="c3"),
        AssistantMessage("ok"),
    ]
    assert len(MESSAGES) == 1
    bodies = [request.json for request in service.requests]
    assert [len(body["messages"]) for body in bodies] == [1, 4, 6]
    assert [message.as_dict() for message in run.messages[:6]] == bodies[2]["messages"]
    for body in bodies:
        assert [tool["function"]["name"] for tool in body["tools"]] == ["temperature", "forecast"]
        assert (body["temperature"], body["stream"]) == (0, False)
        assert "tool_choice" not in body
    assert repr(run).startswith("ToolRun(rounds=3, completion=ChatCompletions(")


async def test_the_messages_of_a_run_go_on(twin, service):
    client = twin.chat()
    run = await client.run_tools(messages=tuple(MESSAGES), tools=[temperature])
    await client.run_tools(messages=[*run.messages, UserMessage("And in Rome?")], tools=[temperature])
    assert [message["role"] for message in service.requests[1].json["messages"]] == ["user", "assistant", "user"]


async def test_a_definition_names_and_describes_its_function(twin, service):
    service.reply(calls(call("warmth")), COMPLETION)
    tool = ChatCompletionsToolDefinition.from_function(temperature, name="warmth", description="How warm it is.")
    run = await twin.chat().run_tools(messages=MESSAGES, tools=[tool])
    assert service.requests[0].json["tools"] == [tool]
    assert run.messages[2].content == '{"city":"Oslo","degrees":4.5}'


async def test_details_of_the_usage_are_summed_and_may_be_absent(twin, service):
    details = {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 2}, "completion_tokens_details": None}
    service.reply(calls(call("forecast"), usage=details), calls(call("forecast"), usage=details))
    service.reply({**COMPLETION, "usage": None})
    run = await twin.chat().run_tools(messages=MESSAGES, tools=[forecast])
    assert run.usage == {"prompt_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
    assert run.usage.prompt_tokens_details.cached_tokens == 4
    service.reply({**COMPLETION, "usage": None})
    assert (await twin.chat().run_tools(messages=MESSAGES, tools=[forecast])).usage is None


@pytest.mark.off_spec
async def test_what_a_model_may_get_wrong_is_answered_in_words(twin, service):
    service.reply(
        calls(
            call("temperature", '{"city": '),
            call("temperature", '{"city": 5}'),
            call("missing"),
            {"id": "c4", "type": "function"},
            {"type": "function", "function": {"name": "fail", "arguments": '{"city": "Oslo"}'}},
        ),
        COMPLETION,
    )
    await twin.chat().run_tools(messages=MESSAGES, tools=[temperature, fail])
    assert sent_results(service) == [
        "Error: invalid arguments: Invalid JSON: EOF while parsing a value at line 1 column 9",
        "Error: invalid arguments: city: Input should be a valid string",
        "Error: there is no tool 'missing'",
        "Error: there is no tool 'None'",
        "Error: LookupError: no Oslo",
    ]


async def test_an_exception_of_a_tool_is_raised_on_request_and_mistakes_of_the_model_are_not(twin, service):
    service.reply(calls(call("temperature", "{"), call("missing")), calls(call("forecast"), call("fail")))
    with pytest.raises(LookupError, match="no Oslo"):
        await twin.chat().run_tools(messages=MESSAGES, tools=[temperature, forecast, fail], on_error="raise")
    assert len(sent_results(service)) == 2


async def test_a_result_that_is_no_json_is_an_error_of_the_tool(twin, service):
    def tool() -> object:
        return object()

    service.reply(calls(call("tool", "")), COMPLETION)
    await twin.chat().run_tools(messages=MESSAGES, tools=[tool])
    assert "Unable to serialize unknown type" in sent_results(service)[0]


@pytest.mark.off_spec
async def test_a_function_without_parameters_may_be_called_without_arguments(twin, service):
    def tool() -> str:
        return "done"

    without = {"id": "c2", "type": "function", "function": {"name": "tool"}}
    service.reply(calls(call("tool", None), without, call("tool", ""), call("tool", "{}")), COMPLETION)
    await twin.chat().run_tools(messages=MESSAGES, tools=[tool])
    assert sent_results(service) == ["done"] * 4


async def test_what_is_no_exception_of_a_program_is_always_raised(twin, service):
    class StopError(BaseException):
        pass

    async def tool() -> None:
        raise StopError

    service.reply(calls(call("tool", "{}")))
    with pytest.raises(StopError):
        await twin.chat().run_tools(messages=MESSAGES, tools=[tool])


async def test_an_exception_of_a_tool_is_logged(twin, service, caplog):
    caplog.set_level(logging.DEBUG, "azure.ai.inference")
    service.reply(calls(call("fail")), COMPLETION)
    await twin.chat().run_tools(messages=MESSAGES, tools=[fail])
    (record,) = [record for record in caplog.records if record.name.endswith("_tool_loop")]
    assert record.getMessage() == "The call of the tool fail failed."
    assert record.exc_info[0] is LookupError


async def test_the_calls_of_a_round_run_concurrently(twin, service):
    barrier = threading.Barrier(3)

    def first() -> int:
        return barrier.wait(TIMEOUT)

    async def second() -> int:
        return await asyncio.to_thread(barrier.wait, TIMEOUT)

    service.reply(calls(call("first", "{}"), call("second", "{}"), call("first", "{}")), COMPLETION)
    await twin.chat().run_tools(messages=MESSAGES, tools=[first, second])
    assert sorted(sent_results(service)) == ["0", "1", "2"]


async def test_concurrency_is_limited(twin, service):
    running, most = set(), []

    async def tool(number: int) -> int:
        running.add(number)
        most.append(len(running))
        await asyncio.sleep(0)
        running.remove(number)
        return number

    service.reply(calls(*(call("tool", json.dumps({"number": number})) for number in range(4))), COMPLETION)
    await twin.chat().run_tools(messages=MESSAGES, tools=[tool], max_concurrency=1)
    assert most == [1] * 4
    assert sent_results(service) == ["0", "1", "2", "3"]


async def test_context_variables_of_the_caller_are_seen_by_tools(twin, service):
    variable = contextvars.ContextVar("variable")
    variable.set("x")

    def value() -> str:
        return variable.get()

    def coroutine() -> object:
        return forecast(variable.get())

    service.reply(calls(call("value", "{}"), call("coroutine", "{}")), COMPLETION)
    await twin.chat().run_tools(messages=MESSAGES, tools=[value, coroutine])
    assert sent_results(service) == ["x", "Snow in x"]


async def test_too_many_rounds_raise_an_error_that_holds_the_run(twin, service):
    service.reply(calls(call("forecast")), calls(call("forecast", call_id="c2")))
    client = twin.chat()
    with pytest.raises(ToolRoundsExceededError, match="still calls tools after 2 rounds, the maximum") as raised:
        await client.run_tools(messages=MESSAGES, tools=[forecast], max_rounds=2)
    run = raised.value.run
    assert (run.rounds, run.usage.total_tokens, run.completion.choices[0].message.tool_calls[0].id) == (2, 6, "c2")
    assert run.messages[-1] == ToolMessage("Snow in Oslo", tool_call_id="c2")
    assert (await client.run_tools(messages=run.messages, tools=[forecast])).rounds == 1
    assert sent_results(service) == ["Snow in Oslo", "Snow in Oslo"]


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "forecast"}}])
async def test_a_tool_choice_that_forces_a_call_does_so_once(twin, service, choice):
    service.reply(calls(call("forecast")), calls(call("forecast")), COMPLETION)
    await twin.chat().run_tools(messages=MESSAGES, tools=[forecast], tool_choice=choice)
    assert [request.json["tool_choice"] for request in service.requests] == [choice, "auto", "auto"]


async def test_another_tool_choice_is_sent_in_each_round(twin, service):
    service.reply(calls(call("forecast")), COMPLETION)
    choice = ChatCompletionsToolChoicePreset.NONE
    await twin.chat().run_tools(messages=MESSAGES, tools=[forecast], tool_choice=choice)
    assert [request.json["tool_choice"] for request in service.requests] == ["none", "none"]


async def test_a_completion_without_choices_ends_the_run(twin, service):
    service.reply({**COMPLETION, "choices": []})
    run = await twin.chat().run_tools(messages=MESSAGES, tools=[forecast])
    assert run.messages == [*MESSAGES, {"role": "assistant"}]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"max_rounds": 0}, ValueError, "`max_rounds` must be 1 or more, not 0"),
        ({"max_concurrency": -1}, ValueError, "`max_concurrency` must be 1 or more, not -1"),
        ({"on_error": "ignore"}, ValueError, "`on_error` must be 'return' or 'raise', not 'ignore'"),
        ({"messages": "x"}, TypeError, "`messages` must be a sequence of messages, not str"),
        ({"tools": [forecast, forecast]}, ValueError, "`tools` has two tools with the name 'forecast'"),
        ({"tools": [5]}, TypeError, "A tool must be a function, not 5"),
        ({"tools": [{"type": "function"}]}, TypeError, "`run_tools` calls functions: give the function, or a def"),
        ({"tools": [ChatCompletionsToolDefinition()]}, TypeError, "`run_tools` calls functions"),
    ],
)
async def test_invalid_arguments_are_refused(twin, service, arguments, error, words, stream):
    given = {"messages": MESSAGES, "tools": [forecast], **arguments}
    with pytest.raises(error, match=words):
        await twin.chat().run_tools(**given, stream=stream)
    assert service.requests == []


async def test_an_error_of_the_service_ends_the_run(twin, service):
    service.reply(calls(call("forecast")), json_reply({"error": {"code": "x", "message": "No."}}, 400))
    with pytest.raises(HttpResponseError, match="No"):
        await twin.chat().run_tools(messages=MESSAGES, tools=[forecast])


async def test_a_stream_has_the_updates_of_all_rounds(twin, service):
    gate = Gate()
    first = list(streamed(call("temperature"), call("forecast", call_id="c2")))
    service.stream(*first, DONE)
    service.stream(update("It "), gate, update("snows."), update(finish_reason="stop", usage=USAGE), DONE)
    run = await twin.chat().run_tools(messages=MESSAGES, tools=[temperature, forecast], stream=True)
    with pytest.raises(ValueError, match="There is no completion yet"):
        _ = run.completion
    assert (run.messages, run.usage, run.rounds) == (MESSAGES, None, 0)
    async with run:
        updates = [await anext(run) for _ in range(len(first) + 1)]
        assert updates == [*first, update("It ")]
        assert run.rounds == 1
        assert sent_results(service) == ['{"city":"Oslo","degrees":4.5}', "Snow in Oslo"]
        gate.open()
        assert "".join([item.choices[0].delta.content or "" async for item in run]) == "snows."
    assert gate.was_opened_in_time
    assert run.completion.choices[0].message.content == "It snows."
    assert (run.rounds, run.usage.total_tokens, run.messages[-1]) == (2, 6, AssistantMessage("It snows."))
    assert [request.json["stream"] for request in service.requests] == [True, True]


async def test_a_stream_of_too_many_rounds_raises(twin, service):
    service.stream(*streamed(call("forecast")), DONE)
    run = await twin.chat().run_tools(messages=MESSAGES, tools=[forecast], stream=True, max_rounds=1)
    with pytest.raises(ToolRoundsExceededError):
        async for _ in run:
            pass


async def test_a_stream_that_is_closed_releases_its_connection(twin, service):
    gate = Gate()
    service.stream(update("a"), gate, update("b"))
    async with await twin.chat().run_tools(messages=MESSAGES, tools=[forecast], stream=True) as run:
        assert (await anext(run)).choices[0].delta.content == "a"
    gate.open()
    with pytest.raises(StopAsyncIteration):
        await anext(run)
    assert service.all_closed()


async def test_a_stream_that_is_forgotten_releases_its_connection(twin, service):
    gate = Gate()
    service.stream(update("a"), gate, update("b"))
    run = await twin.chat().run_tools(messages=MESSAGES, tools=[forecast], stream=True)
    await anext(run)
    del run
    gc.collect()
    await asyncio.sleep(0)  # asyncio closes the generator in a task
    gate.open()
    assert await asyncio.to_thread(service.all_closed)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("twin", ["async"], indirect=True)
async def test_cancelling_the_task_cancels_its_tools_and_waits_for_threads(twin, service, stream):
    started, release, ended, cancelled = threading.Barrier(3), threading.Event(), [], asyncio.Event()

    async def task() -> None:
        try:
            await asyncio.to_thread(started.wait, TIMEOUT)
            await asyncio.Event().wait()
        finally:
            ended.append("task")
            cancelled.set()

    def thread() -> None:
        started.wait(TIMEOUT)
        release.wait(TIMEOUT)
        ended.append("thread")

    def never() -> None:
        ended.append("never")

    async def run() -> None:
        tools = [task, thread, never]
        updates = await twin.chat().run_tools(messages=MESSAGES, tools=tools, max_concurrency=2, stream=stream)
        async for _ in updates:
            pass

    requests = [call(name, "{}") for name in ("task", "thread", "never")]
    if stream:
        service.stream(*streamed(*requests), DONE)
    else:
        service.reply(calls(*requests))
    running = asyncio.ensure_future(run())
    await asyncio.to_thread(started.wait, TIMEOUT)
    running.cancel()
    await cancelled.wait()
    assert not running.done()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended == ["task", "thread"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_after_an_exception_nothing_is_left_running(twin, service):
    service.reply(calls(call("fail"), *[call("forecast")] * 20))
    with pytest.raises(LookupError):
        await twin.chat().run_tools(messages=MESSAGES, tools=[fail, forecast], max_concurrency=2, on_error="raise")
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("tool")]


def test_a_call_has_no_observer_unless_tracing_is_on():
    assert ToolCall.observer is None
