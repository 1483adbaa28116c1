"""Which parts of an update are fragments, so that those of several updates add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ATOMIC_KEYS = frozenset(("id", "type", "role", "name", "index", "format", "created", "expires_at"))
"""String keys that are sent whole and may repeat; all other strings arrive as fragments to concatenate."""

NOT_ACCUMULATED = ("choices", "obfuscation")
"""`obfuscation` is random padding against guessing a text from the sizes of its packets."""


def adds_up(choice: Mapping[str, Any]) -> bool:
    """Whether the same update of a choice gives something else if it comes twice."""
    delta = choice.get("delta") or {}
    calls = delta.get("tool_calls")
    values = [(key, value) for key, value in delta.items() if key != "tool_calls"]
    values += [("", call) for call in calls] if isinstance(calls, list) else []
    return any(_adds_up(key, value) for key, value in [*values, ("", choice.get("logprobs"))])


def _adds_up(key: str, value: Any) -> bool:
    if isinstance(value, dict):
        return any(_adds_up(inner_key, inner) for inner_key, inner in value.items())
    return bool(value) and (isinstance(value, list) or (isinstance(value, str) and key not in ATOMIC_KEYS))
