"""The part of the clients that does not await: what a call sends, and the documentation.

Every public method is documented here, once; the sync and the async clients inherit the text.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar, Union
from urllib.parse import quote

from azure.core.exceptions import HttpResponseError

from ._body import Body, encode, given_items, merge_body
from ._configuration import Configuration
from ._http._headers import check_headers
from ._keywords import unknown_call_keywords
from ._lazy_models import models

Messages: TypeAlias = Sequence[Union["models.ChatRequestMessage", Mapping[str, Any]]]
Images: TypeAlias = Sequence[Union["models.ImageEmbeddingInput", Mapping[str, Any]]]
Tools: TypeAlias = Sequence[Union["models.ChatCompletionsToolDefinition", Mapping[str, Any], Callable[..., Any]]]
Functions: TypeAlias = Sequence[Union["models.ChatCompletionsToolDefinition", Callable[..., Any]]]
Request: TypeAlias = Union["Sequence[models.ChatRequestMessage | Mapping[str, Any]]", Mapping[str, Any]]
OnError: TypeAlias = Literal["raise", "yield"]
Usage = TypeVar("Usage")
Progress: TypeAlias = Callable[[int, "int | None", Usage], object]
ToolChoice: TypeAlias = Union[
    "models.ChatCompletionsToolChoicePreset", "models.ChatCompletionsNamedToolChoice", str, Mapping[str, Any]
]

BATCH_SIZE = 256
"""Texts in a request of `embed_many`, by default."""
MAX_CONCURRENCY = 8
"""Requests of a large job at a time, by default."""

_CLIENT_NAMES = {
    "chat": "ChatCompletionsClient",
    "chat_completion": "ChatCompletionsClient",
    "completion": "ChatCompletionsClient",
    "embedding": "EmbeddingsClient",
    "text_embedding": "EmbeddingsClient",
    "image_embedding": "ImageEmbeddingsClient",
}
"""Client classes by model type, in the singular and with underscores: endpoints spell the types in several ways."""

_IGNORED_OPTIONS = ("stream", "merge_span", "tracing_attributes", "response_encoding")
"""Keywords that 1.0.0b9 or azure-core takes, and that mean nothing to the policies and transports here."""
LOAD_CLIENT = """Make the client class that fits the model of an endpoint, which is asked for its model information.

Serverless and managed compute endpoints have this information. Azure OpenAI, GitHub Models and OpenAI-compatible
servers do not.

