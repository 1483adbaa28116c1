"""Types to JSON Schemas, and JSON to values of these types.

The `TypeAdapter` of pydantic does both for every type: pydantic models, dataclasses, TypedDicts, and what they hold.
pydantic is an extra, and imported when a type is given.

In strict mode, services accept a subset of JSON Schema, and documentation differs on what is in it. So a strict schema
has only what all of them support. What restricts single values is told to the model in the description instead, and
checked when the answer is parsed. What cannot be expressed is refused.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

_T = TypeVar("_T")

_STRICT_KEYWORDS = frozenset(("$ref", "const", "description", "enum", "type"))
_NESTED_SCHEMAS = frozenset(("$defs", "anyOf", "items", "oneOf"))
_DROPPED_KEYWORDS = frozenset(("default", "discriminator", "examples", "properties", "required", "title"))
_HEAD = 200
"""The number of characters that an error message shows of an answer."""


def import_pydantic() -> Any:
    """Return the module pydantic.

    :raises ImportError: It is not installed.
    """
    try:
        import pydantic
    except ImportError as error:
        raise ImportError("Types and functions need pydantic: pip install azure-ai-inference[structured]") from error
    return pydantic


def wire_name(value: Any) -> str:
    """Return the name of a class or a function as services accept it: letters, digits, underscores and dashes."""
    name = getattr(value, "__name__", None) or type(value).__name__
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64]


def _cached_by_class(function: Callable[..., _T]) -> Callable[..., _T]:
    """Cache a function of a type, for types that are classes: others need not be hashable, and are rarely used."""
    cached = functools.lru_cache(maxsize=128)(function)

    @functools.wraps(function)
    def call(type_: Any, *more: Any) -> _T:
        return cached(type_, *more) if isinstance(type_, type) else function(type_, *more)

    return call


@contextmanager
def _type_errors(name: str) -> Generator[None, None, None]:
    """Raise a TypeError instead of what pydantic raises for types that it does not support."""
    pydantic = import_pydantic()
    try:
        yield
    except (pydantic.PydanticUserError, pydantic.errors.PydanticUndefinedAnnotation) as error:
        raise TypeError(f"{name} is not supported: {str(error).splitlines()[0]}") from error


def describe(type_: Any, name: str) -> tuple[Any, dict[str, Any]]:
    """Return what validates JSON as a type, and the JSON Schema of the type.

    :param type_: The type.
    :param name: What an error message calls it.
    :raises TypeError: The type has no JSON Schema.
    """
    pydantic = import_pydantic()
    from pydantic.json_schema import GenerateJsonSchema

    class WithoutTitles(GenerateJsonSchema):
        def field_title_should_be_set(self, schema: Any) -> bool:
            return False  # a title repeats the name of the field

    with _type_errors(name):
        adapter = pydantic.TypeAdapter(type_)
        return adapter, adapter.json_schema(schema_generator=WithoutTitles)


@_cached_by_class
def object_schema(type_: Any, strict: bool) -> dict[str, Any]:
    """Return the JSON Schema of a type whose values are JSON objects. It is not to be changed.

    :raises TypeError: The type has no JSON Schema, its values are no objects, or strict mode has no words for it.
    """
    name = _name(type_)
    _, schema = describe(type_, name)
    if "$ref" in schema:  # a recursive type; services want to see the object itself at the root
        schema = {**schema["$defs"][schema["$ref"].removeprefix("#/$defs/")], "$defs": schema["$defs"]}
    if schema.get("type") != "object":
        raise TypeError(
            f"{name} is not a JSON object: the root must be a pydantic model, a dataclass or a TypedDict; give it the "
            "type as a field."
        )
    return strict_schema(schema, name) if strict else schema


def strict_schema(schema: dict[str, Any], path: str) -> dict[str, Any]:
    """Return a JSON Schema in the form that strict mode demands.

    :param schema: A JSON Schema as pydantic makes it.
    :param path: What an error message calls it.
    :raises TypeError: The schema has a keyword that strict mode does not support.
    """
    made: dict[str, Any] = {}
    restrictions = []
    for key, value in schema.items():
        if key in _NESTED_SCHEMAS:
            made.update(_nested(key, value, path))
        elif key in _STRICT_KEYWORDS:
            made[key] = value
        elif key not in _DROPPED_KEYWORDS and value is not False:
            restrictions.append(_restriction(key, value, path))
    if schema.get("type") == "object":
        if "properties" not in schema:  # older pydantic says no more of a dict
            raise TypeError(_unsupported("additionalProperties", path))
        properties = schema["properties"]
        made["properties"] = {name: strict_schema(item, f"{path}.{name}") for name, item in properties.items()}
        made["required"] = list(properties)
        made["additionalProperties"] = False
    if made.keys().isdisjoint(("type", "enum", "const", "anyOf", "$ref")):
        raise TypeError(_unsupported("a value of any type", path))
    if restrictions:
        made["description"] = f"{made.get('description', '')} ({', '.join(restrictions)})".lstrip()
    if "$ref" in made and len(made) > 1:
        made["anyOf"] = [{"$ref": made.pop("$ref")}]  # services refuse a $ref with siblings
    return made


def _nested(key: str, value: Any, path: str) -> dict[str, Any]:
    if key == "$defs":
        return {key: {name: strict_schema(item, name) for name, item in value.items()}}
    if key == "items":
        return {key: strict_schema(value, f"{path}[]")}
    return {"anyOf": [strict_schema(item, path) for item in value]}


def _restriction(key: str, value: Any, path: str) -> str:
    """Return the words for a keyword that restricts single values.

    :raises TypeError: The keyword does more than that.
    """
    if key == "additionalProperties" or not isinstance(value, (str, int, float)):
        raise TypeError(_unsupported(key, path))
    return f"{key}: {value}"


def _unsupported(what: str, path: str) -> str:
    return f"`{path}`: {what} is not supported in strict mode. Change the type, or give `strict=False`."


def to_json(value: Any) -> str:
    """Return a value as JSON: what pydantic can serialize.

    :raises ValueError: pydantic cannot serialize it.
    """
    text: bytes = import_pydantic().TypeAdapter(Any).dump_json(value)
    return text.decode()


def _name(type_: Any) -> str:
    return getattr(type_, "__name__", None) or str(type_)


@_cached_by_class
def _adapter(type_: Any) -> Any:
    with _type_errors(_name(type_)):
        return import_pydantic().TypeAdapter(type_)


def parse_json(text: str, type_: type[_T]) -> _T:
    """Return the value of a type that JSON text holds.

    :raises ValueError: The text is not valid JSON, or does not fit the type (pydantic.ValidationError).
    :raises TypeError: The type cannot be read from JSON.
    """
    pydantic = import_pydantic()
    adapter = _adapter(type_)
    try:
        value: _T = adapter.validate_json(text)
    except pydantic.ValidationError as error:
        if error.errors()[0]["type"] != "json_invalid":
            raise
        raise ValueError(f"The answer is not valid JSON: {text[:_HEAD]!r}") from error
    return value
