"""Accumulates the updates of a stream into one completion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._fragments import ATOMIC_KEYS, NOT_ACCUMULATED
from ._models import ChatCompletions


class _Fragments(list[str]):
    """The fragments of a string that is not complete yet."""


class CompletionAccumulator:
    """Accumulates updates, in their JSON form, into one completion.

    Choices and tool calls are identified by their index. If a service sends no index for tool calls, or the same index
    for all, a new `id` starts a new call.
    """

    def __init__(self) -> None:
        self._completion: dict[str, Any] = {}
        self._choices: dict[int, dict[str, Any]] = {}

    def add(self, body: Mapping[str, Any]) -> None:
        """Add the next update."""
        for key, value in body.items():
            if key not in NOT_ACCUMULATED and (value or key not in self._completion):
                self._completion[key] = value
        for update in body.get("choices") or ():
            self._add_choice(update)

    def _add_choice(self, update: Mapping[str, Any]) -> None:
        index = update.get("index")
        index = index if isinstance(index, int) else 0
        choice = self._choices.setdefault(index, {"index": index, "finish_reason": None, "message": {}})
        delta = update.get("delta")
        if isinstance(delta, Mapping):
            calls = delta.get("tool_calls")
            _merge(choice["message"], {key: value for key, value in delta.items() if key != "tool_calls"})
            for fragment in calls if isinstance(calls, list) else ():
                _add_call(choice["message"].setdefault("tool_calls", []), fragment)
        if isinstance(update.get("logprobs"), Mapping):
            _merge(choice, {"logprobs": update["logprobs"]})
        for key, value in update.items():
            if key not in ("index", "delta", "logprobs") and value is not None:
                old = choice.get(key)
                choice[key] = {**old, **value} if isinstance(old, dict) and isinstance(value, Mapping) else value

    def completion(self) -> ChatCompletions:
        """Return the completion that has been accumulated so far."""
        choices = [_joined(self._choices[index]) for index in sorted(self._choices)]
        for choice in choices:
            choice["message"].setdefault("content", None)
            calls = choice["message"].get("tool_calls")
            for call in filter(_is_object, calls if isinstance(calls, list) else ()):
                call.pop("index", None)
                call["type"] = "function"
        return ChatCompletions._from_wire({**self._completion, "object": "chat.completion", "choices": choices})


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _add_call(calls: list[dict[str, Any]], fragment: Any) -> None:
    if not isinstance(fragment, Mapping):
        return
    call_id, index = fragment.get("id"), fragment.get("index")
    for call in reversed(calls):
        if index in (None, call.get("index")) and (not call_id or call.get("id") in (None, "", call_id)):
            _merge(call, fragment)
            return
    calls.append({})
    _merge(calls[-1], fragment)


def _merge(target: dict[str, Any], update: Mapping[str, Any]) -> None:
    for key, value in update.items():
        old = target.get(key)
        if isinstance(value, Mapping):
            if not isinstance(old, dict):
                old = target[key] = {}
            _merge(old, value)
        elif isinstance(value, str) and key not in ATOMIC_KEYS:
            if not isinstance(old, _Fragments):
                old = target[key] = _Fragments()
            old.append(value)
        elif isinstance(value, list) and type(old) is list:
            old.extend(value)
        elif value or old is None:
            target[key] = list(value) if isinstance(value, list) else value


def _joined(value: Any) -> Any:
    if isinstance(value, _Fragments):
        return "".join(value)
    if isinstance(value, dict):
        return {key: _joined(item) for key, item in value.items()}
    return [_joined(item) for item in value] if isinstance(value, list) else value