:param endpoint: The URL of the endpoint, without the route.
:param credential: An azure.core.credentials.AzureKeyCredential, or a token credential of azure-identity.
:keyword kwargs: The keywords of the constructor of the client.
:return: The client, with the model information in its cache.
:raises ValueError: No client supports the model type, or an argument is invalid.
:raises azure.core.exceptions.ResourceNotFoundError: The endpoint has no model information.
:raises azure.core.exceptions.HttpResponseError: The service returned an error.
"""
"""The docstring of both functions `load_client`."""
NO_MODEL_INFO = "Model information is not available on this endpoint."
NO_LOAD_CLIENT = (
    "`load_client` function does not work on this endpoint. "
    "Construct ChatCompletionsClient, EmbeddingsClient or ImageEmbeddingsClient instead."
)


class Call(NamedTuple):
    """One call of a client, ready to be sent."""

    content: str | bytes | None
    """The body of the request: text unless the caller gave bytes, for policies and hooks of users, who read it."""
    stream: bool
    """Whether the body asks for a stream."""
    headers: dict[str, str]
    """Headers of the call; those of the user win over ours."""
    params: dict[str, Any]
    """Query parameters from the user."""
    options: dict[str, Any]
    """All other keywords: they configure the pipeline."""
    error_map: Mapping[int, type[HttpResponseError]] | None
    """Exception classes by status code, from the user."""
    cls: Callable[[Any, Any, dict[str, Any]], Any] | None
    """What makes the result of the pipeline response, the answer and an empty dict."""

    def __repr__(self) -> str:
        return f"Call(stream={self.stream})"  # the rest may hold keys


class ClientBase(ABC):
    """What all clients share."""

    _config: Configuration
    _defaults: Mapping[str, Any]
    _default_extras: Mapping[str, Any]
    _default_pass_through: Mapping[str, Any]
    _model_info: models.ModelInfo | None = None

    @abstractmethod
    def __init__(self, endpoint: str, credential: Any, **kwargs: Any) -> None:
        """Make a client.

        Every keyword of `complete` or `embed` but `messages`, `input` and `stream` may be given here, as a default for
        all calls. All other keywords configure the pipeline of azure-core; most of them can also be given to a call.

        :param endpoint: The URL of the endpoint, without the route.
        :param credential: An azure.core.credentials.AzureKeyCredential, or a token credential of azure-identity.
        :keyword model_extras: Additional keys in the body of every request; those of a call replace them.
        :keyword api_version: The API version sent with each request. None sends none. Default: what the endpoint URL
         implies.
        :keyword credential_scopes: The Entra ID token scopes. Default: what the endpoint URL implies.
        :keyword timeout: Total timeout of a call in seconds, retries included. For a stream: until the response headers
         arrive. Default: none.
        :keyword connection_timeout: Seconds to wait for a connection. Default: 300.
        :keyword read_timeout: Seconds to wait for the next bytes of a response, also within a stream. Default: 300.
        :keyword retry_total: Maximum number of retries after a broken connection, or the status 408, 429, 500, 502, 503
         or 504. Default: 10, and at most 3 of each kind (`retry_connect`, `retry_read`, `retry_status`).
        :keyword retry_backoff_factor: Seconds to wait before the first retry. The wait doubles with each further retry
         and is shortened at random by up to a half. Default: 0.8.
        :keyword retry_after_max: The longest wait in seconds that the service may ask for with Retry-After; if it asks
         for more, its error is raised at once. Default: 120.
        :keyword max_body_bytes: How many bytes the body of a response may have, decompressed; one that is longer is an
         azure.core.exceptions.HttpResponseError. Default: 512 MB.
        :keyword max_event_bytes: How many bytes of a stream may come before an event of it is complete, as above.
         Default: 64 MB.
        :keyword rate_limiter: The azure.ai.inference.limits.RateLimiter before which each attempt waits for its turn.
         Default: none.
        :keyword headers: HTTP headers of every request. They win over those of the client.
        :keyword user_agent: Text before the name of this package in the User-Agent header.
        :keyword logging_enable: Whether to log whole requests and responses at DEBUG, without keys. Default: False.
        :keyword transport: The transport that sends the requests. Default: one of azure-core, on requests or aiohttp.
        :raises ValueError: `endpoint` or `credential` is None, `endpoint` is not an http(s) URL, or a default is
         invalid.
        :raises TypeError: `endpoint` or `credential` has another type.
        """

    def __str__(self) -> str:
        return repr(self) if self._model_info is None else f"{self!r}\n{self._model_info}"

    def _set_defaults(
        self,
        arguments: Mapping[str, Any],
        model_extras: Mapping[str, Any] | None,
        pass_through: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep the arguments of a constructor that calls fall back on."""
        self._defaults = given_items(arguments)
        self._default_extras = dict(model_extras or {})
        self._default_pass_through = _without_none(pass_through or {})

    def _prepare(
        self,
        body: Body | None,
        arguments: Mapping[str, Any],
        options: Mapping[str, Any],
        model_extras: Mapping[str, Any] | None,
        pass_through: Mapping[str, Any] | None = None,
    ) -> Call:
        """Merge the arguments of a call with the defaults of the client.

        :param body: The whole request, instead of the arguments.
        :param arguments: Keywords of the REST specification in the order of the wire. The first is the required one.
        :param options: All other keywords of the call: they configure the pipeline.
        :param model_extras: Further keys of the body.
        :param pass_through: Keywords outside the REST specification: sent in the body with the pass-through header, as
         `model_extras` are.
        """
        options = dict(options)
        given = given_items(arguments)
        extras = dict(model_extras or {})
        if pass_through:
            extras.update(_without_none(pass_through))
        if body is None:
            required = next(iter(arguments))
            if required not in given:
                raise TypeError(f"missing required argument: {required}")
            extras = {**({} if model_extras else self._default_extras), **self._default_pass_through, **extras}
            defaults = self._defaults
            merged = given
            if defaults:
                merged = {key: value for key in arguments if (value := given.get(key, defaults.get(key))) is not None}
            stream = bool(merged.get("stream"))
            merged.update(extras)
            content: str | bytes = encode(_without_none(merged) if None in extras.values() else merged)
        else:
            content, stream = merge_body(body, {**given, **_without_none(extras)})
        headers = {"Content-Type": options.pop("content_type", "application/json")}
        if extras:
            headers["extra-parameters"] = "pass-through"
        return _call(content, stream, headers, {}, options)

    def _prepare_model_info(self, model: str | None, options: Mapping[str, Any]) -> Call:
        return _call(None, False, {}, {} if model is None else {"model": quote(model, safe="")}, dict(options))

    def _refuse_unknown_options(self, options: Mapping[str, Any]) -> None:
        if not self._config.is_extended:
            problem = unknown_call_keywords(options, self._keywords(), awaits=self._config.awaits)
            if problem is not None:
                raise problem

    @classmethod
    def _keywords(cls) -> list[str]:
        """The keywords of the constructor, most of which are keywords of calls, too."""
        return list(inspect.signature(cls.__init__).parameters)

    @abstractmethod
    def close(self) -> Any:
        """Close the connections of the client. Closing twice is fine."""

    @abstractmethod
    def send_request(self, request: Any, *, stream: bool = False, **kwargs: Any) -> Any:
        """Send a request of your own through the pipeline of the client, with its authentication, retries and logging.

        :param request: An azure.core.rest.HttpRequest; a relative URL is resolved against the endpoint.
        :keyword stream: Whether to leave the response body for the caller to read. Default: False.
        :keyword kwargs: Pipeline options for this call, as for the constructor.
        :return: The response, whatever its status.
        :raises azure.core.exceptions.AzureError: No response was received.
        """

    @abstractmethod
    def get_model_info(self, *, model: str | None = None, **kwargs: Any) -> Any:
        """Get information about the model of the endpoint.

        The result is cached; `print(client)` shows it. Serverless and managed compute endpoints have this route; Azure
        OpenAI, GitHub Models and OpenAI-compatible servers do not.

        :keyword model: The name of one of several models that the endpoint serves, from API version 2025-04-01 on. Its
         result is not cached. Default: the model of the endpoint.
        :keyword kwargs: Pipeline options for this call, as for the constructor.
        :return: The name, the type and the provider of the model.
        :raises azure.core.exceptions.ResourceNotFoundError: The endpoint does not have this route.
        :raises azure.core.exceptions.HttpResponseError: The service refused the request.
        """


