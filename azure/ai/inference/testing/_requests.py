"""What a client sent, parsed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from azure.core.rest import HttpRequest
from azure.core.utils import CaseInsensitiveDict

CHAT = "/chat/completions"
EMBEDDINGS = "/embeddings"
IMAGE_EMBEDDINGS = "/images/embeddings"
INFO = "/info"
_ROUTES = (CHAT, IMAGE_EMBEDDINGS, EMBEDDINGS, INFO)
_SHOWN_LENGTH = 1_000


@dataclass(frozen=True)
class SentRequest:
    """A request that a client sent to a azure.ai.inference.testing.FakeService. Each attempt of a retry is one."""

    method: str
    """GET or POST."""
    url: str
    """The whole URL, with the query."""
    route: str
    """``/chat/completions``, ``/embeddings``, ``/images/embeddings`` or ``/info``; for any other URL, its path."""
    headers: Mapping[str, str] = field(repr=False)
    """The headers, by their names in any case. They contain the key."""
    body: Any
    """The JSON of the body; its text if it is not JSON, None if there is none."""

    @classmethod
    def of(cls, request: HttpRequest) -> SentRequest:
        """Parse a request of azure-core."""
        content: Any = request.content
        text = content.decode(errors="replace") if isinstance(content, bytes) else content
        try:
            body = None if text is None else json.loads(text)
        except ValueError:
            body = text
        path = urlsplit(request.url).path
        route = next((route for route in _ROUTES if path.endswith(route)), path)
        headers: Mapping[str, str] = CaseInsensitiveDict(request.headers)
        return cls(request.method, request.url, route, headers, body)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages as they were sent: they are equal to the messages of the package that they were made of."""
        messages: list[dict[str, Any]] = self._get("messages", [])
        return messages

    @property
    def input(self) -> list[Any]:
        """The texts or images to embed."""
        value: Any = self._get("input", [])
        return [value] if isinstance(value, str) else value

    @property
    def stream(self) -> bool:
        """Whether a stream was asked for."""
        return bool(self._get("stream", False))

    @property
    def keywords(self) -> dict[str, Any]:
        """All other keys of the body: what the program gave, the defaults of the client, and `model_extras`."""
        body: dict[str, Any] = self.body if isinstance(self.body, dict) else {}
        return {key: value for key, value in body.items() if key not in ("messages", "input", "stream")}

    @property
    def query(self) -> dict[str, str]:
        """The query of the URL."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    def _get(self, key: str, default: Any) -> Any:
        return self.body.get(key, default) if isinstance(self.body, dict) else default

    def __str__(self) -> str:
        """The request as messages of errors show it: without headers, which contain the key."""
        if self.body is None:
            return f"{self.method} {self.route}"
        text = json.dumps(self.body, ensure_ascii=False)
        shown = text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}… ({len(text)} characters)"
        return f"{self.method} {self.route}\n  {shown}"
