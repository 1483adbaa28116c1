"""Answers as values of the types of a program: strict schemas, `parse`, and its errors."""

import dataclasses
import datetime as dt
import decimal
import enum
import json
import sys
import typing
import uuid
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import pydantic
import pytest
import typing_extensions
from azure.ai.inference._structured import object_schema, parse_json, strict_schema
from azure.ai.inference.models import (
    ChatCompletions,
    ChatCompletionsToolDefinition,
    ChatResponseMessage,
    JsonSchemaFormat,
    UserMessage,
)
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from loopback import COMPLETION, DONE, update

MESSAGES = [UserMessage("Name a country.")]


@dataclasses.dataclass
class City:
    name: str
    founded: dt.date | None = None


@dataclasses.dataclass
class Country:
    name: str
    capital: Annotated[City, pydantic.Field(description="The capital.")]
    area: Annotated[float, pydantic.Field(gt=0.5, description="In km².")] = 1.5
    cities: list[City] = dataclasses.field(default_factory=list)


class CountryModel(pydantic.BaseModel):
    title: str
    kind: Literal["republic", "kingdom"] = "republic"


class CountryDict(typing_extensions.TypedDict):
    name: str
    code: typing_extensions.NotRequired[str]


@dataclasses.dataclass
class Node:
    value: int
    next: "Node | None" = None


NORWAY = Country("Norway", City("Oslo", dt.date(1040, 1, 1)), 385_207.0, [City("Bergen")])
NORWAY_JSON = pydantic.TypeAdapter(Country).dump_json(NORWAY).decode()
CITY_SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "founded": {"anyOf": [{"type": "string", "description": "(format: date)"}, {"type": "null"}]},
    },
    "required": ["name", "founded"],
    "additionalProperties": False,
}
COUNTRY_SCHEMA = {
    "$defs": {"City": CITY_SCHEMA},
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "capital": {"description": "The capital.", "anyOf": [{"$ref": "#/$defs/City"}]},
        "area": {"type": "number", "description": "In km². (exclusiveMinimum: 0.5)"},
        "cities": {"type": "array", "items": {"$ref": "#/$defs/City"}},
    },
    "required": ["name", "capital", "area", "cities"],
    "additionalProperties": False,
}


def completion(content: Any = None, finish_reason: str = "stop", **message: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, **message}
    return {**COMPLETION, "choices": [{"index": 0, "finish_reason": finish_reason, "message": message}]}


async def test_an_answer_is_an_object_of_a_class(twin, service):
    service.reply(completion(NORWAY_JSON))
    answer = await twin.chat().complete(messages=MESSAGES, response_format=Country)
    assert service.request.json["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "Country", "schema": COUNTRY_SCHEMA, "strict": True},
    }
    assert answer.parse(Country) == answer.choices[0].message.parse(Country) == NORWAY


async def test_the_completion_of_a_stream_is_an_object_of_a_class(twin, service):
    service.stream(update(NORWAY_JSON[:9]), update(NORWAY_JSON[9:]), update(finish_reason="stop"), DONE)
    stream = await twin.chat(response_format=Country).complete(messages=MESSAGES, stream=True)
    assert (await stream.get_final_completion()).parse(Country) == NORWAY
    assert service.request.json["response_format"]["json_schema"]["name"] == "Country"


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        (CountryModel, {"title": {"type": "string"}, "kind": {"type": "string", "enum": ["republic", "kingdom"]}}),
        (CountryDict, {"name": {"type": "string"}, "code": {"type": "string"}}),
    ],
)
def test_pydantic_models_and_typed_dicts_are_closed_and_complete(type_, properties):
    made = JsonSchemaFormat.from_type(type_)
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    assert made == {"name": type_.__name__, "schema": schema, "strict": True}


def test_name_and_description_of_a_format():
    made = JsonSchemaFormat.from_type(CountryDict, name="country", description="A country.", strict=False)
    assert (made.name, made.description, made.strict) == ("country", "A country.", False)
    assert made.schema["required"] == ["name"]


def test_name_of_a_generic_class_is_one_that_services_accept():
    item = typing.TypeVar("item")
    box = typing.cast("Any", pydantic.create_model("Box", __base__=(pydantic.BaseModel, typing.Generic[item])))
    assert JsonSchemaFormat.from_type(box[int]).name == "Box_int_"


