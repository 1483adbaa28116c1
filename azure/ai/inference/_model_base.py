"""Models are dicts: the object is its own wire form, and attributes are views of its keys.

Nested objects become their model classes when a model is made, so they are models by key as well as by attribute, and a
change of one is a change of the wire form. Enums and timestamps keep their wire form and are converted on each read.
"""

from __future__ import annotations

import calendar
import inspect
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import Self, dataclass_transform

from ._http._headers import request_id
from ._http._secrets import redacted
from ._interoperation import ConstructorSignature, PydanticSerializer, document_fields, print_model
from ._json import SdkJSONEncoder

__all__ = ["Answer", "Model", "SdkJSONEncoder", "document_fields", "rest_discriminator", "rest_field"]

_UNSET: Any = object()
_PAIR = 2
_JSON_SCALARS = (str, int, float, type(None))
new: Callable[[type[Any]], Any] = dict.__new__
"""Make an empty model of a class without Model.__init__.

`|=` then fills it in C: together 0.2 us for an object of five keys, instead of 0.9.
"""
# Looking a method of dict up on a model takes longer than calling it, because of __getattr__, and some take keywords.
_get, _pop, _setdefault, _update = dict.get, dict.pop, dict.setdefault, dict.update


class _Field:
    """A field as a class body declares it, until the class is made and a property replaces it."""

    def __init__(self, key: str | None, annotation: Any, default: Any, format: str | None, discriminator: bool) -> None:
        self.key = key or ""
        self.annotation = annotation
        self.default = default
        self.format = format
        self.discriminator = discriminator
        self.encode: Callable[[Any], Any] | None = None
        self.from_wire: Callable[[Any], Any] | None = None


def rest_field(
    *,
    name: str | None = None,
    type: Callable[..., Any] | None = None,
    visibility: list[str] | None = None,
    default: Any = _UNSET,
    format: str | None = None,
    is_multipart_file_input: bool = False,
    xml: dict[str, Any] | None = None,
) -> Any:
    """Declare a field in the body of a model class, as the value of an annotated name.

    :keyword name: The key on the wire, where it is not the name of the attribute.
    :keyword type: The type of the value, where the annotation does not say it; or a function that makes the value to
     keep of the one that is given.
    :keyword default: A value that the constructor sends when it is given none, as the last key; or a callable without
     parameters, which makes what reading gives while the key is absent or null, and is not sent.
    :keyword format: "unix-timestamp" for a datetime that travels as whole seconds since 1970-01-01 UTC.
    :keyword visibility: Accepted for the sake of existing classes; has no effect.
    :keyword is_multipart_file_input: Accepted for the sake of existing classes; has no effect.
    :keyword xml: Accepted for the sake of existing classes; has no effect.
    """
    return _Field(name, type, default, format, discriminator=False)


def rest_discriminator(
    *,
    name: str | None = None,
    type: Callable[..., Any] | None = None,
    visibility: list[str] | None = None,
    xml: dict[str, Any] | None = None,
) -> Any:
    """Declare the field whose value tells the subclasses of a model apart.

    The keywords are those of :func:`rest_field`.
    """
    return _Field(name, type, _UNSET, None, discriminator=True)


def _first_argument(*, default: Any, kw_only: bool) -> Any:
    """Tell type checkers that models also take a mapping by position."""


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(_first_argument,))
class _Constructible(dict[str, Any]):
    """Carries @dataclass_transform, so that type checkers derive keyword constructors for its subclasses."""