class ChatCompletionsClientBase(ClientBase):
    """What the sync and the async client of chat completions share."""

    @abstractmethod
    def complete(self, *args: Any, **kwargs: Any) -> Any:
        """Generate a chat completion for a conversation.

        An omitted keyword falls back to the client's default; without one it is not sent, and the default of the
        service applies. A `body` is sent as it is, without the defaults of the client; keywords given beside it are
        merged into it and win.

        :param body: The whole request body, instead of keywords: a mapping, or JSON as bytes or as a binary file.
        :keyword messages: The conversation so far, as message objects or mappings. Required unless there is a `body`.
        :keyword stream: Whether to return the completion as a stream of updates while it is generated. Default: False.
        :keyword frequency_penalty: Penalizes tokens in proportion to how often they have appeared so far, -2 to 2. The
         API assumes 0.
        :keyword presence_penalty: Penalizes tokens that have appeared at all so far, -2 to 2. The API assumes 0.
        :keyword temperature: Sampling temperature, 0 (greedy) to 1; higher is more random. Some models take up to 2.
         The API assumes 0.7.
        :keyword top_p: Nucleus sampling: consider only the most likely tokens that add up to this probability mass, 0
         to 1. Change this or `temperature`, not both. The API assumes 1.
        :keyword max_tokens: Maximum number of tokens to generate.
        :keyword response_format: "text", "json_object" (the messages must ask for JSON, too), a
         azure.ai.inference.models.JsonSchemaFormat, a pydantic model, dataclass or TypedDict (sent as a strict schema;
         needs the extra `structured`), or a mapping in the form of the wire.
        :keyword stop: Stop sequences: generation ends before the first of them.
        :keyword tools: The tools that the model may call, as
         azure.ai.inference.models.ChatCompletionsToolDefinition objects, mappings, or functions with annotations
         (which need the extra `structured`).
        :keyword tool_choice: Whether and which tools the model calls: a
         azure.ai.inference.models.ChatCompletionsToolChoicePreset, its string, a
         azure.ai.inference.models.ChatCompletionsNamedToolChoice, or a mapping. The service assumes "auto" if there
         are tools.
        :keyword seed: Seed for sampling: the service tries to give the same completion for the same seed and request.
        :keyword model: The name of the model, if the endpoint serves several.
        :keyword model_extras: Model-specific parameters, sent as additional keys in the body. With them, the header
         `extra-parameters: pass-through` tells the service to pass them to the model.
        :keyword max_completion_tokens: Maximum number of tokens to generate, reasoning tokens included. This and the
         keywords below are for models that know them; they are sent as `model_extras` are, and win over them.
        :keyword n: Number of choices to generate.
        :keyword logprobs: Whether to return the log probabilities of the output tokens.
        :keyword top_logprobs: Number of most likely tokens to return at each position, 0 to 20. Needs `logprobs`.
        :keyword logit_bias: Bias added to tokens' logits, -100 to 100, by token id (as a string).
        :keyword parallel_tool_calls: Whether the model may make several tool calls in one message.
        :keyword reasoning_effort: Effort spent on reasoning: "none", "minimal", "low", "medium", "high", "xhigh" or
         "max". Models support some of these.
        :keyword stream_options: Options of a stream: `{"include_usage": True}` adds an update with the token usage.
        :keyword modalities: Output types to generate: "text", "audio".
        :keyword user: A stable id of your end user, which helps the service to detect abuse.
        :keyword metadata: Key-value pairs to attach to a stored completion.
        :keyword store: Whether the service stores the completion.
        :keyword verbosity: How detailed the text is: "low", "medium" or "high".
        :keyword service_tier: The service tier that processes the request: "auto", "default", "flex" or "priority".
        :keyword prompt_cache_key: A key that groups requests with a common prefix, for more prompt cache hits.
        :keyword prompt_cache_retention: How long the service may cache the prompt: "in_memory" or "24h".
        :keyword safety_identifier: A stable id of your end user, hashed, for the abuse detection of the service.
        :keyword prediction: The expected completion, most of which is known: `{"type": "content", "content": "…"}`.
        :keyword web_search_options: Options of the web search of models that search: an empty mapping switches it on.
        :keyword audio: Voice and format of audio output: `{"voice": "alloy", "format": "wav"}`. Needs `modalities`.
        :keyword moderation: Options of the moderation of input and output, as a mapping.
        :keyword kwargs: Pipeline options for this call, as for the constructor.
        :return: The completion; with `stream=True`, or a `body` that says so, a stream of updates.
        :raises TypeError: `messages` is missing, an argument is not JSON-serializable, a keyword is unknown, or a type
         or function cannot be described.
        :raises ValueError: `response_format` is not supported.
        :raises azure.core.exceptions.HttpResponseError: The service returned an error; ClientAuthenticationError for
         status 401, ResourceNotFoundError for 404, DecodeError if the body is not a valid response of this API.
        :raises azure.core.exceptions.ServiceRequestError: The service could not be reached.
        :raises azure.core.exceptions.ServiceResponseError: The connection broke; ServiceResponseTimeoutError if no
         response came in time.
        """

    @abstractmethod
    def run_tools(self, *args: Any, **kwargs: Any) -> Any:
        """Generate a completion, call the functions that the model requests, and repeat until it answers.

        Each round sends the conversation, with the results of the previous round. The arguments of a call are
        converted to the annotated types of the function; text that it returns is sent as it is, everything else as
        JSON. Arguments that are invalid, and tools that do not exist, are answered to the model with an error text.
        The calls of a round run concurrently: in the async client async functions as tasks and others in threads, in
        the sync client all of them in threads. When the call is cancelled or fails, its tools are cancelled, and have
        ended before it raises; a thread cannot be cancelled, so its function ends first. Needs the extra `structured`.

        :keyword messages: The conversation so far, as message objects or mappings. The sequence is not changed.
        :keyword tools: Functions with annotations, or definitions of
         azure.ai.inference.models.ChatCompletionsToolDefinition.from_function, for another name or description.
        :keyword stream: Whether to return a stream of the updates of all rounds. Its first request is sent when it is
         iterated. Default: False.
        :keyword max_rounds: The maximum number of completions. Default: 10.
        :keyword max_concurrency: The maximum number of functions that run at the same time. Default: 8.
        :keyword on_error: What becomes of an exception of a function: "return" sends its type and message to the model,
         "raise" raises it. Default: "return".
        :keyword kwargs: Further keywords of `complete`, for each round. A `tool_choice` that forces a call is sent in
         the first round, and "auto" in the others.
        :return: An azure.ai.inference.models.ToolRun, with the completion, the messages to continue with, the token
         usage and the number of rounds; with `stream=True` a stream of updates with the same attributes.
        :raises TypeError: A function cannot be described, or as for `complete`.
        :raises ValueError: An argument is invalid, or two functions have the same name.
        :raises ImportError: pydantic is not installed.
        :raises azure.ai.inference.models.ToolRoundsExceededError: The model still calls functions after `max_rounds`
         rounds. The error holds the run so far.
        :raises azure.core.exceptions.AzureError: As for `complete`.
        """

    @abstractmethod
    def complete_many(self, requests: Any, **kwargs: Any) -> Any:
        """Generate a chat completion for each of many requests, several at once.

        The requests are read while they are worked on, at most twice `max_concurrency` ahead of the results, so they
        may come from a generator that never ends, and memory does not grow with their number. Each is sent by
        :meth:`complete`, with its retries. The result is an iterator with `close()`, for a `with` block too: it stops
        the work, and neither a thread nor a task remains. The sync client uses threads, and its `close()` waits for the
        requests that are being answered; the async client uses tasks, takes async iterables too, and cancels them.

        :param requests: An iterable of requests: each one a list of messages, or a mapping of keywords of
         :meth:`complete`, which win over the common ones.
        :keyword max_concurrency: The most requests at once. Default: 8.
        :keyword on_error: "raise": an error is raised when all results before it have been yielded. Its note, and as
         text the `continuation_token` of an AzureError, say the index of the request to resume with. "yield": a
         azure.ai.inference.models.BulkFailure takes the place of the result. Default: "raise".
        :keyword ordered: Whether results come in the order of the requests, or as soon as they are there. Default:
         True. Without order, an error is raised when all requests before it are done, and later ones may be, too.
        :keyword progress: A function that is called before the results of a request are yielded, with the number of
         requests done, the number of all requests or None, and their usage so far, a
         azure.ai.inference.models.CompletionsUsage. Default: none.
        :keyword kwargs: The keywords of :meth:`complete` for all requests, but not `stream`.
        :return: An iterator of azure.ai.inference.models.BulkCompletion; with "yield", also of BulkFailure.
        :raises TypeError: An argument has another type.
        :raises ValueError: `max_concurrency` is below 1, or `on_error` is another word.
        """