def test_a_schema_that_is_not_strict_keeps_what_pydantic_says():
    assert object_schema(Country, False)["properties"]["area"]["exclusiveMinimum"] == 0.5
    assert object_schema(dict[str, int], False)["additionalProperties"] == {"type": "integer"}


def test_a_recursive_type_has_an_object_at_its_root():
    schema = object_schema(Node, True)
    assert schema["properties"]["next"]["anyOf"] == [{"$ref": "#/$defs/Node"}, {"type": "null"}]
    assert parse_json('{"value": 1, "next": {"value": 2, "next": null}}', Node) == Node(1, Node(2))


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"oneOf": [{"type": "null"}], "discriminator": {"propertyName": "x"}}, {"anyOf": [{"type": "null"}]}),
        ({"$ref": "#/$defs/A", "default": None}, {"$ref": "#/$defs/A"}),
        ({"type": "array", "items": {"const": 1}, "uniqueItems": True}, None),
        ({"type": "string", "minLength": 0, "deprecated": False}, {"type": "string", "description": "(minLength: 0)"}),
    ],
)
def test_what_strict_mode_forbids_is_removed(schema, strict):
    expected = {"type": "array", "items": {"const": 1}, "description": "(uniqueItems: True)"}
    assert strict_schema(schema, "Thing") == (strict or expected)


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        (Any, "`Thing.x`: a value of any type is"),
        (list[Any], r"`Thing.x\[\]`: a value of any type is"),
        (dict[str, int], "`Thing.x`: additionalProperties is"),
        (tuple[int, str], "`Thing.x`: prefixItems is"),
        (dict, "`Thing.x`: additionalProperties is"),
        (Callable[[], int], "Thing is not supported: Cannot generate a JsonSchema"),
        (type("Unknown", (), {}), "Thing is not supported: Unable to generate pydantic-core schema for .*Unknown"),
        ("Missing", "Thing is not supported"),
    ],
)
async def test_what_cannot_be_expressed_is_refused_by_name(twin, service, type_, words):
    thing = dataclasses.make_dataclass("Thing", [("x", type_)])
    with pytest.raises(TypeError, match=words):
        await twin.chat().complete(messages=MESSAGES, response_format=thing)
    assert service.requests == []


def test_an_object_of_unknown_keys_is_refused():
    with pytest.raises(TypeError, match="`Thing`: additionalProperties is not supported in strict mode"):
        strict_schema({"type": "object"}, "Thing")


@pytest.mark.parametrize("type_", [int, list, list[City], str, object])
async def test_a_root_that_is_no_object_is_refused(twin, service, type_):
    with pytest.raises(TypeError, match="is not a JSON object"):
        await twin.chat().complete(messages=MESSAGES, response_format=type_)
    with pytest.raises(TypeError):
        twin.chat(response_format=type_)
    assert service.requests == []


def test_a_union_is_no_object():
    with pytest.raises(TypeError, match=r"City.*is not a JSON object: the root must be"):
        object_schema(City | Country, False)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (completion(refusal="I cannot."), "The model refused to answer: I cannot."),
        (completion('{"name": "N', "length"), "The answer was cut: it reached the maximum number of tokens."),
        (completion('{"name": "N', "content_filter"), "The answer was cut by the content filter."),
        (completion(), "The answer is empty: it holds no text."),
        (completion(" \n"), "The answer is empty: it holds no text."),
        (completion(tool_calls=[{"id": "1"}]), "The answer is empty: it holds tool calls, and no text."),
        ({**COMPLETION, "choices": []}, "The answer is empty: it holds no choice."),
        ({"choices": [{"index": 0}]}, "The answer is empty: it holds no text."),
        (completion("Norway"), "The answer is not valid JSON: 'Norway'"),
        (completion('{"name": 1}'), "2 validation errors for Country"),
    ],
)
def test_an_answer_that_holds_no_value_raises_an_error_that_says_why(answer, words):
    with pytest.raises(ValueError, match=words.replace(".", r"\.")):
        ChatCompletions(answer).parse(Country)


