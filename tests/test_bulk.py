"""embed_many() and complete_many(): results, order, errors, and what is left behind."""

import asyncio
import base64
import gc
import inspect
import json
import os
import pickle
import random
import struct
import subprocess
import sys
import threading
from contextvars import ContextVar
from itertools import count
from pathlib import Path

import pytest
from azure.ai.inference.limits import RateLimiter
from azure.ai.inference.models import BulkCompletion, BulkFailure, EmbeddingItem, UserMessage
from azure.core.exceptions import DecodeError, HttpResponseError
from loopback import COMPLETION, EMBEDDINGS, TIMEOUT, Gate, Reply, json_reply

THREAD = "azure-ai-inference-bulk"


def vector(text):
    return [float(len(text)), float(sum(text.encode()) % 1000)]


def embed(request, **changes):
    """The answer to a request for embeddings: each text has its own vector."""
    body = request.json
    vectors = map(vector, body["input"])
    if body.get("encoding_format") == "base64":
        vectors = (base64.b64encode(struct.pack("<2f", *numbers)).decode() for numbers in vectors)
    data = [{"index": index, "object": "embedding", "embedding": found} for index, found in enumerate(vectors)]
    usage = {"prompt_tokens": len(data), "total_tokens": len(data)}
    return json_reply({**EMBEDDINGS, "data": data, "usage": usage, **changes})


def echo(request):
    """The answer to a conversation: its last message."""
    (choice,) = COMPLETION["choices"]
    message = {"role": "assistant", "content": request.json["messages"][-1]["content"]}
    return json_reply({**COMPLETION, "choices": [{**choice, "message": message}]})


def refusal(message, status=400):
    return json_reply({"error": {"code": str(status), "message": message}}, status)


def answering(service, answer):
    """Let the service give the answers of a function, or what it returns None for."""
    plain = embed if answer is not echo else echo

    def answer_to(request):
        return answer(request) or plain(request)

    service.answer_to = answer_to


@pytest.fixture
def service(service):
    service.answer_to = lambda request: (embed if request.path == "/embeddings" else echo)(request)
    return service


async def many(client, inputs, **options):
    """The iterator of a large job, whichever client it is."""
    return await (client.embed_many if hasattr(client.raw, "embed") else client.complete_many)(inputs, **options)


async def results_of(client, inputs, **options):
    return [result async for result in await many(client, inputs, **options)]


async def until_error(iterator):
    """The results until an error, and the error."""
    found = []

    async def read():
        while True:
            found.append(await anext(iterator))

    with pytest.raises(Exception, match=r".") as raised:  # the end of the results has no text
        await read()
    return found, raised.value


def chat(texts):
    return [[UserMessage(text)] for text in texts]


def contents(results):
    return [result.completion.choices[0].message.content for result in results]


def sizes(service):
    return [len(request.json["input"]) for request in service.requests]


TEXTS = [f"text {number} " * (number % 5) for number in range(25)]


def as_generator(items):
    yield from items


@pytest.mark.parametrize("given", [list, tuple, iter, as_generator])
async def test_each_text_gets_its_vector_in_order(twin, service, given):
    items = await results_of(twin.embeddings(), given(TEXTS), batch_size=4)
    assert [type(item) for item in items] == [EmbeddingItem] * 25
    assert [item.index for item in items] == list(range(25))
    assert [item.embedding for item in items] == list(map(vector, TEXTS))
    assert sorted(sizes(service)) == [1, *[4] * 6]


@pytest.mark.parametrize("ordered", [True, False])
async def test_each_request_gets_its_completion(twin, service, ordered):
    requests = chat(map(str, range(30)))
    results = await results_of(twin.chat(), requests, ordered=ordered, temperature=0.5)
    results = results if ordered else sorted(results, key=lambda result: result.index)
    assert [type(result) for result in results] == [BulkCompletion] * 30
    assert [result.index for result in results] == list(range(30))
    assert [result.request for result in results] == requests
    assert contents(results) == list(map(str, range(30)))
    assert {result.error for result in results} == {None}
    assert all(request.json["temperature"] == 0.5 for request in service.requests)


