"""Models are dicts."""

import copy
import json
import pickle
from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Optional, Union

import pytest
from azure.ai.inference._model_base import Model, SdkJSONEncoder, rest_discriminator, rest_field
from azure.ai.inference.models import UserMessage

if TYPE_CHECKING:
    from decimal import Decimal


class Colour(str, Enum):
    RED = "red"


class Part(Model):
    name: str = rest_field()
    size: Optional[int] = rest_field(name="sizeOnWire")


class Whole(Model):
    kind: Literal["whole"] = rest_field(default="whole")
    part: Part = rest_field()
    parts: list[Part] = rest_field()
    more: "Union[str, list[Whole], None]" = rest_field()
    colour: Union[str, Colour, None] = rest_field()
    created: datetime = rest_field(format="unix-timestamp")
    table: dict[str, Part] = rest_field()
    untyped: Any = rest_field()
    unresolvable: "Decimal" = rest_field()
    said = rest_field(type=Part)
    lazy: Part = rest_field(default=dict)


class Shape(Model):
    kind: str = rest_discriminator(name="type")


class Circle(Shape, discriminator="circle"):
    radius: float = rest_field()


class Disc(Circle, discriminator="disc"):
    kind = rest_discriminator(name="type")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, kind="disc", **kwargs)


class Ring(Circle):
    hole: float = rest_field()


class Drawing(Model):
    shapes: list[Shape] = rest_field()


def test_constructor_takes_attribute_names_and_keeps_their_order():
    assert list(Part(size=1, name="a").items()) == [("sizeOnWire", 1), ("name", "a")]


def test_none_is_omitted():
    assert Part(name=None, size=1) == {"sizeOnWire": 1}


def test_a_constant_comes_last_and_a_discriminator_first():
    assert list(Whole(part={})) == ["part", "kind"]
    assert list(Circle(radius=1.0)) == ["type", "radius"]


def test_a_mapping_is_copied_and_gets_its_constants():
    mapping = MappingProxyType({"radius": 2})
    assert Circle(mapping) == {"radius": 2, "type": "circle"}
    assert Part({"name": "a"}, size=1) == {"name": "a", "sizeOnWire": 1}


def test_unknown_keyword_is_named():
    with pytest.raises(TypeError, match=r"Part.__init__\(\) got an unexpected keyword argument 'colour'"):
        Part(colour="red")


@pytest.mark.parametrize("arguments", [({}, {}), ("name",), (None,), (["name"],)])
def test_anything_but_one_mapping_by_position_is_refused(arguments):
    with pytest.raises(TypeError, match="takes one mapping by position"):
        Part(*arguments)


def test_absent_fields_are_none():
    part = Part()
    assert part.name is None
    assert part == {}


@pytest.mark.parametrize("make", [Whole, Whole._from_wire, lambda mapping: Whole(**mapping)])
def test_nested_objects_become_models(make):
    whole = make({"part": {"name": "a"}, "parts": [{"name": "b"}, "odd"], "more": [{"part": {"name": "c"}}]})
    assert isinstance(whole["part"], Part)
    assert isinstance(whole["parts"][0], Part)
    assert type(whole["more"][0]) is dict  # a field that may also be a string is converted on access
    assert isinstance(whole.more[0]["part"], Part)
    assert isinstance(whole.part, Part)
    assert whole.part is whole.part is whole["part"]
    whole.parts[0].name = "B"
    whole.more[0].part.name = "C"
    assert whole["parts"] == [{"name": "B"}, "odd"]
    assert whole["more"] == [{"part": {"name": "C"}}]
    assert whole.parts is whole.parts


def test_arguments_are_not_modified():
    parts = [{"name": "a"}]
    mapping = {"parts": parts, "part": parts[0]}
    whole = Whole(mapping)
    whole.parts[0].name = "b"
    whole.part.name = "c"
    whole.colour = "red"
    assert mapping == {"parts": [{"name": "a"}], "part": {"name": "a"}}
    assert type(parts[0]) is dict


def test_values_set_by_key_become_models_on_access():
    whole = Whole()
    whole["part"] = {"name": "a"}
    whole["parts"] = [{"name": "b"}]
    assert whole.part.name == "a"
    assert whole.parts[0].name == "b"
    assert isinstance(whole["parts"][0], Part)


def test_a_string_in_place_of_a_list_is_returned_unchanged():
    assert Whole(more="text").more == "text"


def test_models_in_the_values_of_a_dict_are_unchanged():
    assert type(Whole({"table": {"a": {"name": "x"}}}).table["a"]) is dict


def test_the_type_of_a_field_may_be_an_argument_of_rest_field():
    assert isinstance(Whole({"said": {"name": "a"}}).said, Part)


