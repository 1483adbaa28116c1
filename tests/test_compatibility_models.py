"""What programs written for 1.0.0b9 rely on, row by row of the facts that were recorded: models.

These are the rows 3 to 6, and what the rows 7 and 10 say of models. The facts were recorded by
`data/compatibility/record.py`.
"""

import base64
import copy
import dataclasses
import gc
import json
import pickle
import subprocess
import sys
import typing
from datetime import datetime

import attrs
import pydantic
import pytest
import yaml
from azure.ai.inference import _model_base, models
from azure.ai.inference._model_base import Model, rest_field
from azure.ai.inference.models import AssistantMessage, ChatCompletions, CompletionsUsage, UserMessage
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest
from compatibility import cases
from loopback import COMPLETION, json_reply

MESSAGES = [{"role": "user", "content": "hi"}]


def pickled(value):
    return pickle.loads(pickle.dumps(value))


COPIES = pytest.mark.parametrize("again", [pickled, copy.deepcopy])


# 3. Copying and pickling.


@dataclasses.dataclass
class Data:
    field: typing.Any


@attrs.define
class Attrs:
    field: typing.Any


@pytest.mark.parametrize("name", cases.MODELS)
@pytest.mark.parametrize(
    "again",
    [
        lambda model: dataclasses.asdict(Data(model))["field"],
        lambda model: dataclasses.astuple(Data(model))[0],
        lambda model: attrs.asdict(Attrs(model))["field"],
        lambda model: attrs.astuple(Attrs(model))[0],
    ],
    ids=["dataclasses.asdict", "dataclasses.astuple", "attrs.asdict", "attrs.astuple"],
)
def test_what_rebuilds_dicts_rebuilds_models(name, again):
    """attrs.asdict makes plain dicts of what is a dict."""
    model = cases.MODELS[name]()
    assert again(model) == model
    assert json.dumps(again(model)) == json.dumps(model)


@pytest.mark.parametrize(
    "again", [lambda model: dataclasses.asdict(Data(model))["field"], lambda model: attrs.astuple(Attrs(model))[0]]
)
def test_what_rebuilds_dicts_keeps_their_class(again):
    assert type(again(UserMessage("a"))) is UserMessage
    rebuilt = again(ChatCompletions(COMPLETION))
    assert rebuilt.choices[0].message.content == "ok"


def test_dataclasses_in_containers_are_rebuilt():
    held = dataclasses.asdict(Data({"all": [UserMessage("a"), {"one": UserMessage("b")}]}))["field"]
    assert held == {"all": [UserMessage("a"), {"one": UserMessage("b")}]}


@pytest.mark.parametrize("collect", [list, tuple, iter, lambda pairs: (pair for pair in pairs)])
def test_a_model_is_made_of_an_iterable_of_pairs(collect):
    pairs = [("total_tokens", 3), ("prompt_tokens", 1)]
    assert list(CompletionsUsage(collect(pairs)).items()) == pairs
    message = UserMessage(collect([("role", "user"), ("content", "a"), ("name", "n")]))
    assert message == {"role": "user", "content": "a", "name": "n"}


def test_the_content_of_a_message_is_not_taken_for_pairs():
    items = [{"type": "text", "text": "a"}]
    assert UserMessage(items)["content"] == items
    assert UserMessage([models.TextContentItem(text="a")])["content"] == items
    assert UserMessage([])["content"] == []


async def failure(twin, service, name):
    """An exception of a call, raised."""
    replies = {
        "400": json_reply({"error": {"code": "c", "message": "m"}}, 400),
        "401": json_reply({"error": {"code": "c", "message": "m"}}, 401),
        "not JSON": json_reply(b"<html>"),
        "info 404": json_reply({"error": {"code": "c", "message": "m"}}, 404),
        "info 405": json_reply({"error": {"code": "c", "message": "m"}}, 405),
    }
    service.reply(replies[name])
    client = twin.chat()
    with pytest.raises(HttpResponseError) as raised:
        await (client.get_model_info() if name.startswith("info") else client.complete(messages=MESSAGES))
    return raised.value


