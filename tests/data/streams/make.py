"""Make the transcripts of streams in this folder: bodies as services send them, from their public documentation.

    python tests/data/streams/make.py

A shape is what stays the same within a service's stream: the keys, their order, and how JSON is written. The texts are
the same kind everywhere: words, code, several scripts, escapes, and emoji that come in two parts. Identifiers are random
and seeded, so that the files are the same each time.
"""

import json
import random
import string
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

WORDS = (
    "The| answer| is| not| as| simple| as| it| looks|,| because| each| of| the| parts| depends| on| the| others|.|"
    "\n\n|##| An| example|\n|```|python|\n|print|(\"|hello|\\|n|\")|\n|```|\n|-| **|first|**|:| 5|,|280| feet|;| it's| 10|%|"
    " cheaper| <|b|>| &| faster|\t|é|t|é| naï|ve| Zür|ich| größ|er| Да|,| конеч|но| 答|案|は|こちら| नम|स्ते|\u2028| —| “|quoted|”|…|"
).split("|")[:-1]
ROCKET = "🚀"
RESULTS = ("hate", "self_harm", "sexual", "violence")
SAFE = {name: {"filtered": False, "severity": "safe"} for name in RESULTS}
DETECTED = {"filtered": False, "detected": False}
PROMPT_RESULTS = {**SAFE, "jailbreak": DETECTED}
USAGE = {"prompt_tokens": 33, "completion_tokens": 400, "total_tokens": 433}
DETAILS = {
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
CREATED = 1_760_000_000
CHUNK = "chat.completion.chunk"
ALPHABET = string.ascii_letters + string.digits


def compact(body: Json) -> str:
    """JSON as most services write it: no blanks, UTF-8."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def spaced(body: Json) -> str:
    """JSON as `json.dumps` of Python writes it: blanks, and ASCII only."""
    return json.dumps(body)


def html_safe(body: Json) -> str:
    """JSON as encoding/json of Go writes it."""
    text = compact(body).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return text.replace("\u2028", "\\u2028")


def texts(source: random.Random, count: int, emoji: tuple[str, ...] = ("", ROCKET)) -> Iterator[str]:
    """Tokens of an answer. An emoji of two tokens is held back until it is whole, or `emoji` says what comes."""
    made = 0
    while made < count:
        if source.random() < 0.02 and made + len(emoji) <= count:
            yield from emoji
            made += len(emoji)
        else:
            yield source.choice(WORDS)
            made += 1


def name(source: random.Random, length: int) -> str:
    return "".join(source.choices(ALPHABET, k=length))


def choice(delta: Json, finish_reason: str | None = None, index: int = 0, **more: Any) -> Json:
    return {"index": index, "delta": delta, **more, "finish_reason": finish_reason}


def azure_openai(source: random.Random) -> Iterator[Json]:
    """Keys in alphabetical order, filter results of the prompt first, and of the answer in each chunk."""
    more = {"created": CREATED, "id": f"chatcmpl-{name(source, 29)}", "model": "gpt-4o-2024-11-20", "object": CHUNK}
    more["system_fingerprint"] = "fp_ee1d74bde0"
    prompt = [{"prompt_index": 0, "content_filter_results": PROMPT_RESULTS}]
    yield {"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": prompt}
    first = {"content": "", "refusal": None, "role": "assistant"}

    def body(delta: Json, results: Json, finish_reason: str | None = None) -> Json:
        one = {"content_filter_results": results, "delta": delta, "finish_reason": finish_reason, "index": 0}
        return {"choices": [{**one, "logprobs": None}], **more}

    yield body(first, {})
    for text in texts(source, 500):
        yield body({"content": text}, SAFE)
    yield body({}, {}, "stop")
    yield {"choices": [], **more, "usage": {**USAGE, **DETAILS}}


def azure_asynchronous_filter(source: random.Random) -> Iterator[Json]:
    """Filter results come later than the text that they are about, in chunks of their own."""
    head = {"id": f"chatcmpl-{name(source, 29)}", "object": CHUNK, "created": CREATED, "model": "gpt-4o"}
    empty = {"id": "", "object": "", "created": 0, "model": ""}
    prompt = [{"prompt_index": 0, "content_filter_results": PROMPT_RESULTS}]
    yield {**empty, "prompt_filter_results": prompt, "choices": [], "usage": None}
    yield {**head, "choices": [{"index": 0, "finish_reason": None, "delta": {"role": "assistant"}}], "usage": None}
    start = position = 0
    for number, text in enumerate(texts(source, 500)):
        yield {**head, "choices": [{"index": 0, "finish_reason": None, "delta": {"content": text}}], "usage": None}
        position += len(text)
        if number % 40 == 39:
            offsets = {"check_offset": start, "start_offset": start, "end_offset": position}
            results = {"content_filter_results": SAFE, "content_filter_offsets": offsets}
            yield {**empty, "choices": [{"index": 0, "finish_reason": None, **results}], "usage": None}
            start = position
    yield {**head, "choices": [{"index": 0, "finish_reason": "stop", "delta": {}}], "usage": None}


def _openai(source: random.Random, model: str) -> Callable[..., Json]:
    head = {"id": f"chatcmpl-{name(source, 29)}", "object": CHUNK, "created": CREATED, "model": model}
    head |= {"service_tier": "default", "system_fingerprint": "fp_cbf1785567"}

    def body(choices: list[Json], usage: Json | None = None) -> Json:
        return {**head, "choices": choices, "usage": usage, "obfuscation": name(source, source.randint(4, 14))}

    return body


def openai(source: random.Random) -> Iterator[Json]:
    """Random padding in `obfuscation` after the choices."""
    body = _openai(source, "gpt-4o-2024-08-06")
    yield body([choice({"role": "assistant", "content": "", "refusal": None}, logprobs=None)])
    for text in texts(source, 500):
        yield body([choice({"content": text}, logprobs=None)])
    yield body([choice({}, "stop", logprobs=None)])
    yield body([], {**USAGE, **DETAILS})


def openai_logprobs(source: random.Random) -> Iterator[Json]:
    """The log probability of each token, and of one alternative."""
    body = _openai(source, "gpt-4o-2024-08-06")

    def probability(text: str) -> Json:
        return {"token": text, "logprob": round(-source.random(), 8), "bytes": list(text.encode())}

    yield body([choice({"role": "assistant", "content": "", "refusal": None}, logprobs=None)])
    for text in texts(source, 300):
        token = probability(text)
        tokens = [{**token, "top_logprobs": [token, probability(source.choice(WORDS))]}]
        yield body([choice({"content": text}, logprobs={"content": tokens, "refusal": None})])
    yield body([choice({}, "stop", logprobs=None)])
    yield body([], {**USAGE, **DETAILS})


def openai_two_choices(source: random.Random) -> Iterator[Json]:
    """Two answers at once: `n=2`."""
    body = _openai(source, "gpt-4o-mini-2024-07-18")
    for index in (0, 1):
        yield body([choice({"role": "assistant", "content": "", "refusal": None}, index=index, logprobs=None)])
    for number, text in enumerate(texts(source, 600)):
        yield body([choice({"content": text}, index=number % 2, logprobs=None)])
    for index in (0, 1):
        yield body([choice({}, "stop", index=index, logprobs=None)])
    yield body([], {**USAGE, **DETAILS})


def openai_tool_calls(source: random.Random) -> Iterator[Json]:
    """Two tool calls, whose arguments come in 200 pieces each."""
    body = _openai(source, "gpt-4.1-2025-04-14")
    for index in (0, 1):
        function = {"name": "write_file", "arguments": ""}
        call = {"index": index, "id": f"call_{name(source, 24)}", "type": "function", "function": function}
        first = {"role": "assistant", "content": None, "tool_calls": [call], "refusal": None}
        yield body([choice(first if not index else {"tool_calls": [call]}, logprobs=None)])
        arguments = json.dumps({"path": "a.md", "text": "".join(texts(source, 400))}, ensure_ascii=False)
        size = -(-len(arguments) // 200)
        for start in range(0, 200 * size, size):
            fragment = {"index": index, "function": {"arguments": arguments[start : start + size]}}
            yield body([choice({"tool_calls": [fragment]}, logprobs=None)])
    yield body([choice({}, "tool_calls", logprobs=None)])
    yield body([], {**USAGE, **DETAILS})


def foundry_serverless(source: random.Random) -> Iterator[Json]:
    """A serverless deployment: the role in each chunk, no tool calls, and half an emoji as half a surrogate pair."""
    head = {"id": name(source, 32).lower(), "object": CHUNK, "created": CREATED, "model": "Llama-3.3-70B-Instruct"}

    def body(content: str, finish_reason: str | None = None, usage: Json | None = None) -> Json:
        delta = {"role": "assistant", "content": content, "tool_calls": []}
        more = {"logprobs": None, "stop_reason": None}
        return {**head, "choices": [choice(delta, finish_reason, **more)], "usage": usage}

    yield body("")
    for text in texts(source, 500, ("\ud83d", "\ude80")):
        yield body(text)
    yield body("", "stop", USAGE)


def github(source: random.Random) -> Iterator[Json]:
    """GitHub Models: the shape of Azure OpenAI, with the results of the filter for protected material."""
    more = {"created": CREATED, "id": f"chatcmpl-{name(source, 29)}", "model": "gpt-4.1-mini-2025-04-14"}
    more |= {"object": CHUNK, "system_fingerprint": "fp_178c8d546f", "usage": None}
    results = {**SAFE, "protected_material_code": DETECTED, "protected_material_text": DETECTED}
    prompt = [{"prompt_index": 0, "content_filter_results": PROMPT_RESULTS}]
    yield {"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": prompt}
    for text in texts(source, 500):
        one = {"content_filter_results": results, "delta": {"content": text}, "finish_reason": None, "index": 0}
        yield {"choices": [{**one, "logprobs": None}], **more}
    one = {"content_filter_results": {}, "delta": {}, "finish_reason": "stop", "index": 0, "logprobs": None}
    yield {"choices": [one], **more}
    yield {"choices": [], **more, "usage": {**USAGE, **DETAILS}}


def mistral(source: random.Random) -> Iterator[Json]:
    """Padding in `p`; the usage in the last chunk."""
    head = {"id": name(source, 32).lower(), "object": CHUNK, "created": CREATED, "model": "mistral-small-latest"}
    yield {**head, "choices": [choice({"role": "assistant", "content": ""})]}
    for text in texts(source, 500):
        yield {**head, "choices": [choice({"content": text})], "p": name(source, source.randint(1, 36))}
    yield {**head, "choices": [choice({"content": ""}, "stop")], "usage": USAGE, "p": name(source, 9)}


def vllm(source: random.Random) -> Iterator[Json]:
    """vLLM with `continuous_usage_stats`: the usage so far in each chunk."""
    head = {"id": f"chatcmpl-{name(source, 32).lower()}", "object": CHUNK, "created": CREATED, "model": "Qwen/Qwen3-8B"}
    usage = {"prompt_tokens": 33, "total_tokens": 33, "completion_tokens": 0}
    more = {"logprobs": None}
    yield {**head, "choices": [choice({"role": "assistant", "content": ""}, **more)], "usage": usage}
    for number, text in enumerate(texts(source, 500), 1):
        usage = {"prompt_tokens": 33, "total_tokens": 33 + number, "completion_tokens": number}
        one = {**choice({"content": text}, **more), "token_ids": None}
        yield {**head, "choices": [one], "usage": usage}
    last = {**choice({"content": ""}, "stop", **more), "stop_reason": None, "token_ids": None}
    yield {**head, "choices": [last], "usage": usage}
    yield {**head, "choices": [], "usage": usage}


def llama_cpp(source: random.Random) -> Iterator[Json]:
    """The choices first; timings in the last chunk."""
    more = {"created": CREATED, "id": f"chatcmpl-{name(source, 32)}", "model": "gemma-3-4b-it-Q4_K_M.gguf"}
    more |= {"system_fingerprint": "b6402-d413dca0", "object": CHUNK}

    def body(delta: Json, finish_reason: str | None = None, **last: Any) -> Json:
        return {"choices": [{"finish_reason": finish_reason, "index": 0, "delta": delta}], **more, **last}

    yield body({"role": "assistant", "content": None})
    for text in texts(source, 500):
        yield body({"content": text})
    timings = {"prompt_n": 33, "prompt_ms": 251.51, "prompt_per_token_ms": 7.621, "prompt_per_second": 131.207}
    timings |= {"predicted_n": 501, "predicted_ms": 7192.1, "predicted_per_token_ms": 14.355, "predicted_per_second": 69.66}
    yield body({}, "stop", timings=timings)
    yield {"choices": [], **more, "usage": USAGE, "timings": timings}


def ollama(source: random.Random) -> Iterator[Json]:
    """The role in each chunk; the time of each chunk in whole seconds."""
    for number, text in enumerate([*texts(source, 500), ""]):
        head = {"id": "chatcmpl-417", "object": CHUNK, "created": CREATED + number // 70, "model": "llama3.2"}
        one = choice({"role": "assistant", "content": text}, "stop" if number == 500 else None)
        yield {**head, "system_fingerprint": "fp_ollama", "choices": [one]}


def reasoning(source: random.Random) -> Iterator[Json]:
    """A reasoning model: first its thoughts, then its answer; the key of the other one is null."""
    head = {"id": name(source, 36), "object": CHUNK, "created": CREATED, "model": "DeepSeek-R1-0528"}
    head["system_fingerprint"] = "fp_393bca965e_prod0623_fp8_kvcache"

    def body(content: str | None, thought: str | None, finish_reason: str | None = None, **first: str) -> Json:
        delta = {**first, "content": content, "reasoning_content": thought}
        return {**head, "choices": [choice(delta, finish_reason, logprobs=None)]}

    yield body(None, "", role="assistant")
    for text in texts(source, 350):
        yield body(None, text)
    for text in texts(source, 250):
        yield body(text, None)
    yield {**body("", None, "stop"), "usage": {**USAGE, **DETAILS}}


SHAPES: dict[Callable[[random.Random], Iterator[Json]], Callable[[Json], str]] = {
    azure_openai: compact,
    azure_asynchronous_filter: compact,
    openai: compact,
    openai_logprobs: compact,
    openai_two_choices: compact,
    openai_tool_calls: compact,
    foundry_serverless: spaced,
    github: compact,
    mistral: compact,
    vllm: compact,
    llama_cpp: compact,
    ollama: html_safe,
    reasoning: compact,
}


def transcripts() -> Iterable[tuple[str, bytes]]:
    """Make the name and the body of each stream."""
    for shape, write in SHAPES.items():
        bodies = map(write, shape(random.Random(shape.__name__)))
        lines = [*(f"data: {body}\n\n" for body in bodies), "data: [DONE]\n\n"]
        yield shape.__name__, "".join(lines).encode()


if __name__ == "__main__":
    for title, body in transcripts():
        Path(__file__).with_name(f"{title}.sse").write_bytes(body)