async def test_keywords_of_a_request_win_over_the_common_ones(twin, service):
    requests = [{"messages": chat("a")[0], "max_tokens": 5, "temperature": None}, chat("b")[0]]
    await results_of(twin.chat(model="m"), requests, max_concurrency=1, max_tokens=9, temperature=1)
    first, second = (request.json for request in service.requests)
    assert (first["max_tokens"], first.get("temperature"), first["model"]) == (5, None, "m")
    assert (second["max_tokens"], second["temperature"], second["model"]) == (9, 1, "m")
    assert requests[0].keys() == {"messages", "max_tokens", "temperature"}


async def test_no_input_gives_no_results(twin, service):
    assert await results_of(twin.embeddings(), []) == []
    assert await results_of(twin.chat(), iter([])) == []
    assert service.requests == []


@pytest.mark.parametrize("settings", [{}, {"encoding_format": None}])
async def test_vectors_are_transferred_as_base64_and_yielded_as_numbers(twin, service, settings):
    (item,) = await results_of(twin.embeddings(), ["abc"], **settings)
    assert service.request.json == {"input": ["abc"], "encoding_format": "base64"}
    assert item.embedding == vector("abc")


@pytest.mark.parametrize("place", ["call", "client"])
@pytest.mark.parametrize("encoding", ["base64", "float"])
async def test_an_encoding_that_is_given_is_kept(twin, service, place, encoding):
    options = {"encoding_format": encoding}
    client = twin.embeddings(**(options if place == "client" else {}))
    (item,) = await results_of(client, ["abc"], **(options if place == "call" else {}))
    assert service.request.json["encoding_format"] == encoding
    assert list(item.to_floats()) == vector("abc")
    assert isinstance(item.embedding, str) == (encoding == "base64")


@pytest.mark.parametrize(("status", "word"), [(400, "encoding_format"), (422, "base64")])
async def test_a_service_without_base64_is_asked_for_numbers(twin, service, status, word):
    answering(service, lambda request: word in request.body.decode() and refusal(f"Unknown {word}", status))
    items = await results_of(twin.embeddings(), TEXTS, batch_size=10, max_concurrency=1)
    assert [item.embedding for item in items] == list(map(vector, TEXTS))
    assert ["encoding_format" in request.json for request in service.requests] == [True, False, False, False]


async def test_an_encoding_that_is_refused_again_is_an_error(twin, service):
    answering(service, lambda _: refusal("encoding_format is bad"))
    _, error = await until_error(await many(twin.embeddings(), TEXTS))
    assert "encoding_format is bad" in error.message
    assert len(service.requests) == 2


async def test_a_service_that_ignores_base64_is_fine(twin, service):
    service.reply(json_reply(EMBEDDINGS))
    (item,) = await results_of(twin.embeddings(), ["a"])
    assert item.embedding == [0.25, -1]


@pytest.mark.parametrize(
    "data",
    [
        [],
        [{"index": 1, "embedding": [1.0], "object": "embedding"}],
        [{"index": 0, "embedding": "AAA=", "object": "embedding"}],
        [{"index": 0, "embedding": "AAAAA", "object": "embedding"}],
    ],
)
async def test_an_answer_that_does_not_fit_the_texts_is_an_error(twin, service, data):
    answering(service, lambda request: embed(request, data=data))
    items, error = await until_error(await many(twin.embeddings(), ["a"]))
    assert items == []
    assert isinstance(error, DecodeError)
    assert pickle.loads(pickle.dumps(error)).message == error.message


async def test_items_of_an_answer_may_come_in_any_order(twin, service):
    def reverse(request):
        body = json.loads(embed(request).pieces[0])
        return json_reply({**body, "data": body["data"][::-1]})

    answering(service, reverse)
    items = await results_of(twin.embeddings(), TEXTS)
    assert [item.embedding for item in items] == list(map(vector, TEXTS))


