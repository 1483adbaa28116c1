"""Functions as tools: their definitions, and calls with arguments that a model generated."""

import copy
import dataclasses
import datetime as dt
import enum
import functools
import json
import pickle
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pydantic
import pytest
from azure.ai.inference._tools import InvalidToolCallError, Tool, read_docstring
from azure.ai.inference.models import ChatCompletionsToolDefinition, UserMessage
from typing_extensions import Doc, TypedDict

MESSAGES = [UserMessage("How warm is it in Oslo?")]


class Unit(enum.Enum):
    CELSIUS = "C"
    FAHRENHEIT = "F"


@dataclasses.dataclass
class Place:
    city: str
    country: str = "Norway"


class Box(TypedDict):
    size: int


class Item(pydantic.BaseModel):
    name: str


def temperature(city: str, unit: Unit = Unit.CELSIUS) -> str:
    """Return the temperature in a city.

    :param city: The city.
    """
    return f"{city} {unit.name}"


async def forecast(city: str) -> str:
    """Return the forecast for a city."""
    return city


DEFINITION = {
    "type": "function",
    "function": {
        "name": "temperature",
        "description": "Return the temperature in a city.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "The city."},
                "unit": {"$ref": "#/$defs/Unit"},
            },
            "required": ["city"],
            "additionalProperties": False,
            "$defs": {"Unit": {"enum": ["C", "F"], "title": "Unit", "type": "string"}},
        },
    },
}


async def test_functions_are_sent_as_definitions(twin, service):
    plain = {"type": "function", "function": {"name": "plain"}}
    tools = [temperature, plain]
    await twin.chat().complete(messages=MESSAGES, tools=tools)
    await twin.chat(tools=(temperature,)).complete(messages=MESSAGES)
    assert service.requests[0].json["tools"] == [DEFINITION, plain]
    assert service.requests[1].json["tools"] == [DEFINITION]
    assert tools == [temperature, plain]


@pytest.mark.off_spec
async def test_name_description_and_strict_of_a_definition(twin, service):
    definition = ChatCompletionsToolDefinition.from_function(
        temperature, name="warmth", description="How warm it is.", strict=True
    )
    assert (definition.type, definition.function.name) == ("function", "warmth")
    assert (definition.function.description, definition.function.strict) == ("How warm it is.", True)
    assert definition.function.parameters["required"] == ["city", "unit"]
    await twin.chat().complete(messages=MESSAGES, tools=[definition])
    assert service.request.json["tools"] == [definition]


def test_a_copy_and_a_pickle_of_a_definition_are_plain():
    definition = ChatCompletionsToolDefinition.from_function(lambda: None)
    for other in (pickle.loads(pickle.dumps(definition)), copy.copy(definition), copy.deepcopy(definition)):
        assert other == definition == {"type": "function", "function": Tool(lambda: None).definition}
        assert vars(other) == {}


@pytest.mark.parametrize(
    ("type_", "schema", "sent", "value"),
    [
        (str, {"type": "string"}, "a", "a"),
        (int, {"type": "integer"}, 1, 1),
        (float, {"type": "number"}, 1.5, 1.5),
        (bool, {"type": "boolean"}, True, True),
        (None, {"type": "null"}, None, None),
        (list[int], {"type": "array", "items": {"type": "integer"}}, [1], [1]),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1}, {"a": 1}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}, [1, 2], (1, 2)),
        (
            tuple[int, str],
            {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2},
            [1, "a"],
            (1, "a"),
        ),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}, "b", "b"),
        (Unit, {"$ref": "#/$defs/Unit"}, "F", Unit.FAHRENHEIT),
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}, None, None),
        (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "a", "a"),
        (Annotated[int, "A number."], {"type": "integer", "description": "A number."}, 1, 1),
        (Annotated[int, Doc("A number.")], {"type": "integer", "description": "A number."}, 1, 1),
        (Annotated[int, pydantic.Field(ge=0)], {"type": "integer", "minimum": 0, "description": "From text."}, 1, 1),
        (dt.date, {"type": "string", "format": "date"}, "2026-01-02", dt.date(2026, 1, 2)),
        (Place, {"$ref": "#/$defs/Place"}, {"city": "Oslo"}, Place("Oslo")),
        (Box, {"$ref": "#/$defs/Box"}, {"size": 1}, {"size": 1}),
        (Item, {"$ref": "#/$defs/Item"}, {"name": "a"}, Item(name="a")),
        ("list[int]", {"type": "array", "items": {"type": "integer"}}, [1], [1]),
        ("Place", {"$ref": "#/$defs/Place"}, {"city": "Oslo"}, Place("Oslo")),
        (Any, {}, [1], [1]),
    ],
)
def test_types_of_parameters(type_, schema, sent, value):
    def tool(given):
        """:param given: From text."""
        return given

    tool.__annotations__ = {"given": type_}
    made = Tool(tool)
    assert made.definition["parameters"]["properties"] == {"given": {"description": "From text.", **schema}}
    assert made(json.dumps({"given": sent})) == value


def untyped(city):
    pass


def many(*cities: str):
    pass


def more(**cities: str):
    pass


def unknown(city):
    pass


unknown.__annotations__ = {"city": "Missing"}


def callback(name: str, city: Callable[[], str]):
    pass


def unknown_inside(name: str, city: list[type("Unknown", (), {})]):
    pass


