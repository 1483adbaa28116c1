"""What `complete_many` and `embed_many` yield, in addition to the models of the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._models import ChatCompletions, ChatRequestMessage


@dataclass(frozen=True)
class BulkCompletion:
    """The completion of one request of `complete_many`."""

    index: int
    """The index of the request in the input, from 0."""
    request: Sequence[ChatRequestMessage | Mapping[str, Any]] | Mapping[str, Any]
    """The request as it was given: messages, or a mapping of keywords."""
    completion: ChatCompletions
    """The completion."""
    error: None = None
    """None: :class:`BulkFailure` has the error of a request that failed."""


@dataclass(frozen=True)
class BulkFailure:
    """An input of `complete_many` or `embed_many` that failed, with `on_error="yield"`."""

    index: int
    """The index of the input, from 0."""
    request: Any
    """The input as it was given: for `complete_many` messages or a mapping of keywords, for `embed_many` a text."""
    error: Exception
    """Why it failed: what the call of `complete` or `embed` raised, or a TypeError about the input."""
    completion: None = None
    """None: :class:`BulkCompletion` has the completion of a request that succeeded."""