def test_invalid_json_has_the_error_of_pydantic_as_its_cause():
    with pytest.raises(ValueError, match="not valid JSON") as raised:
        ChatResponseMessage(content="{").parse(City)
    assert isinstance(raised.value.__cause__, pydantic.ValidationError)
    assert type(raised.value) is ValueError


def test_values_of_other_types_can_be_parsed():
    assert ChatResponseMessage(content="[1, 2]").parse(list[int]) == [1, 2]


def test_a_key_has_the_name_of_a_method():
    message = ChatResponseMessage({"content": "1", "parse": "x"})
    assert message["parse"] == "x"
    assert message.parse(int) == 1


@pytest.mark.parametrize(
    "use",
    [
        lambda: JsonSchemaFormat.from_type(type("New", (City,), {})),
        lambda: ChatResponseMessage(content="1").parse(int),
        lambda: ChatCompletionsToolDefinition.from_function(lambda: None),
    ],
    ids=["from_type", "parse", "from_function"],
)
def test_without_pydantic_an_error_says_what_to_install(use, monkeypatch):
    monkeypatch.setitem(sys.modules, "pydantic", None)
    with pytest.raises(ImportError, match=r"need pydantic: pip install azure-ai-inference\[structured\]"):
        use()


class Level(enum.Enum):
    LOW = "low"
    HIGH = 2


SCALARS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (int, st.integers()),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (bool, st.booleans()),
    (str, st.text()),
    (type(None), st.none()),
    (dt.date, st.dates()),
    (dt.datetime, st.datetimes()),
    (uuid.UUID, st.uuids()),
    (decimal.Decimal, st.decimals(allow_nan=False, allow_infinity=False)),
    (Level, st.sampled_from(Level)),
    (Literal["a", 1], st.sampled_from(["a", 1])),
    (Annotated[int, pydantic.Field(ge=0, description="n")], st.integers(min_value=0)),
]
NAMES = ["type", "title", "items", "properties", "default", "required", "enum"]


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        inner.map(lambda pair: (list[pair[0]], st.lists(pair[1], max_size=3))),
        inner.map(lambda pair: (tuple[pair[0], ...], st.lists(pair[1], max_size=3).map(tuple))),
        inner.map(lambda pair: (pair[0] | None, st.none() | pair[1])),
        objects(inner),
    )


@st.composite
def objects(draw: Any, inner: st.SearchStrategy[Any]) -> Any:
    """A dataclass, TypedDict or pydantic model, and the strategy of its values."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    pairs = {name: draw(inner) for name in names}
    types = {name: pair[0] for name, pair in pairs.items()}
    values = {name: pair[1] for name, pair in pairs.items()}
    name = draw(st.sampled_from(["One", "Two", "Three"]))
    kind = draw(st.sampled_from(["dataclass", "typed_dict", "pydantic"]))
    if kind == "dataclass":
        made = dataclasses.make_dataclass(name, list(types.items()))
        return made, st.builds(made, **values)
    if kind == "typed_dict":
        make: Any = typing_extensions.TypedDict
        return make(name, types), st.fixed_dictionaries(values)
    fields: Any = {name: (type_, ...) for name, type_ in types.items()}
    model = pydantic.create_model(name, **fields)
    return model, st.builds(model, **values)


TYPES = objects(st.recursive(st.sampled_from(SCALARS), containers, max_leaves=4))


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    yield schema
    for nested in (*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()):
        yield from subschemas(nested)
    for nested in (*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])):
        yield from subschemas(nested)


@given(data=st.data())
def test_values_of_random_types_conform_to_the_schema_and_survive_the_round_trip(data):
    type_, values = data.draw(TYPES)
    schema = JsonSchemaFormat.from_type(type_).schema
    Draft202012Validator.check_schema(schema)
    for found in subschemas(schema):
        assert found.get("additionalProperties", False) is False
        assert sorted(found.get("required", [])) == sorted(found.get("properties", {}))
        assert "$ref" not in found or len(found) == 1
    value = data.draw(values)
    text = pydantic.TypeAdapter(type_).dump_json(value).decode()
    Draft202012Validator(schema).validate(json.loads(text))
    assert ChatCompletions(completion(text)).parse(type_) == value
