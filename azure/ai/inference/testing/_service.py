"""The test double: what a test writes into its script, and what it can ask afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError
from typing_extensions import Self

from .. import ChatCompletionsClient, EmbeddingsClient, ImageEmbeddingsClient
from .._body import encode
from . import _bodies
from ._replies import Completion, Embeddings, ErrorStatus, Info, NoResponse, Reply, Stream, ToolCalls
from ._requests import SentRequest
from ._script import Line, Script
from ._transport import Transport

if TYPE_CHECKING:
    from .. import aio

ENDPOINT = "https://fake"
_SHOWN_LENGTH = 60
_FIRST_ERROR, _AFTER_ERRORS = 400, 600
_Client = TypeVar("_Client")

When = Callable[[SentRequest], bool]


class FakeService:
    """A service that answers from a script, without a network, for sync and async clients.

    ``ChatCompletionsClient("https://fake", AzureKeyCredential("key"), **service)`` makes a client of it, and so does
    :meth:`chat_client`. Replies are used in the order in which they were written. One with ``when`` is a rule instead:
    it replies to each request that the function is true for, whatever else is waiting. ``times`` says how often a reply
    is used: once by default, and a rule without a limit. A call that the script does not fit raises
    azure.ai.inference.testing.ScriptError in the program; :meth:`assert_all_used`, or the end of a ``with`` block,
    raises it for replies that were not used, and for calls whose exception the program caught.

    The clock stands still: a client does not wait before a retry, and its ``timeout`` does not run out.
    """

    def __init__(self) -> None:
        self._script = Script()
        self._tool_call_ids = count(1)
        self.transport = Transport(self._script)
        """What clients take as ``transport``: the same one for sync and async clients."""

    @property
    def requests(self) -> list[SentRequest]:
        """The requests that were sent, oldest first. Each attempt is one."""
        return self._script.requests

    @property
    def waits(self) -> list[float]:
        """The seconds that clients would have waited before retries."""
        return self.transport.waits

    def answers(
        self,
        content: str | Mapping[str, Any] | Callable[[SentRequest], str | Mapping[str, Any]],
        *,
        finish_reason: str = "stop",
        when: When | None = None,
        times: int | None = None,
    ) -> Self:
        """Reply to ``complete()`` without ``stream=True``.

        :param content: The text; a azure.ai.inference.models.ChatCompletions or a mapping, which is sent unchanged; or
         a function of the request that returns one of them.
        :keyword finish_reason: Why the text ends, for example "length". Default: "stop".
        :keyword when: Makes the reply a rule: a function of the request, true for those that get the reply.
        :keyword times: How often the reply is used. Default: once; a rule: without a limit.
        :return: The service.
        :raises TypeError: `content` is something else, or no JSON.
        """
        if not (isinstance(content, (str, Mapping)) or callable(content)):
            raise TypeError(f"`content` must be a text, a mapping or a function, not {type(content).__name__}.")
        reply = Completion(_copied(content) if isinstance(content, Mapping) else content, finish_reason)
        return self._add(_call("answers", content), reply, when, times)

    def streams(
        self,
        *updates: str | Mapping[str, Any],
        finish_reason: str = "stop",
        when: When | None = None,
        times: int | None = None,
    ) -> Self:
        """Reply to ``complete(stream=True)``, with one update for each argument.

        :param updates: Fragments of the text, which an update with the finish reason follows. If a
         azure.ai.inference.models.StreamingChatCompletionsUpdate or a mapping is among them, nothing is added.
        :keyword finish_reason: Why the text ends. Default: "stop".
        :keyword when: Makes the reply a rule, as in :meth:`answers`.
        :keyword times: How often the reply is used, as in :meth:`answers`.
        :return: The service.
        :raises TypeError: An update is something else, or no JSON.
        """
        for update in updates:
            if not isinstance(update, (str, Mapping)):
                raise TypeError(f"An update must be a text or a mapping, not {type(update).__name__}.")
        copied = [_copied(update) if isinstance(update, Mapping) else update for update in updates]
        return self._add(_call("streams", *updates), Stream(copied, finish_reason), when, times)

    def breaks_off_after(self, updates: int) -> Self:
        """Let the stream of the reply before this one break off: ``streams("Hel", "lo").breaks_off_after(1)``.

        :param updates: How many updates arrive.
        :return: The service.
        :raises ValueError: The reply before this one is no stream, or has fewer updates.
        """
        line = self._last_line()
        if line is None or not isinstance(line.reply, Stream):
            raise ValueError('`breaks_off_after` follows a stream: service.streams("Hel", "lo").breaks_off_after(1)')
        if not 0 <= updates <= len(line.reply.updates):
            raise ValueError(f"`updates` must be from 0 to {len(line.reply.updates)}, not {updates}.")
        line.reply.breaks_after = updates
        line.text += f".breaks_off_after({updates})"
        return self

    def calls_tool(
        self,
        name: str,
        json_arguments: str | None = None,
        /,
        *,
        when: When | None = None,
        times: int | None = None,
        **arguments: Any,
    ) -> Self:
        """Reply to ``complete()`` with a call of a tool, as a stream if the request asks for one.

        :param name: The name of the function.
        :param json_arguments: The arguments as the model writes them, also if they are not valid JSON, or have the name
         of a keyword of this method. Default: the JSON of `arguments`.
        :keyword when: Makes the reply a rule, as in :meth:`answers`.
        :keyword times: How often the reply is used, as in :meth:`answers`.
        :keyword arguments: The arguments of the function.
        :return: The service.
        """
        text = json.dumps(arguments) if json_arguments is None else json_arguments
        reply = ToolCalls([(name, text)], self._tool_call_ids)
        return self._add(_call("calls_tool", name, *_given(json_arguments), **arguments), reply, when, times)

    def and_calls_tool(self, name: str, json_arguments: str | None = None, /, **arguments: Any) -> Self:
        """Add a call to the reply before this one, which has calls of tools: the model calls several at once.

        :param name: The name of the function.
        :param json_arguments: The arguments as the model writes them. Default: the JSON of `arguments`.
        :keyword arguments: The arguments of the function.
        :return: The service.
        :raises ValueError: The reply before this one calls no tool.
        """
        line = self._last_line()
        if line is None or not isinstance(line.reply, ToolCalls):
            raise ValueError('`and_calls_tool` follows a call: service.calls_tool("a").and_calls_tool("b")')
        line.reply.calls.append((name, json.dumps(arguments) if json_arguments is None else json_arguments))
        line.text += "." + _call("and_calls_tool", name, *_given(json_arguments), **arguments)
        return self

    def embeds(
        self,
        *vectors: Sequence[float],
        dimensions: int | None = None,
        when: When | None = None,
        times: int | None = None,
    ) -> Self:
        """Reply to ``embed()`` of texts or images, as numbers or in base64, as the request asks.

        :param vectors: A vector for each input. Default: made ones, which are equal for equal inputs.
        :keyword dimensions: The length of vectors that are made. Default: what the request asks for, or 8.
        :keyword when: Makes the reply a rule, as in :meth:`answers`.
        :keyword times: How often the reply is used, as in :meth:`answers`.
        :return: The service.
        :raises ValueError: `vectors` and `dimensions` are given.
        """
        if vectors and dimensions is not None:
            raise ValueError("Give either vectors or `dimensions`.")
        text = _call("embeds", *vectors, **({} if dimensions is None else {"dimensions": dimensions}))
        return self._add(text, Embeddings(vectors, dimensions), when, times)

    def model_info(
        self,
        model_name: str = _bodies.DEFAULT_MODEL,
        model_type: str = "chat-completion",
        model_provider_name: str = "fake",
        *,
        when: When | None = None,
        times: int | None = None,
    ) -> Self:
        """Reply to ``get_model_info()``, and to ``load_client``.

        :param model_name: The name of the model. Default: "fake-model".
        :param model_type: Its type, by which ``load_client`` chooses a class. Default: "chat-completion".
        :param model_provider_name: Who made the model. Default: "fake".
        :keyword when: Makes the reply a rule, as in :meth:`answers`.
        :keyword times: How often the reply is used, as in :meth:`answers`.
        :return: The service.
        """
        fields = {"model_name": model_name, "model_type": model_type, "model_provider_name": model_provider_name}
        return self._add(_call("model_info", model_name, model_type), Info(fields), when, times)

    def fails(
        self,
        reason: int | BaseException | type[BaseException],
        *,
        code: str | None = None,
        message: str | None = None,
        retry_after: float | None = None,
        when: When | None = None,
        times: int | None = None,
    ) -> Self:
        """Reply to any call with an error.

        :param reason: A status from 400 to 599, with which the service replies. Or an exception, or its class: an
         OSError such as ConnectionError or TimeoutError becomes what a transport makes of it, an
         azure.core.exceptions.AzureError stays as it is.
        :keyword code: The code of the error in the body. Default: the words of the status, ``too_many_requests``.
        :keyword message: The message of the error in the body. Default: the words of the status.
        :keyword retry_after: Seconds after which the service asks for a retry.
        :keyword when: Makes the reply a rule, as in :meth:`answers`.
        :keyword times: How often the reply is used, as in :meth:`answers`.
        :return: The service.
        :raises ValueError: `reason` is no status of an error, or has no response that the other keywords describe.
        :raises TypeError: `reason` is neither a status nor such an exception.
        """
        keywords = {"code": code, "message": message, "retry_after": retry_after}
        given = {name: value for name, value in keywords.items() if value is not None}
        reply: Reply
        if isinstance(reason, int):
            if not _FIRST_ERROR <= reason < _AFTER_ERRORS:
                raise ValueError(f"`reason` must be a status from 400 to 599, not {reason}.")
            reply = ErrorStatus(reason, _bodies.error(reason, code, message), retry_after)
        else:
            kind = reason if isinstance(reason, type) else type(reason)
            if not issubclass(kind, (OSError, AzureError)):
                raise TypeError(f"`reason` must be a status, an OSError or an AzureError, not {kind.__name__}.")
            if given:
                raise ValueError(f"Without a response there is no {', '.join(map(repr, given))}.")
            reply = NoResponse(reason)
        return self._add(_call("fails", reason, **given), reply, when, times)

    def filters_content(
        self, category: str = "violence", *, when: When | None = None, times: int | None = None
    ) -> Self:
        """Reply to any call that the content filter refuses it, with status 400.

        For a text that the filter ends, use ``answers("They", finish_reason="content_filter")``.

        :param category: The reason: "hate", "self_harm", "sexual" or "violence".
        :keyword when: Makes the reply a rule, as in :meth:`answers`.
        :keyword times: How often the reply is used, as in :meth:`answers`.
        :return: The service.
        """
        reply = ErrorStatus(_FIRST_ERROR, _bodies.content_filter_error(category))
        return self._add(_call("filters_content", category), reply, when, times)

    def chat_client(self, **options: Any) -> ChatCompletionsClient:
        """Make a client of the service. All keywords of its constructor can be given."""
        return self._client(ChatCompletionsClient, options)

    def embeddings_client(self, **options: Any) -> EmbeddingsClient:
        """Make a client of the service. All keywords of its constructor can be given."""
        return self._client(EmbeddingsClient, options)

    def image_embeddings_client(self, **options: Any) -> ImageEmbeddingsClient:
        """Make a client of the service. All keywords of its constructor can be given."""
        return self._client(ImageEmbeddingsClient, options)

    def async_chat_client(self, **options: Any) -> aio.ChatCompletionsClient:
        """Make an async client of the service. All keywords of its constructor can be given."""
        from .. import aio

        return self._client(aio.ChatCompletionsClient, options)

    def async_embeddings_client(self, **options: Any) -> aio.EmbeddingsClient:
        """Make an async client of the service. All keywords of its constructor can be given."""
        from .. import aio

        return self._client(aio.EmbeddingsClient, options)

    def async_image_embeddings_client(self, **options: Any) -> aio.ImageEmbeddingsClient:
        """Make an async client of the service. All keywords of its constructor can be given."""
        from .. import aio

        return self._client(aio.ImageEmbeddingsClient, options)

    def assert_all_used(self) -> None:
        """Check at the end of a test that the program followed the script.

        :raises ScriptError: A reply was not used, or a call that the script does not fit was made.
        """
        self._script.check()

    def keys(self) -> list[str]:
        """The keywords that ``**service`` gives to the constructor of a client."""
        return ["transport"]

    def __getitem__(self, keyword: str) -> Any:
        return {"transport": self.transport}[keyword]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if exc_type is None:
            self.assert_all_used()

    def _client(self, make: Callable[..., _Client], options: dict[str, Any]) -> _Client:
        return make(**{"endpoint": ENDPOINT, "credential": AzureKeyCredential("key"), **options, **self})

    def _add(self, text: str, reply: Reply, when: When | None, times: int | None) -> Self:
        if times is not None and times < 1:
            raise ValueError(f"`times` must be at least 1, not {times}.")
        left = 1 if times is None and when is None else times
        self._script.lines.append(Line(text, reply, when, left))
        return self

    def _last_line(self) -> Line | None:
        return self._script.lines[-1] if self._script.lines else None


def _copied(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it will be sent: the test may change it later, and an error belongs to the line that wrote it."""
    copy: dict[str, Any] = json.loads(encode(body))
    return copy


def _given(value: Any) -> list[Any]:
    return [] if value is None else [value]


def _call(method: str, /, *values: Any, **keywords: Any) -> str:
    """The text of a call as the test has it, for messages."""
    shown = [*map(_shown, values), *(f"{name}={_shown(value)}" for name, value in keywords.items())]
    return f"{method}({', '.join(shown)})"


def _shown(value: Any) -> str:
    text = str(getattr(value, "__name__", None) or repr(value))
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"