TOO_LARGE = [(413, "no"), (400, "At most 6 texts"), (400, "array too long"), (422, "exceeds 300000 tokens per request")]


@pytest.mark.parametrize(("status", "message"), TOO_LARGE)
async def test_a_batch_that_is_too_large_is_split_and_the_next_ones_are_smaller(twin, service, status, message):
    answering(service, lambda request: len(request.json["input"]) > 6 and refusal(message, status))
    items = await results_of(twin.embeddings(), TEXTS * 4, batch_size=20, max_concurrency=1)
    assert [item.index for item in items] == list(range(100))
    assert [item.embedding for item in items] == list(map(vector, TEXTS * 4))
    assert sizes(service)[:7] == [20, 10, 5, 5, 10, 5, 5]
    assert set(sizes(service)[14:]) == {5}  # the second batch was packed before the first one was refused


async def test_one_text_that_is_too_long_fails_alone(twin, service):
    answering(service, lambda request: "long" in request.body.decode() and refusal("maximum context length"))
    texts = [*TEXTS, "long", *TEXTS]
    items = await results_of(twin.embeddings(), texts, batch_size=8, max_concurrency=1, on_error="yield")
    (failure,) = (item for item in items if isinstance(item, BulkFailure))
    assert (failure.index, failure.request, failure.completion) == (25, "long", None)
    assert "maximum context length" in failure.error.message
    assert [item.index for item in items] == list(range(51))
    assert max(sizes(service)[-3:]) == 8  # batches of this size were accepted before
    items, error = await until_error(await many(twin.embeddings(), texts, batch_size=8))
    assert len(items) == 25
    assert error.continuation_token == "25"


@pytest.mark.parametrize("message", ["no", "The content was filtered"])
async def test_another_refusal_is_not_split(twin, service, message):
    answering(service, lambda _: refusal(message))
    items = await results_of(twin.embeddings(), TEXTS, on_error="yield")
    assert [item.request for item in items] == TEXTS
    assert len({id(item.error) for item in items}) == len(service.requests) == 1


def failing(*texts):
    return lambda request: next((refusal("no") for text in texts if f'"{text}"' in request.body.decode()), None)


@pytest.mark.parametrize("ordered", [True, False])
async def test_an_error_is_raised_after_everything_before_it(twin, service, ordered):
    fails = failing("7", "9", "20")
    service.answer_to = lambda request: fails(request) or echo(request)
    results, error = await until_error(await many(twin.chat(), chat(map(str, range(1000))), ordered=ordered))
    indexes = [result.index for result in results]
    assert sorted(index for index in indexes if index < 7) == list(range(7))
    assert not ordered or indexes == list(range(7))
    assert isinstance(error, HttpResponseError)
    assert error.continuation_token == "7"
    assert error.__notes__ == ["All results before index 7 of the input were yielded: resume with that index."]
    assert pickle.loads(pickle.dumps(error)).continuation_token == "7"
    assert len(service.requests) < 100


async def test_errors_in_the_place_of_results(twin, service):
    fails = failing("3", "4")
    service.answer_to = lambda request: fails(request) or echo(request)
    results = await results_of(twin.chat(), chat(map(str, range(10))), on_error="yield")
    assert [result.index for result in results] == list(range(10))
    assert [result.index for result in results if isinstance(result, BulkFailure)] == [3, 4]
    assert [result.index for result in results if result.error is not None] == [3, 4]
    assert results[3].request == chat("3")[0]
    for result, again in zip(results, pickle.loads(pickle.dumps(results)), strict=True):
        assert (again.index, again.request, again.completion) == (result.index, result.request, result.completion)
        assert str(again.error) == str(result.error)


@pytest.mark.parametrize("wrong", [5, "text", b"text", None, {"messages": [], "stream": True}, {"oops": 1}])
async def test_requests_of_another_kind(twin, service, wrong):
    requests = [*chat("a"), wrong, *chat("b")]
    first, failure, last = await results_of(twin.chat(), requests, on_error="yield")
    assert contents([first, last]) == ["a", "b"]
    assert isinstance(failure.error, TypeError)
    results, error = await until_error(await many(twin.chat(), requests))
    assert contents(results) == ["a"]
    assert type(error) is TypeError
    assert "resume with that index" in error.__notes__[0]