@COPIES
@pytest.mark.parametrize("name", ["400", "401", "not JSON", "info 404", "info 405"])
async def test_errors_are_copied(twin, service, name, again):
    error = await failure(twin, service, name)
    twice = again(error)
    assert type(twice) is type(error)
    assert str(twice) == str(error)
    assert twice.status_code == error.status_code
    assert twice.response.status_code == error.status_code
    assert twice.response.text() == error.response.text()
    assert twice.response.headers == error.response.headers
    assert (twice.error and twice.error.code) == (error.error and error.error.code)


@COPIES
async def test_responses_are_copied(twin, service, again):
    response = await twin.chat().send_request(HttpRequest("GET", f"{service.url}/info"))
    twice = again(response)
    assert twice.json() == response.json()
    assert twice.status_code == 200
    assert twice.headers == response.headers


@COPIES
async def test_a_client_that_was_used_is_copied_and_works(twin, service, again):
    client = twin.chat(temperature=0.5)
    await client.complete(messages=MESSAGES)
    twice = twin.keep(again(client.raw))
    assert (await twice.complete(messages=MESSAGES)).id == "c1"
    assert service.requests[1].json == service.requests[0].json
    assert (await client.complete(messages=MESSAGES)).id == "c1"


async def test_answers_are_copied(twin):
    answer = await twin.chat().complete(messages=MESSAGES)
    assert pickled(answer) == copy.deepcopy(answer) == COMPLETION


@COPIES
async def test_a_copy_that_fails_makes_no_noise(twin, monkeypatch, again):
    """A stream cannot be copied; the half of a copy that was made before that was known is not complained of."""
    noise = []
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    monkeypatch.setattr(sys, "unraisablehook", lambda what: noise.append(repr(what.exc_value)))
    with pytest.raises((TypeError, AttributeError)):
        again(stream.raw)
    gc.collect()
    assert [text for text in noise if "EventLoop" not in text] == []  # half an event loop complains by itself
    assert [update async for update in stream]


PICKLES = cases.facts("pickles")


@pytest.mark.parametrize("name", PICKLES)
def test_pickles_of_1_0_0b9_load_whole(name):
    model = pickle.loads(base64.b64decode(PICKLES[name]["pickle"]))
    assert model == PICKLES[name]["holds"]
    assert json.dumps(model) == json.dumps(PICKLES[name]["holds"])
    assert type(model) is getattr(models, name, UserMessage)
    assert pickled(model) == model


def test_what_pickles_of_1_0_0b9_hold_is_made_of_models():
    completion = pickle.loads(base64.b64decode(PICKLES["ChatCompletions"]["pickle"]))
    assert type(completion["choices"][0].message.tool_calls[0].function) is models.FunctionCall
    assert completion.created == cases.MOMENT
    noted = pickle.loads(base64.b64decode(PICKLES["with an attribute that is no field"]["pickle"]))
    assert noted.note == "kept"
    assert noted == {"role": "user", "content": "a"}


class AnyField(pydantic.BaseModel):
    field: typing.Any


class DictField(pydantic.BaseModel):
    field: dict[str, typing.Any]


class ListField(pydantic.BaseModel):
    field: list[typing.Any]


