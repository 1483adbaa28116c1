"""The methods of models that make a response format of a type, and a value of the type of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from typing_extensions import Self

_T = TypeVar("_T")

_CUT_ANSWERS = {
    "content_filter": "The answer was cut by the content filter.",
    "length": "The answer was cut: it reached the maximum number of tokens.",
}


class ParsedMessage:
    """A message whose text can be parsed."""

    __slots__ = ()

    def parse(self: Any, type: type[_T]) -> _T:
        """Return the value that the text of the message holds as JSON.

        Needs the extra `structured`.

        :param type: The type of the value: a pydantic model, a dataclass, a TypedDict, or another type that pydantic
         supports.
        :raises ValueError: The model refused to answer, the text is empty or not valid JSON, or it does not fit the
         type (pydantic.ValidationError).
        :raises TypeError: pydantic does not support the type.
        :raises ImportError: pydantic is not installed.
        """
        return _parse(self, type)


class ParsedCompletion:
    """A completion whose text can be parsed."""

    __slots__ = ()

    def parse(self: Any, type: type[_T]) -> _T:
        """Return the value that the text of the first choice holds as JSON.

        Needs the extra `structured`. `choices[1].message.parse(type)` parses another choice.

        :param type: The type of the value: a pydantic model, a dataclass, a TypedDict, or another type that pydantic
         supports.
        :raises ValueError: The model refused to answer, the answer was cut by the maximum number of tokens or by the
         content filter, the text is empty or not valid JSON, or it does not fit the type (pydantic.ValidationError).
        :raises TypeError: pydantic does not support the type.
        :raises ImportError: pydantic is not installed.
        """
        if not self.get("choices"):
            raise ValueError("The answer is empty: it holds no choice.")
        choice = self["choices"][0]
        if choice.get("finish_reason") in _CUT_ANSWERS:
            raise ValueError(_CUT_ANSWERS[choice["finish_reason"]])
        return _parse(choice.get("message") or {}, type)


class TypedFormat:
    """A response format that can be made of a type."""

    __slots__ = ()

    @classmethod
    def from_type(
        cls, type: type[Any], *, name: str | None = None, description: str | None = None, strict: bool = True
    ) -> Self:
        """Make the format for answers that are values of a type.

        Needs the extra `structured`. In strict mode, all fields are required, other keys are forbidden, and defaults
        are not sent. Restrictions such as a minimum are sent as part of the description, as services do not support
        all of them; `parse` checks them.

        :param type: A pydantic model, a dataclass or a TypedDict.
        :keyword name: The name of the format. Default: the name of the type.
        :keyword description: What the format is for. Default: not sent.
        :keyword strict: Whether the model must follow the schema exactly. Default: True.
        :raises TypeError: The type is no JSON object, has no JSON Schema, or has no schema that strict mode supports.
        :raises ImportError: pydantic is not installed.
        """
        from .._structured import object_schema, wire_name

        made: dict[str, Any] = {"name": name or wire_name(type), "schema": object_schema(type, strict)}
        if description is not None:
            made["description"] = description
        make: Any = cls  # whose other base is a model
        made_format: Self = make({**made, "strict": strict})
        return made_format


def _parse(message: Mapping[str, Any], type_: type[_T]) -> _T:
    from .._structured import parse_json

    if message.get("refusal"):
        raise ValueError(f"The model refused to answer: {message['refusal']}")
    text = message.get("content")
    if not isinstance(text, str) or not text.strip():
        what = "tool calls, and no text" if message.get("tool_calls") else "no text"
        raise ValueError(f"The answer is empty: it holds {what}.")
    return parse_json(text, type_)