async def test_texts_of_another_kind(twin, service):
    texts = ["a", "b", 5, "c"]
    items = await results_of(twin.embeddings(), texts, on_error="yield", max_concurrency=1)
    assert [type(item) for item in items] == [EmbeddingItem, EmbeddingItem, BulkFailure, EmbeddingItem]
    assert "not int, which is at index 2" in str(items[2].error)
    assert sizes(service) == [2, 1]
    items, error = await until_error(await many(twin.embeddings(), texts))
    assert len(items) == 2
    assert isinstance(error, TypeError)


async def test_an_error_of_the_input_is_raised_after_all_results(twin, service):
    def texts():
        yield from TEXTS
        raise ValueError("the disk is gone")

    items, error = await until_error(await many(twin.embeddings(), texts(), batch_size=4))
    assert len(items) == 25
    assert str(error) == "the disk is gone"
    assert error.__notes__ == ["All results before index 25 of the input were yielded: resume with that index."]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_concurrency": 0}, ValueError, "`max_concurrency` must be at least 1, not 0"),
        ({"max_concurrency": 2.5}, TypeError, "`max_concurrency` must be a whole number, not float"),
        ({"max_concurrency": True}, TypeError, "`max_concurrency` must be a whole number, not bool"),
        ({"on_error": "skip"}, ValueError, "`on_error` must be 'raise' or 'yield', not 'skip'"),
        ({"progress": 1}, TypeError, "`progress` must be callable, not int"),
    ],
)
async def test_arguments_that_are_refused(twin, service, options, error, message):
    for client in (twin.chat(), twin.embeddings()):
        with pytest.raises(error, match=message):
            await many(client, [], **options)


async def test_batch_sizes_and_streams_that_are_refused(twin, service):
    with pytest.raises(ValueError, match="`batch_size` must be at least 1, not -1"):
        await twin.embeddings().embed_many([], batch_size=-1)
    with pytest.raises(TypeError, match="`stream` must not be set"):
        await twin.chat().complete_many([], stream=True)


@pytest.mark.parametrize("given", ["text", b"text", {"a": 1}, 5, None])
async def test_inputs_that_are_refused(twin, service, given):
    for client, name in ((twin.chat(), "requests"), (twin.embeddings(), "input")):
        with pytest.raises(TypeError, match=f"`{name}` must be an iterable.*, not {type(given).__name__}"):
            await many(client, given)


async def asynchronous(items):
    for item in items:
        yield item


@pytest.mark.parametrize("twin", ["async"], indirect=True)
async def test_async_clients_take_async_iterables(twin, service):
    items = await results_of(twin.embeddings(), asynchronous(TEXTS), batch_size=4)
    assert [item.embedding for item in items] == list(map(vector, TEXTS))


@pytest.mark.parametrize("twin", ["sync"], indirect=True)
async def test_sync_clients_do_not(twin, service):
    with pytest.raises(TypeError, match="`requests` must be an iterable, not async_generator"):
        await twin.chat().complete_many(asynchronous(TEXTS))


@pytest.mark.parametrize("twin", ["async"], indirect=True)
async def test_results_do_not_wait_for_an_async_input(twin, service):
    seen = asyncio.Event()

    async def requests():
        yield chat("a")[0]
        await asyncio.wait_for(seen.wait(), TIMEOUT)
        yield chat("b")[0]

    async for result in await many(twin.chat(), requests()):
        assert result.index == seen.is_set()
        seen.set()


