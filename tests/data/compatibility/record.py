"""Record what azure-ai-inference 1.0.0b9 does, as JSON files beside this one: `python record.py`.

Run it in an environment of its own with azure-ai-inference==1.0.0b9, aiohttp, azure-core-tracing-opentelemetry,
opentelemetry-sdk, attrs and pydantic. It calls the package and looks at what comes of it; it reads none of its files.
The facts are those of the sync client; the async one is asked for the same, and a difference is an error.

- endpoints.json: what constructors take as endpoint and credential, and where requests go
- pickles.json: one pickle of each model class, in base64, with the JSON that it holds
- texts.json: `str` of one instance of each class, and of a list
- copies.json: what dataclasses, attrs and pydantic make of a model
- tool_calls.json: the tool call on the wire, by type and by the way it came there
- extras.json: bodies of requests with null among the extras
- aliases.json: what is sent where an object was changed after a model got it
- bodies.json: the types of `content`, `data` and `body` of the request that policies see
- attributes.json: the attributes of an empty instance of each class
- errors.json: exception, text, code and message for each shape of an error
- methods.json: methods of models called by keyword, and values that mappings hold
- options.json: which method takes which keyword of the pipeline
- deserialize.json: what the helpers for classes of users make of values
- logs.json: what load_client logs
- spans.json: spans with and without the instrumentor, with and without content
- names.json: the public names in `models._models` and `models._patch`
"""

import asyncio
import base64
import dataclasses
import importlib.metadata
import io
import json
import logging
import pickle
import sys
import threading
import typing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.tracebacklimit = 0  # a traceback would show lines of the package

import attrs  # noqa: E402
import azure.ai.inference as sync_sdk  # noqa: E402
import azure.ai.inference.aio as async_sdk  # noqa: E402
import cases  # noqa: E402
import pydantic  # noqa: E402
from azure.ai.inference import _model_base, models  # noqa: E402
from azure.ai.inference.models import _models, _patch  # noqa: E402
from azure.core.credentials import AzureKeyCredential  # noqa: E402
from azure.core.exceptions import HttpResponseError  # noqa: E402
from azure.core.pipeline.policies import SansIOHTTPPolicy  # noqa: E402