class Model(_Constructible):
    """A JSON object of the API, with its keys as attributes too.

    ``Model(mapping)`` copies a mapping in the form of the wire, or an iterable of pairs; keywords are the names of
    attributes. A keyword that is None is left out, an unknown one is a TypeError; no field is required.
    """

    if TYPE_CHECKING:
        _mapping: Any = _first_argument(default=None, kw_only=False)

    else:
        __pydantic_serializer__ = PydanticSerializer()

    _fields: ClassVar[dict[str, _Field]] = {}
    _discriminator: ClassVar[str | None] = None
    _positional: ClassVar[str | None] = None
    """The attribute that the constructor takes by position, besides a mapping."""
    _discriminator_item: ClassVar[dict[str, str]] = {}
    _constants: ClassVar[tuple[tuple[str, Any], ...]] = ()
    _nested: ClassVar[tuple[tuple[str, Callable[[Any], Any], Callable[[Any], Any]], ...]] = ()
    _scalars: ClassVar[tuple[tuple[str, Callable[[Any], Any]], ...]] = ()
    """The keys whose values are no JSON before they are encoded: enums and timestamps."""
    __mapping__: ClassVar[dict[str, type[Model]]] = {}

    def __init_subclass__(cls, *, discriminator: str | None = None, init: bool = True, **kwargs: Any) -> None:
        """Replace the fields that a class body declares by properties.

        :keyword discriminator: The value of the discriminator that names this class.
        :keyword init: False tells type checkers that the class has a constructor of its own (@dataclass_transform).
        """
        super().__init_subclass__(**kwargs)
        cls.__doc__ = cls.__doc__ or next(base.__doc__ for base in cls.__mro__[1:] if issubclass(base, Model))
        declared = {name: value for name, value in vars(cls).items() if isinstance(value, _Field)}
        for name, field in declared.items():
            _install(cls, name, field)
        cls._fields = {**cls._fields, **declared}
        cls._nested = tuple(
            (field.key, field.from_wire, field.encode)
            for field in cls._fields.values()
            if field.from_wire and field.encode
        )
        cls._scalars = tuple(
            (field.key, field.encode) for field in cls._fields.values() if field.encode and not field.from_wire
        )
        cls._constants = tuple(
            (field.key, field.default)
            for field in cls._fields.values()
            if field.default is not _UNSET and not callable(field.default)
        )
        if cls._discriminator is None:
            cls._discriminator = next((field.key for field in declared.values() if field.discriminator), None)
            cls.__mapping__ = {}
        elif discriminator is not None:
            cls._discriminator_item = {cls._discriminator: discriminator}
            cls.__mapping__[discriminator] = cls

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        if not args:
            _update(self, cls._discriminator_item)
        elif type(args[0]) is str and len(args) == 1 and cls._positional and cls._positional not in kwargs:
            _update(self, cls._discriminator_item)  # UserMessage("…"), the most frequent call, the shortest way
            kwargs[cls._positional] = args[0]
        else:
            self._take_positional(args, kwargs)
        if kwargs:
            self._take_keywords(kwargs)
        for key, value in cls._constants:
            _setdefault(self, key, value)

    if not TYPE_CHECKING:  # which would take it for the signature of the constructor
        __signature__ = ConstructorSignature(__init__)

    def _take_positional(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        cls = type(self)
        value, *more = args
        if not more and (isinstance(value, Mapping) or _is_pairs(value)):
            _update(self, cls._from_wire(value if isinstance(value, Mapping) else dict(value)))
            for key, encode in cls._scalars:
                if type(_get(self, key)) not in _JSON_SCALARS:
                    self[key] = encode(_get(self, key))
            for key, constant in cls._discriminator_item.items():
                _setdefault(self, key, constant)
            return
        name = cls._positional
        if more or name is None:
            raise TypeError(f"{cls.__name__}.__init__() takes one mapping by position, not {args!r}")
        if name in kwargs:
            raise ValueError(f"{name} cannot be provided as positional and keyword arguments")
        _update(self, cls._discriminator_item)
        kwargs[name] = value  # the last one, as the order of keys on the wire has it

    def _take_keywords(self, kwargs: dict[str, Any]) -> None:
        fields = type(self)._fields
        for name, value in kwargs.items():
            field = fields.get(name)
            if field is None:
                raise TypeError(f"{type(self).__name__}.__init__() got an unexpected keyword argument {name!r}")
            if value is not None:
                encode = field.encode
                self[field.key] = value if encode is None or type(value) is str else encode(value)

    @classmethod
    def _from_wire(cls, data: Mapping[str, Any]) -> Self:
        """Copy a parsed JSON object: nothing is added to it or checked."""
        made: Any = new(cls)
        made |= data
        model: Self = made
        for key, from_wire, make in cls._nested:
            value = data.get(key)
            if value:
                model[key] = from_wire(value) if type(value) is dict else make(value)
        return model

    @classmethod
    def _deserialize(cls, data: Mapping[str, Any], exist_discriminators: list[Any]) -> Model:
        """Make a model of a parsed JSON object, for classes of users that call this method of 1.0.0b9."""
        return cls._class_for(data)._from_wire(data)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a pickle: of this class, or of 1.0.0b9, which kept the keys in an attribute `_data`."""
        attributes = dict(state)
        _update(self, attributes.pop("_data", ()))
        vars(self).update(attributes)

    @classmethod
    def _class_for(cls, data: Mapping[str, Any]) -> type[Model]:
        """The subclass that the discriminator in `data` names; this class where it names none."""
        return cls if cls._discriminator is None else cls.__mapping__.get(str(data.get(cls._discriminator)), cls)

    def as_dict(self, *, exclude_readonly: bool = False) -> dict[str, Any]:
        """Return a deep copy made of plain dicts and lists.

        :keyword exclude_readonly: Accepted for the sake of existing calls; has no effect.
        """
        plain: dict[str, Any] = _plain(self)
        return plain

    def copy(self) -> Self:
        """Return a shallow copy of the same class."""
        made: Any = new(type(self))
        made |= self
        twin: Self = made
        return twin

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self})

    def __str__(self) -> str:
        return str(_plain(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({super().__repr__()})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What IPython and Jupyter show: `repr` in indented lines, with the first part of what is long."""
        print_model(self, printer, cycle)

    if not TYPE_CHECKING:  # type checkers know these methods of dict; 1.0.0b9 took their arguments by keyword too

        def get(self, key: str, default: Any = None) -> Any:
            return _get(self, key, default)

        def pop(self, key: str, default: Any = _UNSET) -> Any:
            return _pop(self, key) if default is _UNSET else _pop(self, key, default)

        def setdefault(self, key: str, default: Any = None) -> Any:
            return _setdefault(self, key, default)

    if not TYPE_CHECKING:  # so that type checkers still find misspelt attributes

        def __getattr__(self, name: str) -> Any:
            if name in self and not name.startswith("__"):
                return self[name]
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class Answer(Model):
    """A whole answer of the service, with the headers of its response beside the JSON.

    They are an attribute, so JSON, `==` and `**` do not see them.
    """

    @property
    def response_headers(self) -> Mapping[str, str]:
        """The headers of the response, whose names ignore case; empty if the object did not come from a response."""
        headers: Mapping[str, str] = vars(self).get("_response_headers", {})
        return headers

    @property
    def request_id(self) -> str | None:
        """The id of the request for support, from the headers of the response."""
        return request_id(self.response_headers)

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle or a copy holds beside the JSON: the headers without cookies and the like."""
        state = dict(vars(self))
        if isinstance(state.get("_response_headers"), Mapping):  # a response of a program's test may have anything
            state["_response_headers"] = redacted(state["_response_headers"])
        return state


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _install(owner: type[Model], name: str, field: _Field) -> None:
    """Put the property for `field` in its place, with accessors made for the type of its value."""
    field.key = key = field.key or name
    declared = _annotation(owner, name)
    found = next(_classes_in(field.annotation or declared), None)
    get: Callable[[Any], Any]
    if inspect.isfunction(field.annotation):
        get = _plain_getter(key, field.default)
        field.from_wire = field.encode = field.annotation
    elif field.format == "unix-timestamp":
        get, field.encode = _timestamp_getter(key), _timestamp
    elif found is None:
        get = _plain_getter(key, field.default)
    elif issubclass(found, Model):
        from_wire = _from_wire_of(found)
        make = _nested_converter(from_wire)
        if _may_be_text(declared):  # kept as it is given, as in 1.0.0b9: items that a program adds to it later count
            get = _content_getter(key, make)
        else:
            get = _nested_getter(key, make, field.default if callable(field.default) else None)
            field.from_wire, field.encode = from_wire, make
    else:
        get, field.encode = _enum_getter(key, found), _enum_value
    encode = field.encode
    get.__annotations__ = {}  # a type checker has read them; jedi would believe `Any`, and not look at the value

    def set_value(model: Model, value: Any) -> None:
        if value is None:
            _pop(model, key, None)
        else:
            model[key] = value if encode is None else encode(value)

    def delete_value(model: Model) -> None:
        _pop(model, key, None)

    setattr(owner, name, property(get, set_value, delete_value, ""))  # `document_fields` adds the docstring


def _annotation(owner: type[Model], name: str) -> Any:
    annotation = owner.__annotations__.get(name)
    if not isinstance(annotation, str) and "ForwardRef" not in repr(annotation):
        return annotation
    alone = type(name, (), {"__annotations__": {name: annotation}, "__module__": owner.__module__})
    try:
        return typing.get_type_hints(alone, localns={owner.__name__: owner})[name]
    except NameError:  # a name that its module imports for type checkers only: the value is passed on as it is
        return None


def _classes_in(annotation: Any) -> Iterator[type[Model | Enum]]:
    """The model and enum classes in an annotation: their values need converting."""
    if typing.get_origin(annotation) in (dict, Mapping):
        return
    arguments = typing.get_args(annotation)
    for argument in arguments:
        yield from _classes_in(argument)
    if not arguments and isinstance(annotation, type) and issubclass(annotation, (Model, Enum)):
        yield annotation


def _may_be_text(annotation: Any) -> bool:
    return annotation is str or str in typing.get_args(annotation)


def _is_pairs(value: Any) -> bool:
    """Whether a positional argument is what `dict` takes besides a mapping; a list of items is content, not pairs."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(isinstance(item, tuple) and len(item) == _PAIR for item in value)
    return isinstance(value, Iterator)


def _plain_getter(key: str, default: Any) -> Callable[[Any], Any]:
    if default is _UNSET:
        default = None

    def get(model: Model) -> Any:
        return _get(model, key, default)

    return get


def _from_wire_of(model_class: type[Model]) -> Callable[[Any], Any]:
    """Return the function that makes a model of this class, or of the subclass that the discriminator names."""
    if model_class._discriminator is None:
        return model_class._from_wire
    return lambda data: model_class._class_for(data)._from_wire(data)


def _nested_converter(from_wire: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the function that makes models of a nested object or of those in a list, and returns all else as it is."""

    def make(value: Any) -> Any:
        if type(value) is dict:
            return from_wire(value)
        if isinstance(value, (list, tuple)):
            return [from_wire(item) if type(item) is dict else make(item) for item in value]
        return value

    return make


def _nested_getter(key: str, make: Callable[[Any], Any], default: Any) -> Callable[[Any], Any]:
    def get(model: Model) -> Any:
        value = _get(model, key)
        value_type = type(value)
        if value_type is dict or (value_type is list and value and type(value[0]) is dict):  # was set by key
            value = model[key] = make(value)
        elif value is None and default is not None:
            value = make(default())
        return value

    return get


def _content_getter(key: str, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def get(model: Model) -> Any:
        value = _get(model, key)
        if type(value) is list and dict in map(type, value):
            value = model[key] = make(value)
        return value

    return get


def _enum_getter(key: str, enum_class: type[Enum]) -> Callable[[Any], Any]:
    members: dict[Any, Any] = {member.value: member for member in enum_class}

    def get(model: Model) -> Any:
        value = _get(model, key)
        return members.get(value, value) if type(value) is str else value

    return get


def _enum_value(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _timestamp_getter(key: str) -> Callable[[Any], Any]:
    def get(model: Model) -> Any:
        value = _get(model, key)
        if not isinstance(value, (int, float)):
            return value
        try:
            return datetime.fromtimestamp(value, timezone.utc)
        except (OverflowError, OSError, ValueError):  # no date that a datetime can hold: milliseconds, for example
            return value

    return get


def _timestamp(value: Any) -> Any:
    """Whole seconds; a datetime without a time zone counts as UTC."""
    return calendar.timegm(value.utctimetuple()) if isinstance(value, datetime) else value


def _deserialize(
    deserializer: Any, value: Any, module: str | None = None, rf: Any = None, format: str | None = None
) -> Any:
    """Convert a parsed JSON value to a type, for classes of users that call this function of 1.0.0b9.

    :param deserializer: A model or enum class, `list`, `dict`, `Optional` or `Union` of types, or the name of a class.
    :param value: The value. One that does not fit the type is returned as it is.
    :param module: The module of the class that is named.
    :param rf: Accepted for the sake of existing calls; has no effect.
    :param format: "unix-timestamp" for a datetime sent as seconds.
    """
    if isinstance(deserializer, str):
        deserializer = getattr(sys.modules[module or __name__], deserializer)
    origin, arguments = typing.get_origin(deserializer), typing.get_args(deserializer)
    if origin is list and isinstance(value, list):
        return [_deserialize(arguments[0], item, module) for item in value]
    if origin is dict and isinstance(value, Mapping):
        return {key: _deserialize(arguments[1], item, module) for key, item in value.items()}
    if format == "unix-timestamp" and isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, timezone.utc)
    for found in _classes_in(deserializer):
        if issubclass(found, Model) and isinstance(value, Mapping):
            return found._class_for(value)._from_wire(value)
        if issubclass(found, Enum):
            return {member.value: member for member in found}.get(value, value)
    return value