class TypedField(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    field: UserMessage


HELD = [
    (TypedField, lambda message: message, lambda field: field),
    (AnyField, lambda message: message, lambda field: field),
    (DictField, lambda message: {"a": message}, lambda field: field["a"]),
    (ListField, lambda message: [message], lambda field: field[0]),
]


@pytest.mark.parametrize(("holder", "put", "take"), HELD)
def test_model_dump_of_pydantic_gives_the_object(holder, put, take):
    message = AssistantMessage("a", tool_calls=[cases.CALL]) if holder is not TypedField else UserMessage("a")
    assert take(holder(field=put(message)).model_dump()["field"]) is message


@pytest.mark.parametrize(("holder", "put", "take"), HELD)
def test_model_dump_json_of_pydantic_gives_json(holder, put, take):
    held = holder(field=put(UserMessage([models.TextContentItem(text="a")])))
    wanted = {"role": "user", "content": [{"type": "text", "text": "a"}]}
    assert take(json.loads(held.model_dump_json())["field"]) == wanted
    assert take(held.model_dump(mode="json")["field"]) == wanted
    assert type(take(held.model_dump(mode="json")["field"])) is dict


WITHOUT_PYDANTIC = """
import sys

sys.modules["pydantic_core"] = None
from azure.ai.inference.models import UserMessage

print(hasattr(UserMessage, "__pydantic_serializer__"), hasattr(UserMessage("a"), "__pydantic_serializer__"))
"""


def test_what_pydantic_asks_for_is_there_with_pydantic_alone():
    assert hasattr(UserMessage, "__pydantic_serializer__")
    without = subprocess.run([sys.executable, "-c", WITHOUT_PYDANTIC], capture_output=True, text=True, check=True)
    assert without.stdout == "False False\n"


def test_without_pydantic_there_is_no_serializer(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydantic_core", None)
    assert not hasattr(UserMessage, "__pydantic_serializer__")


def test_yaml_writes_a_dict_made_of_a_model():
    assert yaml.safe_load(yaml.safe_dump(dict(CompletionsUsage(cases.USAGE)))) == cases.USAGE
    assert yaml.safe_load(yaml.safe_dump(ChatCompletions(COMPLETION).as_dict())) == COMPLETION


# 4. Texts.

TEXTS = cases.facts("texts")


@pytest.mark.parametrize("name", cases.MODELS)
def test_str_of_a_model_is_that_of_1_0_0b9(name):
    assert str(cases.MODELS[name]()) == TEXTS["str"][name]


@pytest.mark.parametrize("length", [1000, 3000, 100_000])
def test_repr_is_the_whole_object(length):
    text = "x" * length
    assert repr(UserMessage(text)) == f"UserMessage({{'role': 'user', 'content': '{text}'}})"
    messages = [models.SystemMessage("s"), UserMessage(text)]
    assert text in str(messages)
    assert str(messages) != str([models.SystemMessage("s"), UserMessage(text + "y")])


# 5. Tool calls without a type.

TOOL_CALLS = cases.facts("tool_calls")


@pytest.mark.off_spec
@pytest.mark.parametrize("kind", ["null", "empty", "other"])
async def test_tool_calls_in_plain_dicts_are_sent_as_they_are(twin, service, kind):
    await twin.chat().complete(messages=[cases.TOOL_CALL_PLACES["plain dict"](cases.TOOL_CALLS[kind])])
    assert service.request.json["messages"][0]["tool_calls"] == TOOL_CALLS["plain dict"][kind]


@pytest.mark.parametrize("kind", cases.TOOL_CALLS)
@pytest.mark.parametrize("place", [place for place in cases.TOOL_CALL_PLACES if place != "plain dict"])
async def test_tool_calls_are_sent_with_their_type(twin, service, place, kind):
    await twin.chat().complete(messages=[cases.TOOL_CALL_PLACES[place](dict(cases.TOOL_CALLS[kind]))])
    assert service.request.json["messages"][0]["tool_calls"] == TOOL_CALLS[place][kind]


@pytest.mark.parametrize("kind", cases.TOOL_CALLS)
async def test_tool_calls_of_an_answer_have_their_type(twin, service, kind):
    service.reply(cases.answer({"content": None, "tool_calls": [cases.TOOL_CALLS[kind]]}, "tool_calls"))
    message = (await twin.chat().complete(messages=MESSAGES)).choices[0].message
    assert message.tool_calls[0].type == "function"
    assert message["tool_calls"] == TOOL_CALLS["answer"][kind]
    await twin.chat().complete(messages=[message])
    assert service.requests[1].json["messages"][0]["tool_calls"] == TOOL_CALLS["answer"][kind]


@pytest.mark.parametrize("kind", cases.TOOL_CALLS)
async def test_tool_calls_of_a_stream_have_their_type_when_they_are_whole(twin, service, kind):
    call = {"index": 0, **cases.TOOL_CALLS[kind]}
    service.stream(cases.update({"tool_calls": [call]}), cases.update({}, "tool_calls"), b"data: [DONE]\n\n")
    stream = await twin.chat().complete(messages=MESSAGES, stream=True)
    (found,) = (await stream.get_final_completion()).choices[0].message.tool_calls
    assert found == {**cases.TOOL_CALLS[kind], "type": "function"}


def test_definitions_and_choices_of_tools_have_their_type_too():
    function = {"name": "f"}
    for kind in (models.ChatCompletionsToolDefinition, models.ChatCompletionsNamedToolChoice):
        for given in ({}, {"type": None}, {"type": "custom"}):
            assert kind({"function": function, **given}) == {"function": function, "type": "function"}


def test_a_type_that_is_set_later_is_kept():
    call = models.ChatCompletionsToolCall(cases.CALL)
    call.type = "custom"
    assert call == {**cases.CALL, "type": "custom"}


EXTRAS = cases.facts("extras")


@pytest.mark.parametrize("name", cases.MODEL_EXTRAS)
@pytest.mark.parametrize("where", ["call", "client"])
async def test_a_null_among_the_extras_is_not_sent(twin, service, where, name):
    extras = {"model_extras": cases.MODEL_EXTRAS[name]}
    of_client, of_call = (extras, {}) if where == "client" else ({}, extras)
    await twin.chat(**of_client).complete(messages=cases.MESSAGES, **of_call)
    await twin.embeddings(**of_client).embed(input=["a"], **of_call)
    assert [request.json for request in service.requests] == [*EXTRAS[where][name].values()]
    assert {request.headers["extra-parameters"] for request in service.requests} == {"pass-through"}


async def test_a_null_in_the_extras_of_a_call_takes_away_what_the_client_sends(twin, service):
    await twin.chat(model_extras={"x": 1}).complete(messages=MESSAGES, model_extras={"x": None})
    assert service.request.json == {"messages": MESSAGES}


# 6. Objects that change after a model got them.

ALIASES = cases.facts("aliases")


@pytest.mark.parametrize("name", cases.ALIASES)
def test_what_changes_later_counts_as_it_did(name):
    assert cases.ALIASES[name]() == ALIASES[name]


async def test_items_that_come_later_are_sent(twin, service):
    content = []
    message = UserMessage(content=content)
    content.append(models.TextContentItem(text="a"))
    await twin.chat().complete(messages=[message])
    assert service.request.json["messages"] == [{"role": "user", "content": [{"type": "text", "text": "a"}]}]


def test_tools_made_of_one_dict_in_a_loop_have_a_schema_each():
    schema, tools = {"type": "object", "properties": {}}, []
    for name in ("a", "b"):
        schema["properties"] = {name: {"type": "string"}}
        schema["properties"][name]["title"] = name
        tools.append(models.FunctionDefinition(name=name, parameters=schema))
    assert [tool.parameters["properties"] for tool in tools] == [
        {"a": {"type": "string", "title": "a"}},
        {"b": {"type": "string", "title": "b"}},
    ]


# 7. Attributes that 1.0.0b9 did not know.

ATTRIBUTES = cases.facts("attributes")
ALWAYS_THERE = {"function_call", "response_headers", "request_id"}  # rows 12 and 18
NEW_METHODS = {"from_function", "from_type", "load", "parse", "to_floats"}
NEW_ATTRIBUTES = [
    (name, attribute)
    for name, known in ATTRIBUTES.items()
    for attribute in dir(getattr(models, name))
    if not attribute.startswith("_") and attribute not in {*known, *ALWAYS_THERE, *NEW_METHODS, *dir(Model)}
]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_of_1_0_0b9_are_there_without_their_key(name):
    model = getattr(models, name)({})
    assert [attribute for attribute in ATTRIBUTES[name] if not hasattr(model, attribute)] == []


@pytest.mark.parametrize(("name", "attribute"), NEW_ATTRIBUTES)
def test_attributes_that_1_0_0b9_did_not_know_are_none_without_their_key(name, attribute):
    """Decided against `hasattr` being False: what is declared optional would raise where type checkers allow it."""
    model_class = getattr(models, name)
    key = "image_url" if attribute == "image" else attribute
    assert hasattr(model_class({}), attribute)
    assert not getattr(model_class({}), attribute)
    assert getattr(model_class({key: "x"}), attribute) == "x"


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_that_nobody_declared_are_absent_without_their_key(name):
    model_class = getattr(models, name)
    assert not hasattr(model_class({}), "undeclared")
    assert model_class({"undeclared": "x"}).undeclared == "x"


# 10. The methods of models.

METHODS = cases.facts("methods")


@pytest.mark.parametrize("name", cases.MODEL_METHODS)
def test_methods_of_models_take_their_arguments_by_keyword(name):
    assert cases.MODEL_METHODS[name]() == METHODS["by keyword"][name]


def test_methods_of_models_still_take_their_arguments_by_position():
    usage = CompletionsUsage(cases.USAGE)
    assert (usage.get("x"), usage.get("x", 1), usage.pop("total_tokens"), usage.pop("x", 2)) == (None, 1, 3, 2)
    assert usage.setdefault("x", 3) == usage["x"] == 3
    for absent in (lambda: usage.pop("y"), lambda: usage.pop(key="y")):
        with pytest.raises(KeyError):
            absent()


@pytest.mark.parametrize("name", cases.FROM_MAPPINGS)
def test_values_in_a_mapping_travel_as_they_did(name):
    (key, value) = next(iter(METHODS["from a mapping"][name].items()))
    made = cases.FROM_MAPPINGS[name]()[key]
    assert made == value
    assert type(made) is type(value)


class Mine(Model):
    """A class of a user."""

    text: str | None = rest_field()
    usage: CompletionsUsage | None = rest_field()


DESERIALIZED = cases.facts("deserialize")
USER = {"role": "user", "content": "a"}


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("Model._deserialize", lambda: CompletionsUsage._deserialize(cases.USAGE, [])),
        ("Model._deserialize, subclass", lambda: models.ChatRequestMessage._deserialize(USER, [])),
        ("Model._deserialize, unknown subclass", lambda: models.ChatRequestMessage._deserialize({"role": "x"}, [])),
        ("_deserialize, model", lambda: _model_base._deserialize(CompletionsUsage, cases.USAGE)),
        ("_deserialize, subclass", lambda: _model_base._deserialize(models.ChatRequestMessage, USER)),
        ("_deserialize, list", lambda: _model_base._deserialize(list[UserMessage], [USER])),
        ("_deserialize, optional", lambda: _model_base._deserialize(UserMessage | None, USER)),
        ("_deserialize, None", lambda: _model_base._deserialize(UserMessage, None)),
        ("_deserialize, text for a model", lambda: _model_base._deserialize(UserMessage, "a")),
        ("_deserialize, enum", lambda: _model_base._deserialize(models.ModelType, "embeddings")),
        ("_deserialize, unknown member", lambda: _model_base._deserialize(models.ModelType, "x")),
        ("_deserialize, str", lambda: _model_base._deserialize(str, "a")),
        ("_deserialize, Any", lambda: _model_base._deserialize(typing.Any, USER)),
    ],
)
def test_helpers_for_classes_of_users_are_there(name, make):
    made, fact = make(), DESERIALIZED[name]
    assert made == fact["holds"]
    assert type(made[0] if fact["list"] else made).__name__ == fact["class"]


def test_classes_of_users_are_deserialized():
    data = {"text": "a", "usage": cases.USAGE, "more": 1}
    for mine in (_model_base._deserialize(Mine, data), Mine._deserialize(data, [])):
        assert mine == data
        assert type(mine) is Mine
        assert type(mine.usage) is CompletionsUsage


def test_values_of_other_shapes_are_deserialized():
    deserialize = _model_base._deserialize
    assert deserialize("UserMessage", USER, "azure.ai.inference.models") == USER
    assert type(deserialize("UserMessage", USER, "azure.ai.inference.models")) is UserMessage
    assert type(deserialize(dict[str, UserMessage], {"a": USER})["a"]) is UserMessage
    assert deserialize(datetime, 60, format="unix-timestamp").timestamp() == 60
    assert deserialize(list[UserMessage], "text") == "text"