KEY = AzureKeyCredential("key-1")
CLIENTS = ("ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient")
CALLS = {
    "complete": ("ChatCompletionsClient", "complete", {"messages": cases.MESSAGES}),
    "stream": ("ChatCompletionsClient", "complete", {"messages": cases.MESSAGES, "stream": True}),
    "embed": ("EmbeddingsClient", "embed", {"input": ["a"]}),
    "embed images": ("ImageEmbeddingsClient", "embed", {"input": [{"image": "i"}]}),
    "get_model_info": ("ChatCompletionsClient", "get_model_info", {}),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append({"target": self.path, "headers": headers, "body": body.decode()})
        status, content_type, content = self.reply(body)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer

    def reply(self, body):
        reply, self.server.next_reply = self.server.next_reply, None
        if isinstance(reply, tuple):
            return reply[0], reply[1], reply[2].encode()
        if isinstance(reply, bytes):
            return 200, "text/event-stream", reply
        route = self.path.partition("?")[0].rpartition("/")[2]
        if reply is None and route == "completions" and b'"stream": true' in body:
            updates = cases.update({"content": "ok"}), cases.update({}, "stop")
            return 200, "text/event-stream", cases.stream(*updates)
        plainest = {"embeddings": cases.EMBEDDINGS, "info": cases.INFO}.get(route, cases.COMPLETION)
        return 200, "application/json", json.dumps(reply or plainest).encode()


class Service(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests = []
        self.next_reply = None

    def handle_error(self, request, client_address):
        pass


SERVICE = Service()
threading.Thread(target=SERVICE.serve_forever, daemon=True).start()


def shown(value):
    """A value without what differs from run to run."""
    return str(value).replace(SERVICE.url, "{url}").replace(f"127.0.0.1:{SERVICE.server_port}", "{host}")


def raised(error):
    return {"raises": type(error).__name__, "text": shown(error)}


def attempt(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return raised(error)


def failed(result):
    return isinstance(result, dict) and "raises" in result


def call(sdk, client, method, keywords, endpoint=None, credential=KEY, **settings):
    """Call a method of a new client; give what it returns, with streams read to their end."""
    made = getattr(sdk, client)(SERVICE.url if endpoint is None else endpoint, credential, retry_total=0, **settings)
    if sdk is sync_sdk:
        with made:
            result = getattr(made, method)(**keywords)
            return list(result) if keywords.get("stream") else result

    async def run():
        async with made:
            result = await getattr(made, method)(**keywords)
            return [update async for update in result] if keywords.get("stream") else result

    return asyncio.run(run())


def in_both_worlds(fact, *args):
    """The fact of the sync world, which has to be that of the async one."""
    here, there = fact(sync_sdk, *args), fact(async_sdk, *args)
    assert json.dumps(here) == json.dumps(there), (fact.__name__, args, here, there)
    return here


def sent(sdk, client="ChatCompletionsClient", method="complete", settings=None, **keywords):
    """The body of the request that a call makes."""
    before = len(SERVICE.requests)
    result = attempt(call, sdk, client, method, keywords, **(settings or {}))
    return result if failed(result) else json.loads(SERVICE.requests[before]["body"])


# 2


class Url:
    def __str__(self):
        return SERVICE.url


ENDPOINTS = {
    "None": None,
    "empty": "",
    "blank": " ",
    "endpoint": "endpoint",
    "test": "test",
    "number": 5,
    "another scheme": "ftp://host",
    "object with a URL as str": Url(),
    "pydantic.HttpUrl": pydantic.HttpUrl(f"{SERVICE.url}/x"),
    "path": f"{SERVICE.url}/gw",
    "path and slash": f"{SERVICE.url}/gw/",
    "query": f"{SERVICE.url}/gw?subscription-key=abc",
    "query with an api-version": f"{SERVICE.url}/gw?api-version=2023&k=v",
}
CREDENTIALS = {"empty": "", "text": "abc", "None": None, "object": object(), "empty key": AzureKeyCredential("")}


def endpoint_fact(sdk, given):
    made = attempt(getattr(sdk, CLIENTS[0]), given, KEY, retry_total=0)
    if failed(made):
        return {"constructor": made}
    before = len(SERVICE.requests)
    result = attempt(call, sdk, "ChatCompletionsClient", "complete", CALLS["complete"][2], given)
    if given is None or not str(given).startswith(SERVICE.url):
        result = {"raises": result["raises"]} if sdk is sync_sdk else {"raises": "ServiceResponseError"}
    return {
        "constructor": None,
        "config_endpoint_is_what_was_given": made._config.endpoint is given,
        "base_url": shown(made._client._base_url),
        "call": result if failed(result) else None,
        "targets": [request["target"] for request in SERVICE.requests[before:]],
    }


def credential_fact(sdk, given):
    before = len(SERVICE.requests)
    result = attempt(call, sdk, "ChatCompletionsClient", "complete", CALLS["complete"][2], credential=given)
    if failed(result):
        return {"raises": result["raises"], "text": result["text"].partition(" object at")[0]}
    names = ("api-key", "authorization")
    return {name: SERVICE.requests[before]["headers"].get(name) for name in names}


def endpoints():
    return {
        "endpoints": {name: in_both_worlds(endpoint_fact, given) for name, given in ENDPOINTS.items()},
        "credentials": {name: in_both_worlds(credential_fact, given) for name, given in CREDENTIALS.items()},
    }


# 3 and 4


def pickles():
    found = {}
    for name, make in cases.MODELS.items():
        model = make()
        found[name] = {"pickle": base64.b64encode(pickle.dumps(model, 4)).decode(), "holds": model.as_dict()}
    model = models.UserMessage("a")
    model.note = "kept"
    found["with an attribute that is no field"] = {
        "pickle": base64.b64encode(pickle.dumps(model, 4)).decode(),
        "holds": model.as_dict(),
    }
    return found


def texts():
    made = {name: make() for name, make in cases.MODELS.items()}
    return {
        "str": {name: str(model) for name, model in made.items()},
        "repr": {name: repr(model) for name, model in made.items()},
        "str of a list": str([made["UserMessage"], made["SystemMessage"]]),
        "length of repr of a long one": len(repr(models.UserMessage("x" * 3000))),
    }


@dataclasses.dataclass
class Data:
    field: typing.Any


@attrs.define
class Attrs:
    field: typing.Any


class AnyField(pydantic.BaseModel):
    field: typing.Any


class DictField(pydantic.BaseModel):
    field: dict[str, typing.Any]


class TypedField(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    field: models.UserMessage


def copies():
    def fact(make):
        model = models.UserMessage("a")
        made = attempt(make, model)
        if failed(made) or isinstance(made, str):
            return made
        return {"class": type(made).__name__, "same object": made is model, "holds": dict(made)}

    def inner(value):
        return {"a": value}

    return {
        "dataclasses.asdict": fact(lambda model: dataclasses.asdict(Data(model))["field"]),
        "dataclasses.astuple": fact(lambda model: dataclasses.astuple(Data(model))[0]),
        "attrs.asdict": fact(lambda model: attrs.asdict(Attrs(model))["field"]),
        "attrs.astuple": fact(lambda model: attrs.astuple(Attrs(model))[0]),
        "model_dump, typed": fact(lambda model: TypedField(field=model).model_dump()["field"]),
        "model_dump, Any": fact(lambda model: AnyField(field=model).model_dump()["field"]),
        "model_dump, dict[str, Any]": fact(lambda model: DictField(field=inner(model)).model_dump()["field"]["a"]),
        "model_dump_json, typed": fact(lambda model: TypedField(field=model).model_dump_json()),
        "model_dump_json, Any": fact(lambda model: AnyField(field=model).model_dump_json()),
    }


# 5 and 6


def tool_call_fact(sdk, kind, place):
    given = json.loads(json.dumps(cases.TOOL_CALLS[kind]))
    if place == "answer":
        SERVICE.next_reply = cases.answer({"content": None, "tool_calls": [given]}, "tool_calls")
        message = call(sdk, *CALLS["complete"]).choices[0].message
    else:
        message = cases.TOOL_CALL_PLACES[place](given)
    return sent(sdk, messages=[message])["messages"][0]["tool_calls"]


def tool_calls():
    return {
        place: {kind: in_both_worlds(tool_call_fact, kind, place) for kind in cases.TOOL_CALLS}
        for place in [*cases.TOOL_CALL_PLACES, "answer"]
    }


def extras_fact(sdk, extras, where):
    in_call = {"model_extras": extras} if where == "call" else {}
    of_client = {"model_extras": extras} if where == "client" else {}
    chat = sent(sdk, settings=of_client, messages=cases.MESSAGES, **in_call)
    return {"complete": chat, "embed": sent(sdk, "EmbeddingsClient", "embed", of_client, input=["a"], **in_call)}


def extras():
    return {
        where: {name: in_both_worlds(extras_fact, given, where) for name, given in cases.MODEL_EXTRAS.items()}
        for where in ("call", "client")
    }


def aliases():
    return {name: make().as_dict() for name, make in cases.ALIASES.items()}


# 7


class Spy(SansIOHTTPPolicy):
    def __init__(self):
        self.types = {}

    def on_request(self, request):
        names = ("content", "data", "body")
        self.types = {name: type(getattr(request.http_request, name)).__name__ for name in names}


BODIES = {
    "keywords": ("ChatCompletionsClient", "complete", lambda: {"messages": cases.MESSAGES}),
    "keywords, stream": ("ChatCompletionsClient", "complete", lambda: {"messages": cases.MESSAGES, "stream": True}),
    "mapping": ("ChatCompletionsClient", "complete", lambda: {"body": {"messages": cases.MESSAGES}}),
    "bytes": ("ChatCompletionsClient", "complete", lambda: {"body": b'{"messages": []}'}),
    "file": ("ChatCompletionsClient", "complete", lambda: {"body": io.BytesIO(b'{"messages": []}')}),
    "embed": ("EmbeddingsClient", "embed", lambda: {"input": ["a"]}),
    "embed, mapping": ("EmbeddingsClient", "embed", lambda: {"body": {"input": ["a"]}}),
    "embed images": ("ImageEmbeddingsClient", "embed", lambda: {"input": [{"image": "i"}]}),
    "model info": ("ChatCompletionsClient", "get_model_info", dict),
}


def body_fact(sdk, client, method, keywords):
    spy = Spy()
    call(sdk, client, method, keywords(), per_call_policies=[spy])
    return spy.types


def bodies():
    return {name: in_both_worlds(body_fact, *given) for name, given in BODIES.items()}


def attributes():
    methods = set(dir(_model_base.Model)) | {"load"}
    kinds = (getattr(models, name) for name in models.__all__)
    return {
        kind.__name__: [name for name in dir(kind({})) if not name.startswith("_") and name not in methods]
        for kind in kinds
        if issubclass(kind, _model_base.Model)
    }


# 8


def error_fact(sdk, reply):
    SERVICE.next_reply = reply
    try:
        call(sdk, *CALLS["complete"])
    except HttpResponseError as error:
        told = {"code": error.error and error.error.code, "message": error.error and error.error.message}
        return {**raised(error), "status": error.status_code, "reason": error.reason, **told}


def stream_error_fact(sdk, body):
    SERVICE.next_reply = cases.event(cases.update({"content": "a"})) + cases.event(body)
    updates = attempt(call, sdk, *CALLS["stream"])
    return updates if failed(updates) else {"updates": len(updates)}


def errors():
    return {
        "responses": {name: in_both_worlds(error_fact, reply) for name, reply in cases.ERRORS.items()},
        "streams": {name: in_both_worlds(stream_error_fact, body) for name, body in cases.STREAM_ERRORS.items()},
    }


# 10


def methods():
    return {
        "by keyword": {name: attempt(function) for name, function in cases.MODEL_METHODS.items()},
        "from a mapping": {name: dict(make()) for name, make in cases.FROM_MAPPINGS.items()},
    }


class Teapot(HttpResponseError):
    pass


OPTIONS = {
    "cls": lambda: {"cls": lambda response, result, headers: "from cls"},
    "error_map": lambda: {"error_map": {418: Teapot}},
    "merge_span": lambda: {"merge_span": True},
    "raw_request_hook": lambda: {"raw_request_hook": lambda request: None},
    "raw_response_hook": lambda: {"raw_response_hook": lambda response: None},
    "tracing_attributes": lambda: {"tracing_attributes": {"a": "b"}},
}


def option_fact(sdk, option, name):
    client, method, keywords = CALLS[name]
    if option == "error_map":
        SERVICE.next_reply = 418, "application/json", "{}"
    result = attempt(call, sdk, client, method, {**keywords, **OPTIONS[option]()})
    if failed(result):
        return result["raises"]
    return result if isinstance(result, str) else "taken"


def options():
    return {option: {name: in_both_worlds(option_fact, option, name) for name in CALLS} for option in OPTIONS}


def deserialize():
    def fact(function, *args):
        made = attempt(function, *args)
        if failed(made):
            return made
        kind = type(made[0] if isinstance(made, list) else made).__name__
        return {"class": kind, "list": isinstance(made, list), "holds": json.loads(json.dumps(made, cls=encoder))}

    encoder, any_of = _model_base.SdkJSONEncoder, _model_base._deserialize
    user = {"role": "user", "content": "a"}
    return {
        "Model._deserialize": fact(models.CompletionsUsage._deserialize, cases.USAGE, []),
        "Model._deserialize, subclass": fact(models.ChatRequestMessage._deserialize, user, []),
        "Model._deserialize, unknown subclass": fact(models.ChatRequestMessage._deserialize, {"role": "x"}, []),
        "_deserialize, model": fact(any_of, models.CompletionsUsage, cases.USAGE),
        "_deserialize, subclass": fact(any_of, models.ChatRequestMessage, user),
        "_deserialize, list": fact(any_of, typing.List[models.UserMessage], [user]),
        "_deserialize, optional": fact(any_of, typing.Optional[models.UserMessage], user),
        "_deserialize, None": fact(any_of, models.UserMessage, None),
        "_deserialize, text for a model": fact(any_of, models.UserMessage, "a"),
        "_deserialize, enum": fact(any_of, models.ModelType, "embeddings"),
        "_deserialize, unknown member": fact(any_of, models.ModelType, "x"),
        "_deserialize, str": fact(any_of, str, "a"),
        "_deserialize, Any": fact(any_of, typing.Any, user),
    }


def logs():
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logger = logging.getLogger("azure.ai.inference")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    sync_sdk.load_client(SERVICE.url, KEY).close()

    async def load():
        await (await async_sdk.load_client(SERVICE.url, KEY)).close()

    asyncio.run(load())
    logger.removeHandler(handler)
    return [{"logger": r.name, "level": r.levelname, "message": r.getMessage()} for r in records]


# 11


def own(attributes):
    """The attributes that say something of the call, and nothing of this machine."""
    mine = {name: value for name, value in attributes.items() if name.startswith("gen_ai") or name == "error.type"}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in mine.items()}


def span_fact(sdk, exporter, traced):
    client, method, keywords, reply = traced
    exporter.clear()
    SERVICE.next_reply = reply
    attempt(call, sdk, client, method, keywords)
    spans = exporter.get_finished_spans()
    names = {span.context.span_id: span.name for span in spans}
    return [
        {
            "name": span.name,
            "kind": span.kind.name,
            "parent": names.get(span.parent.span_id) if span.parent else None,
            "status": span.status.status_code.name,
            "attributes": own(span.attributes),
            "events": [
                [happened.name, json.loads(happened.attributes["gen_ai.event.content"])]
                for happened in span.events
                if happened.name != "exception"
            ],
        }
        for span in spans
    ]


def spans():
    from azure.ai.inference.tracing import AIInferenceInstrumentor
    from azure.core.settings import settings
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    settings.tracing_implementation = "opentelemetry"
    found, instrumentor = {}, AIInferenceInstrumentor()
    for mode in ("not instrumented", "without content", "with content"):
        if mode != "not instrumented":
            instrumentor.instrument(enable_content_recording=mode == "with content")
        found[mode] = {name: in_both_worlds(span_fact, exporter, traced) for name, traced in cases.TRACED.items()}
        if mode != "not instrumented":
            instrumentor.uninstrument()
    settings.tracing_implementation = None
    return found


# 12


def names():
    return {module.__name__: [name for name in dir(module) if name[0] != "_"] for module in (_models, _patch)}


if __name__ == "__main__":
    assert importlib.metadata.version("azure-ai-inference") == "1.0.0b9"
    for fact in (
        *(endpoints, pickles, texts, copies, tool_calls, extras, aliases, bodies, attributes, errors, methods),
        *(options, deserialize, logs, names, spans),
    ):
        path = Path(__file__).with_name(f"{fact.__name__}.json")
        path.write_text(json.dumps(fact(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