class _EmbedBase(ClientBase):
    @abstractmethod
    def embed(self, *args: Any, **kwargs: Any) -> Any:
        """Generate an embedding vector for each input: inputs of similar meaning have vectors close to each other.

        An omitted keyword falls back to the client's default; without one it is not sent. A `body` is sent as it is,
        without the defaults of the client; keywords given beside it are merged into it and win.

        :param body: The whole request body, instead of keywords: a mapping, or JSON as bytes or as a binary file.
        :keyword input: What to embed: for an EmbeddingsClient texts, for an ImageEmbeddingsClient
         azure.ai.inference.models.ImageEmbeddingInput objects. Required unless there is a `body`.
        :keyword dimensions: Number of dimensions of each vector, for models that can shorten it.
        :keyword encoding_format: The encoding of the vectors, an azure.ai.inference.models.EmbeddingEncodingFormat or
         its string. The service assumes "float".
        :keyword input_type: The use of the vectors, an azure.ai.inference.models.EmbeddingInputType or its string.
        :keyword model: The name of the model, if the endpoint serves several.
        :keyword model_extras: Model-specific parameters, sent as additional keys in the body. With them, the header
         `extra-parameters: pass-through` tells the service to pass them to the model.
        :keyword kwargs: Pipeline options for this call, as for the constructor.
        :return: The embeddings, in the order of the inputs.
        :raises TypeError: `input` is missing, an argument is not JSON-serializable, or a keyword is unknown.
        :raises azure.core.exceptions.AzureError: As for ChatCompletionsClient.complete.
        """