def test_values_of_an_unresolvable_type_are_unchanged():
    assert Whole(unresolvable="1.5").unresolvable == "1.5"


def test_enums_are_read_as_members_and_sent_as_strings():
    whole = Whole(colour=Colour.RED)
    assert type(whole["colour"]) is str
    assert whole.colour is Colour.RED
    assert Whole({"colour": "green"}).colour == "green"
    assert Whole({"colour": ["odd"]}).colour == ["odd"]


def test_timestamps_are_read_as_aware_datetimes_and_sent_as_seconds():
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    whole = Whole(created=moment)
    assert whole["created"] == 1767315845
    assert whole.created == moment
    assert whole.created.tzinfo is timezone.utc
    assert Whole(created=datetime(1970, 1, 1, 0, 1))["created"] == 60
    assert Whole({"created": 5.5}).created.microsecond == 500_000


@pytest.mark.parametrize("value", [None, "soon", 10**15, float("inf"), float("nan")])
def test_timestamps_may_be_none(value):
    created = Whole({"created": value}).created
    assert created is value


def test_a_default_factory_is_read_and_not_sent():
    whole = Whole()
    assert isinstance(whole.lazy, Part)
    assert "lazy" not in whole
    assert isinstance(Whole({"lazy": None}).lazy, Part)


def test_an_absent_constant_is_read():
    assert Whole._from_wire({}).kind == "whole"
    assert Whole._from_wire({}) == {}


def test_the_discriminator_selects_the_class():
    shapes = Drawing(shapes=[{"type": "circle"}, {"type": "disc"}, {"type": "cube"}, {}]).shapes
    assert [type(shape) for shape in shapes] == [Circle, Disc, Shape, Shape]
    assert Shape.__mapping__ == {"circle": Circle, "disc": Disc}


def test_subclasses_written_for_the_original_work():
    assert Ring(hole=1.0) == {"type": "circle", "hole": 1.0}
    assert Disc(radius=1.0) == {"type": "disc", "radius": 1.0}
    assert Disc({"radius": 1.0}).kind == "disc"


def test_setting_none_and_deleting_remove_the_key():
    part = Part(name="a", size=1)
    part.name = None
    del part.size
    del part.size
    assert part == {}


def test_attributes_that_are_not_fields_are_not_in_the_mapping():
    part = Part(name="a")
    part.note = "b"
    assert part.note == "b"
    assert part == {"name": "a"}


def test_unknown_keys_are_attributes():
    part = Part({"extra": 1, "__deepcopy__": 2})
    assert part.extra == 1
    assert copy.deepcopy(part) == part
    with pytest.raises(AttributeError, match="'Part' object has no attribute 'missing'"):
        _ = part.missing


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model)), lambda model: model.copy()]
)
def test_copies_are_equal_and_of_the_same_class(again):
    whole = Whole(part=Part(name="a"), parts=[{"name": "b"}], colour="red")
    assert whole.parts[0].name == "b"
    twin = again(whole)
    assert twin == whole
    assert type(twin) is Whole
    assert twin is not whole
    assert twin.parts[0].name == "b"


def test_a_model_equals_the_dict_that_is_sent():
    whole = Whole(parts=[Part(name="a")], colour=Colour.RED)
    assert json.loads(json.dumps(whole)) == whole == {"parts": [{"name": "a"}], "colour": "red", "kind": "whole"}
    assert dict(**Part(name="a")) == {"name": "a"}


def test_as_dict_returns_plain_dicts():
    whole = Whole(part=Part(name="a"), parts=(Part(name="b"),))
    assert whole.parts == [Part(name="b")]
    plain = whole.as_dict(exclude_readonly=True)
    assert plain == {"part": {"name": "a"}, "parts": [{"name": "b"}], "kind": "whole"}
    assert type(plain["part"]) is type(plain["parts"][0]) is dict


def test_str_is_the_plain_dict():
    assert str(Whole(part=Part(name="a"))) == "{'part': {'name': 'a'}, 'kind': 'whole'}"


def test_repr_names_the_class_and_is_not_truncated():
    assert repr(Whole(part=Part(name="a"))) == "Whole({'part': Part({'name': 'a'}), 'kind': 'whole'})"
    assert repr(Part(name="a" * 5000)) == f"Part({{'name': '{'a' * 5000}'}})"


def test_a_mapping_of_another_class_is_sent_as_an_object():
    assert json.dumps(OrderedDict(a=MappingProxyType({"b": 1})), cls=SdkJSONEncoder) == '{"a": {"b": 1}}'


def test_none_takes_an_attribute_away_whether_it_is_there_or_not():
    message = UserMessage("hi")
    for _ in range(2):
        message.name = None
        assert message == {"role": "user", "content": "hi"}
    message.name = "Ada"
    message.name = None
    assert message == {"role": "user", "content": "hi"}
