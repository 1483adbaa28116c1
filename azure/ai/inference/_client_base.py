"""The half of the clients that does not await: what a call sends, and the documentation.

Every public method is documented here, once; the clients of both worlds inherit it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, Union

from ._body import Body, encode, given_items, merge_body
from ._configuration import Configuration
from ._lazy_models import models

Messages: TypeAlias = Sequence[Union["models.ChatRequestMessage", Mapping[str, Any]]]
Images: TypeAlias = Sequence[Union["models.ImageEmbeddingInput", Mapping[str, Any]]]
Tools: TypeAlias = Sequence[Union["models.ChatCompletionsToolDefinition", Mapping[str, Any]]]
ToolChoice: TypeAlias = Union[
    "models.ChatCompletionsToolChoicePreset", "models.ChatCompletionsNamedToolChoice", str, Mapping[str, Any]
]

_CLIENT_NAMES = {
    "chat": "ChatCompletionsClient",
    "chat_completion": "ChatCompletionsClient",
    "completion": "ChatCompletionsClient",
    "embedding": "EmbeddingsClient",
    "text_embedding": "EmbeddingsClient",
    "image_embedding": "ImageEmbeddingsClient",
}
"""The clients by type of model, in the singular and with underscores: endpoints spell the types in several ways."""

NO_MODEL_INFO = "Model information is not available on this endpoint."
NO_LOAD_CLIENT = (
    "`load_client` function does not work on this endpoint. "
    "Construct ChatCompletionsClient, EmbeddingsClient or ImageEmbeddingsClient instead."
)


class Call(NamedTuple):
    """One call of a client, ready to be sent."""

    content: bytes | None
    """The body of the request."""
    stream: bool
    """Whether the body asks for a stream."""
    headers: dict[str, str]
    """Headers of the call; those of the user win over ours."""
    params: dict[str, Any]
    """Query parameters from the user."""
    options: dict[str, Any]
    """What is left of the keywords: settings of the pipeline."""

    def __repr__(self) -> str:
        return f"Call(stream={self.stream})"  # the rest may hold keys


class ClientBase(ABC):
    """What all clients share."""

    _config: Configuration
    _defaults: Mapping[str, Any]
    _default_extras: Mapping[str, Any]
    _model_info: models.ModelInfo | None = None

    @abstractmethod
    def __init__(self, endpoint: str, credential: Any, **kwargs: Any) -> None:
        """Make a client.

        What shapes the answers may be given here as the default of every call; the method that calls describes it. All
        other keywords are settings of the pipeline of azure-core. Most of them can be given to a call, too.

        :param endpoint: The URL of the endpoint, without the route.
        :param credential: An ~azure.core.credentials.AzureKeyCredential, or a token credential of azure-identity.
        :keyword model_extras: Further keys of every request; those of a call replace them.
        :keyword api_version: The version of the API, sent with each request. None sends none. Default: what the kind
         of the endpoint needs.
        :keyword credential_scopes: The scopes of Entra ID tokens. Default: what the kind of the endpoint needs.
        :keyword timeout: Seconds that a call may take, all attempts together; of a stream, until it begins. Default:
         no limit.
        :keyword connection_timeout: Seconds to wait for a connection. Default: 300.
        :keyword read_timeout: Seconds to wait for the next bytes, also within a stream. Default: 300.
        :keyword retry_total: How often a request is sent again after a broken connection, or the status 408, 429, 500,
         502, 503 or 504. Default: 10, and at most 3 of each kind (`retry_connect`, `retry_read`, `retry_status`).
        :keyword retry_backoff_factor: Seconds to wait before the first of these, twice as long before each next one,
         and at random down to half of that. Default: 0.8.
        :keyword retry_after_max: Seconds that the service may ask us to wait instead; where it asks for more, its
         error is raised at once. Default: 120.
        :keyword headers: HTTP headers of every request. They win over those of the client.
        :keyword user_agent: What stands before the name of this package in the header User-Agent.
        :keyword logging_enable: Whether whole requests and responses are logged at DEBUG, without keys. Default: no.
        :keyword transport: What sends the requests. Default: a transport of azure-core.
        :raises ValueError: `endpoint` or `credential` is None, `endpoint` is no http(s) URL, or a default cannot be
         sent.
        :raises TypeError: `endpoint` or `credential` is of another type.
        """

    def __str__(self) -> str:
        return repr(self) if self._model_info is None else f"{self!r}\n{self._model_info}"

    def _set_defaults(self, arguments: Mapping[str, Any], model_extras: Mapping[str, Any] | None) -> None:
        """Keep the arguments of a constructor that calls fall back on."""
        self._defaults = given_items(arguments)
        self._default_extras = dict(model_extras or {})

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
        extras.update((key, value) for key, value in (pass_through or {}).items() if value is not None)
        if body is None:
            required = next(iter(arguments))
            if required not in given:
                raise TypeError(f"missing required argument: {required}")
            if not model_extras:
                extras = {**self._default_extras, **extras}
            defaults = self._defaults
            merged = {key: value for key in arguments if (value := given.get(key, defaults.get(key))) is not None}
            content, stream = encode({**merged, **extras}), bool(merged.get("stream"))
        else:
            content, stream = merge_body(body, {**given, **extras})
        headers = {"Content-Type": options.pop("content_type", "application/json")}
        if extras:
            headers["extra-parameters"] = "pass-through"
        return _call(content, stream, headers, {}, options)

    def _prepare_model_info(self, model: str | None, options: Mapping[str, Any]) -> Call:
        return _call(None, False, {}, {} if model is None else {"model": model}, dict(options))

    @abstractmethod
    def close(self) -> Any:
        """Close the connections of the client. Closing twice is fine."""

    @abstractmethod
    def send_request(self, request: Any, *, stream: bool = False, **kwargs: Any) -> Any:
        """Send a request of your own through the pipeline of the client: authenticated, retried, logged and traced.

        :param request: An ~azure.core.rest.HttpRequest; a relative URL is resolved against the endpoint.
        :keyword stream: Whether the body of the response is left to be read by the caller. Default: False.
        :return: The response, whatever its status.
        :raises ~azure.core.exceptions.AzureError: No response came.
        """

    @abstractmethod
    def get_model_info(self, *, model: str | None = None, **kwargs: Any) -> Any:
        """Ask the endpoint about its model.

        The answer is kept, and given again without another request; `print(client)` shows it. Serverless and managed
        compute endpoints answer; Azure OpenAI, GitHub Models and OpenAI-compatible servers do not know the route.

        :keyword model: The name of one of several models that the endpoint serves, from the API version 2025-04-01 on.
         Its answer is not kept. Default: the model of the endpoint.
        :return: The name, the type and the provider of the model.
        :raises ~azure.core.exceptions.ResourceNotFoundError: The endpoint does not know the route.
        :raises ~azure.core.exceptions.HttpResponseError: The service refused the request.
        """


class ChatCompletionsClientBase(ClientBase):
    """What the clients of chat completions share."""

    @abstractmethod
    def complete(self, *args: Any, **kwargs: Any) -> Any:
        """Answer a conversation.

        What is not given falls back on the defaults of the client, and is not sent where there is none: then the
        default of the service counts. A `body` is sent as it is, without the defaults of the client; keywords given
        beside it are added to it and win.

        :param body: The whole request, instead of keywords: a mapping, or JSON as bytes or as a binary file.
        :keyword messages: The conversation so far, as message objects or mappings. Required unless there is a `body`.
        :keyword stream: Whether to return the answer piece by piece while it is generated. Default: False.
        :keyword frequency_penalty: How strongly to avoid words by how often they came up already, -2 to 2. The API
         assumes 0.
        :keyword presence_penalty: How strongly to avoid words that came up already at all, -2 to 2. The API assumes 0.
        :keyword temperature: How freely to pick each word, from 0 (always the likeliest) to 1; some models take 2.
         The API assumes 0.7.
        :keyword top_p: Pick among the likeliest words that together have this share of the probability, 0 to 1.
         Change this or `temperature`, not both. The API assumes 1.
        :keyword max_tokens: How many tokens the answer may have at most.
        :keyword response_format: "text", "json_object" (the messages, too, have to ask for JSON), a
         ~azure.ai.inference.models.JsonSchemaFormat, a class with a method `model_json_schema` such as a pydantic
         model, or a mapping as it travels.
        :keyword stop: Texts before which the answer ends.
        :keyword tools: The tools that the model may call, as
         ~azure.ai.inference.models.ChatCompletionsToolDefinition objects or mappings.
        :keyword tool_choice: Whether the model calls tools: a
         ~azure.ai.inference.models.ChatCompletionsToolChoicePreset, its string, a
         ~azure.ai.inference.models.ChatCompletionsNamedToolChoice, or a mapping. The service assumes "auto" when there
         are tools.
        :keyword seed: With the same seed and the same request, the service tries to give the same answer.
        :keyword model: The name of the model, where the endpoint serves several.
        :keyword model_extras: Further keys of the body that the model understands. With them, the header
         `extra-parameters: pass-through` asks the service to hand them on.
        :keyword max_completion_tokens: How many tokens the answer and the thinking before it may have at most. This and
         the keywords below are for models that know them; they travel as `model_extras` do, and win over them.
        :keyword n: How many answers to give.
        :keyword logprobs: Whether to tell how probable the tokens of the answer were.
        :keyword top_logprobs: How many likely tokens to tell at each place, 0 to 20. Needs `logprobs`.
        :keyword logit_bias: How much to favour tokens, -100 to 100, by their number in the vocabulary, as a string.
        :keyword parallel_tool_calls: Whether one answer may hold several tool calls.
        :keyword reasoning_effort: How hard to think before the answer: "minimal", "low", "medium" or "high".
        :keyword stream_options: Settings of a stream: `{"include_usage": True}` adds an update with the usage.
        :keyword modalities: What the answer is made of: "text", "audio".
        :keyword user: Who the answer is for, by a name of yours, for the service to see abuse.
        :keyword metadata: Notes that the service keeps with a stored answer.
        :keyword store: Whether the service stores the answer.
        :keyword kwargs: Settings of the pipeline for this call, as for the constructor.
        :return: The answer; with `stream=True`, or a `body` that says so, a stream of updates.
        :raises TypeError: `messages` is missing, an argument cannot be sent as JSON, or a keyword is unknown.
        :raises ValueError: `response_format` is of an unknown kind.
        :raises ~azure.core.exceptions.HttpResponseError: The service refused the request; ClientAuthenticationError
         for status 401, ResourceNotFoundError for 404, DecodeError where the answer is not what the API sends.
        :raises ~azure.core.exceptions.ServiceRequestError: The service could not be reached.
        :raises ~azure.core.exceptions.ServiceResponseError: The connection broke; ServiceResponseTimeoutError where no
         answer came in time.
        """


class _EmbedBase(ClientBase):
    @abstractmethod
    def embed(self, *args: Any, **kwargs: Any) -> Any:
        """Turn each input into a vector, such that inputs of like meaning have vectors that are near each other.

        What is not given falls back on the defaults of the client, and is not sent where there is none. A `body` is
        sent as it is, without the defaults of the client; keywords given beside it are added to it and win.

        :param body: The whole request, instead of keywords: a mapping, or JSON as bytes or as a binary file.
        :keyword input: What to embed: for an EmbeddingsClient texts, for an ImageEmbeddingsClient
         ~azure.ai.inference.models.ImageEmbeddingInput objects. Required unless there is a `body`.
        :keyword dimensions: How many numbers each vector has, for models that can shorten it.
        :keyword encoding_format: How the numbers travel, an ~azure.ai.inference.models.EmbeddingEncodingFormat or its
         string. The service assumes "float".
        :keyword input_type: What the vectors are for, an ~azure.ai.inference.models.EmbeddingInputType or its string.
        :keyword model: The name of the model, where the endpoint serves several.
        :keyword model_extras: Further keys of the body that the model understands. With them, the header
         `extra-parameters: pass-through` asks the service to hand them on.
        :keyword kwargs: Settings of the pipeline for this call, as for the constructor.
        :return: The vectors, in the order of the inputs.
        :raises TypeError: `input` is missing, an argument cannot be sent as JSON, or a keyword is unknown.
        :raises ~azure.core.exceptions.AzureError: As for ChatCompletionsClient.complete.
        """


class EmbeddingsClientBase(_EmbedBase):
    """What the clients that embed texts share."""


class ImageEmbeddingsClientBase(_EmbedBase):
    """What the clients that embed images share."""


def client_name_for(info: models.ModelInfo) -> str:
    """The name of the client class for a model.

    :raises ValueError: There is none.
    """
    spelling = str(info.get("model_type")).lower().replace("-", "_").replace(" ", "_").removesuffix("s")
    if spelling not in _CLIENT_NAMES:
        raise ValueError(f"No client available to support AI model type `{info.get('model_type')}`")
    return _CLIENT_NAMES[spelling]


def _call(
    content: bytes | None, stream: bool, headers: dict[str, str], params: dict[str, Any], options: dict[str, Any]
) -> Call:
    """Complete a call with what the user gave in `options`, which wins."""
    headers = {"Accept": "application/json", **headers, **(options.pop("headers", None) or {})}
    return Call(content, stream, headers, {**params, **(options.pop("params", None) or {})}, options)