class EmbeddingsClientBase(_EmbedBase):
    """What the sync and the async client of text embeddings share."""

    @abstractmethod
    def embed_many(self, input: Any, **kwargs: Any) -> Any:
        """Generate an embedding vector for each of many texts, in batches and several batches at once.

        The texts are read while they are worked on, at most twice `max_concurrency` batches ahead of the results, so
        they may come from a generator that never ends, and memory does not grow with their number. A batch has at most
        300,000 tokens, estimated, and 1 MB, and is sent by :meth:`embed`, with its retries. What the service refuses as
        too large is sent again in halves, and the batches that follow are smaller. Vectors are transferred as base64
        and yielded as lists of numbers, unless `encoding_format` is given here or to the client. The result is an
        iterator with `close()`, for a `with` block too: it stops the work, and neither a thread nor a task remains. The
        sync client uses threads, and its `close()` waits for the requests that are being answered; the async client
        uses tasks, takes async iterables too, and cancels them.

        :param input: An iterable of texts.
        :keyword batch_size: The most texts of one request. Default: 256.
        :keyword max_concurrency: The most requests at once. Default: 8.
        :keyword on_error: "raise": an error is raised when all items before it have been yielded. Its note, and as text
         the `continuation_token` of an AzureError, say the index of the text to resume with. "yield": a
         azure.ai.inference.models.BulkFailure takes the place of the item of each text of the request. Default:
         "raise".
        :keyword progress: A function that is called before the items of a request are yielded, with the number of texts
         done, the number of all texts or None, and their usage so far, an
         azure.ai.inference.models.EmbeddingsUsage. Default: none.
        :keyword kwargs: The keywords of :meth:`embed` for all requests.
        :return: An iterator of azure.ai.inference.models.EmbeddingItem in the order of the texts, whose `index` is
         that of the text in `input`; with "yield", also of BulkFailure.
        :raises TypeError: An argument has another type.
        :raises ValueError: A number is below 1, or `on_error` is another word.
        """


class ImageEmbeddingsClientBase(_EmbedBase):
    """What the sync and the async client of image embeddings share."""


def _without_none(items: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in items.items() if value is not None}


def client_name_for(info: models.ModelInfo) -> str:
    """The name of the client class for a model.

    :raises ValueError: No client supports the model type.
    """
    spelling = str(info.get("model_type")).lower().replace("-", "_").replace(" ", "_").removesuffix("s")
    if spelling not in _CLIENT_NAMES:
        raise ValueError(f"No client available to support AI model type `{info.get('model_type')}`")
    return _CLIENT_NAMES[spelling]


def _call(
    content: str | bytes | None, stream: bool, headers: dict[str, str], params: dict[str, Any], options: dict[str, Any]
) -> Call:
    """Make a call; the headers and query parameters that the user gave in `options` win."""
    given = options.pop("headers", None) or {}
    if given:
        check_headers(given)
    params = {**params, **(options.pop("params", None) or {})}
    for name in _IGNORED_OPTIONS:
        options.pop(name, None)
    return Call(
        content,
        stream,
        {"Accept": "application/json", **headers, **given},
        params,
        options,
        options.pop("error_map", None),
        options.pop("cls", None),
    )