async def test_without_order_results_come_as_soon_as_they_are_there(twin, service):
    gate = Gate()
    head, body = json_reply(COMPLETION), echo
    service.answer_to = lambda request: (
        Reply([gate, *head.pieces], 200, "application/json", framing="close")
        if b'"slow"' in request.body
        else body(request)
    )
    results = await many(twin.chat(), chat(["slow", "a", "b", "c"]), ordered=False, max_concurrency=2)
    assert [(await anext(results)).index for _ in range(3)] == [1, 2, 3]
    gate.open()
    assert (await anext(results)).index == 0
    with pytest.raises(StopAsyncIteration):
        await anext(results)


@pytest.mark.parametrize("given", [list, iter])
async def test_progress(twin, service, given):
    calls, seen = [], []

    def progress(done, total, usage):
        calls.append((done, total, usage.prompt_tokens, len(seen)))

    total = 25 if given is list else None
    items = await many(twin.embeddings(), given(TEXTS), batch_size=10, progress=progress)
    while len(seen) < len(TEXTS):
        seen.append(await anext(items))
    assert calls == [(10, total, 10, 0), (20, total, 20, 10), (25, total, 25, 20)]


async def test_progress_counts_failures_and_the_usage_of_completions(twin, service):
    calls = []
    fails = failing("1")
    detailed = {**COMPLETION, "usage": {**COMPLETION["usage"], "completion_tokens_details": {"reasoning_tokens": 1}}}
    service.answer_to = lambda request: fails(request) or json_reply(detailed)
    await results_of(twin.chat(), chat("012"), on_error="yield", progress=lambda *arguments: calls.append(arguments))
    usage = COMPLETION["usage"]
    twice = {name: 2 * number for name, number in usage.items()}
    assert calls == [(1, 3, usage), (2, 3, usage), (3, 3, twice)]


async def test_an_error_in_progress_ends_the_work(twin, service):
    def progress(done, total, usage):
        raise RuntimeError("no bar")

    items, error = await until_error(await many(twin.embeddings(), TEXTS, batch_size=4, progress=progress))
    assert items == []
    assert str(error) == "no bar"
    assert nothing_works()


def nothing_works():
    """Whether no thread and no task of a large job is left."""
    current = asyncio.current_task()
    return not [thread for thread in threading.enumerate() if thread.name == THREAD] and not [
        task for task in asyncio.all_tasks() if task is not current and "_bulk_runner" in repr(task.get_coro())
    ]


async def until_nothing_works():
    for _ in iter(nothing_works, True):
        await asyncio.sleep(0)


@pytest.mark.parametrize("how", ["close", "with", "forget", "never begun"])
async def test_closing_early_leaves_nothing(twin, service, how):
    read = count()
    requests = (chat([str(next(read))])[0] for _ in count())
    client = twin.chat()
    results = await many(client, requests, max_concurrency=4)
    if how != "never begun":
        assert contents([await anext(results) for _ in range(20)]) == list(map(str, range(20)))
    if how == "with":
        async with results:
            pass
    if how in ("close", "never begun"):
        await results.close()
        await results.close()
        assert [result async for result in results] == []
    if how == "forget":
        del results
        gc.collect()
        await asyncio.wait_for(until_nothing_works(), TIMEOUT)
    assert nothing_works()
    assert next(read) <= 20 + 2 * 4
    await client.close()
    assert await asyncio.to_thread(service.all_closed)


async def test_closing_while_requests_are_being_answered(twin, service):
    gate = Gate()
    service.answer_to = lambda request: (
        echo(request) if b'"0"' in request.body else Reply([gate, b"{}"], 400, framing="close")
    )
    client = twin.chat()
    results = await many(client, chat(map(str, range(100))), max_concurrency=3)
    await anext(results)
    threading.Timer(0.05, gate.open).start()  # a thread waits for its answer, a task does not
    await results.close()
    assert nothing_works()
    assert twin.mode == "sync" or not gate._event.is_set()
    gate.open()
    assert len(service.requests) <= 1 + 2 * 3  # what had been read
    await client.close()
    assert await asyncio.to_thread(service.all_closed)