class Thermometer:
    """Measures."""

    offset = 1

    def read(self, city: str) -> str:
        """Read it."""
        return city * self.offset

    async def __call__(self, cities: list[str]) -> int:
        """Read all."""
        return len(cities)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (untyped, "Parameter `city` of the tool `untyped` cannot be described: it needs a name and a type"),
        (many, "Parameter `cities` of the tool `many` cannot be described"),
        (more, "Parameter `cities` of the tool `more` cannot be described"),
        (unknown, "Parameter `city` of the tool `unknown` cannot be described: name 'Missing' is not defined"),
        (callback, "Parameter `city` of the tool `callback` is not supported"),
        (unknown_inside, "Parameter `city` of the tool `unknown_inside` is not supported"),
        (Thermometer.read, "Parameter `self` of the tool `read` cannot be described"),
        (Thermometer, "A tool must be a function, not <class"),
        (dict.fromkeys, "cannot be described|Parameter `iterable`"),
        (min, "The tool <built-in function min> cannot be described: no signature found"),
    ],
)
async def test_what_cannot_be_described_is_refused_by_name(twin, service, function, words):
    with pytest.raises(TypeError, match=words):
        await twin.chat().complete(messages=MESSAGES, tools=[function])
    assert service.requests == []


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="A tool must be a function, not 5"):
        ChatCompletionsToolDefinition.from_function(5)


def test_strict_mode_refuses_by_name_what_it_does_not_support():
    def tool(place: dict[str, int]):
        pass

    with pytest.raises(TypeError, match=r"`tool\.place`: additionalProperties is not supported in strict mode"):
        ChatCompletionsToolDefinition.from_function(tool, strict=True)


def mixed(a: int, b: int = 2, /, c: int = 3, *, d: int = 4) -> tuple[int, ...]:
    return a, b, c, d


@pytest.mark.parametrize(
    ("function", "name", "keys", "arguments", "result"),
    [
        (mixed, "mixed", ["a", "b", "c", "d"], '{"a": 1}', (1, 2, 3, 4)),
        (mixed, "mixed", ["a", "b", "c", "d"], '{"d": 0, "a": 1, "c": 9}', (1, 2, 9, 0)),
        (functools.partial(mixed, 7, d=8), "mixed", ["b", "c"], '{"c": 1}', (7, 2, 1, 8)),
        (functools.partial(functools.partial(untyped, city=1)), "untyped", [], "", None),
        (Thermometer().read, "read", ["city"], '{"city": "Oslo"}', "Oslo"),
        (lambda: 5, "_lambda_", [], "{}", 5),
    ],
)
def test_calls_of_functions(function, name, keys, arguments, result):
    tool = Tool(function)
    assert (tool.name, list(tool.definition["parameters"]["properties"])) == (name, keys)
    assert tool(arguments) == result
    assert tool.is_async is False


async def test_async_functions_and_objects_are_called():
    assert await Tool(forecast)('{"city": "Oslo"}') == "Oslo"
    tool = Tool(Thermometer())
    assert (tool.name, tool.definition["description"], tool.is_async) == ("Thermometer", "Read all.", True)
    assert await tool('{"cities": ["Oslo", "Rome"]}') == 2
    assert Tool(functools.partial(forecast, city="Oslo")).is_async


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("{", "invalid arguments: Invalid JSON: EOF"),
        ("[]", "invalid arguments: Input should be "),
        ("{}", "invalid arguments: city: Field required"),
        ('{"city": 1, "x": 2}', "city: Input should be a valid string; x: Extra inputs are not permitted"),
        ('{"city": "Oslo", "unit": "K"}', "invalid arguments: unit: Input should be 'C' or 'F'"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_in_words_for_the_model(arguments, words):
    with pytest.raises(InvalidToolCallError, match=words) as raised:
        Tool(temperature)(arguments)
    assert "http" not in str(raised.value)


GOOGLE = """Do it.

Note: slowly.

Args:
    city (str, optional): The city,
        with its country.

        Or not.
    unit: The unit.
    *rest: The rest.
    none:

Returns:
    str: The result.
"""
NUMPY = """Do it.

Note: slowly.

Parameters
----------
city : str, optional
    The city,
    with its country.

    Or not.
unit
    The unit.
rest, more : int
    The rest.

Returns
-------
x : str
    The result.
"""
SPHINX = """Do it.

Note: slowly.

:param str city: The city,
    with its country.
    Or not.
:keyword unit: The unit.
:param *rest: The rest.
:returns: The result.
"""
TEXTS = {"city": "The city, with its country. Or not.", "unit": "The unit.", "rest": "The rest."}


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        (GOOGLE, TEXTS),
        (NUMPY, {**TEXTS, "more": "The rest."}),
        (SPHINX, TEXTS),
        ("Do it.\n\nNote: slowly.", {}),
        ("Do it.\n\nNote: slowly.\n\nReturns:\n    int: x", {}),
    ],
    ids=["google", "numpy", "sphinx", "plain", "other_section"],
)
def test_docstrings(text, parameters):
    assert read_docstring(text) == ("Do it.\n\nNote: slowly.", parameters)


def test_an_annotation_wins_over_the_docstring():
    def tool(city: Annotated[str, "From the annotation."]):
        """Do it.

        Args:
            city: From the docstring.
        """

    assert Tool(tool).definition["parameters"]["properties"]["city"]["description"] == "From the annotation."