async def test_closing_while_requests_wait_for_their_turn(twin, service):
    limiter = RateLimiter(requests_per_minute=0.1)
    results = await many(twin.chat(rate_limiter=limiter), chat(map(str, range(100))), max_concurrency=3)
    assert (await anext(results)).index == 0
    await results.close()
    assert nothing_works()
    assert len(service.requests) == 1
    assert limiter._first() is None


@pytest.mark.parametrize("twin", ["async"], indirect=True)
async def test_a_cancelled_reader_leaves_nothing(twin, service):
    gate = Gate()
    service.answer_to = lambda _: Reply([gate, b"{}"], 400, framing="close")
    client = twin.embeddings()

    async def texts():
        yield "a"
        await asyncio.Event().wait()

    task = asyncio.ensure_future(results_of(client, texts(), batch_size=1))
    assert await asyncio.to_thread(service.was_asked)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert nothing_works()
    gate.open()


@pytest.mark.parametrize("on_error", ["raise", "yield"])
async def test_what_is_no_exception_ends_the_work(twin, service, on_error):
    kind = asyncio.CancelledError if twin.mode == "async" else SystemExit

    def hook(request):
        raise kind

    results = await many(twin.chat(), chat("abc"), on_error=on_error, raw_request_hook=hook)
    with pytest.raises(kind):
        await anext(results)
    assert nothing_works()


@pytest.mark.parametrize("twin", ["async"], indirect=True)
async def test_an_async_input_that_is_cancelled_ends_the_work(twin, service):
    async def texts():
        yield "a"
        raise asyncio.CancelledError

    results = await many(twin.embeddings(), texts())
    assert (await anext(results)).index == 0
    with pytest.raises(asyncio.CancelledError):
        await anext(results)
    assert nothing_works()


async def test_requests_have_the_context_of_the_caller(twin, service):
    variable, seen = ContextVar("variable"), []
    variable.set("mine")
    hook = {"raw_request_hook": lambda _: seen.append(variable.get("none"))}
    await results_of(twin.chat(), chat("abc"), **hook)
    assert seen == ["mine"] * 3


async def test_as_many_requests_as_allowed_are_sent_at_once(twin, service):
    everyone = threading.Barrier(64)

    def answer_to(request):
        everyone.wait(TIMEOUT)  # is left when 64 requests have arrived
        return echo(request)

    service.answer_to = answer_to
    results = await results_of(twin.chat(), chat(map(str, range(256))), max_concurrency=64)
    assert contents(results) == list(map(str, range(256)))


async def test_nothing_is_lost_or_doubled_when_requests_fail(twin, service):
    chance, lock, failures = random.Random(7), threading.Lock(), count()
    busy = Reply([], 429, headers={"Retry-After": "0"}, framing="length")
    broken = Reply([], framing="none", breaks=True)

    def answer_to(request):
        with lock:
            fails = chance.random() < 0.05
        if fails:
            return (busy, broken)[next(failures) % 2]
        return embed(request)

    service.answer_to = answer_to
    texts = [str(number) for number in range(100_000)]
    client = twin.embeddings(retry_total=10, retry_status=10, retry_read=10, retry_connect=10, retry_backoff_factor=0)
    items = await results_of(client, texts)
    assert [item.index for item in items] == list(range(100_000))
    assert [item.embedding for item in items] == list(map(vector, texts))
    failed = next(failures)
    assert failed > 0
    assert len(service.requests) == 391 + failed


MEMORY = Path(__file__).with_name("bulk_memory.py")


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_memory_does_not_grow_with_the_input(mode):
    command = [sys.executable, str(MEMORY), mode, "1", "10000", "100000"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, check=True, text=True, env=environment)
    _, small, large = json.loads(done.stdout)
    assert small["requests"] == 40
    assert large["requests"] == 391
    assert large["peak"] - small["peak"] < 20_000_000


def test_annotations_can_be_evaluated(twin):
    for method in (twin.sdk.ChatCompletionsClient.complete_many, twin.sdk.EmbeddingsClient.embed_many):
        assert "return" in inspect.get_annotations(method, eval_str=True)
