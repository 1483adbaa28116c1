"""What `inspect`, `help`, editors, notebooks and pydantic ask of a model class."""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any


class PydanticSerializer:
    """`__pydantic_serializer__` of a model class: pydantic asks for it before it treats an object as a dict.

    `model_dump()` returns the model itself, as with 1.0.0b9, and `model_dump_json()` its JSON.
    """

    def __get__(self, model: Any, owner: type) -> Any:
        if sys.modules.get("pydantic_core") is None:  # whoever asks has imported it
            raise AttributeError(f"type object {owner.__name__!r} has no attribute '__pydantic_serializer__'")
        return _pydantic_serializer()


@functools.cache
def _pydantic_serializer() -> Any:
    from pydantic_core import SchemaSerializer, core_schema

    def serialize(model: Any, info: core_schema.SerializationInfo) -> Any:
        return model if info.mode == "python" else dict(model)

    serialization = core_schema.plain_serializer_function_ser_schema(serialize, info_arg=True)
    return SchemaSerializer(core_schema.any_schema(serialization=serialization))


class ConstructorSignature:
    """`__signature__` of a model class: the keywords with their types, for `inspect`, help and completion."""

    def __init__(self, constructor: Callable[..., None]) -> None:
        self._constructor = constructor

    def __get__(self, model: Any, owner: Any) -> inspect.Signature:
        if owner.__init__ is not self._constructor:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute '__signature__'")
        types: dict[str, Any] = {}
        for base in reversed(owner.__mro__):
            types.update(inspect.get_annotations(base))
        constants = {*owner._discriminator_item, *dict(owner._constants)}
        keywords = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=types.get(name, Any))
            for name, field in owner._fields.items()
            if field.key not in constants
        ]
        first = inspect.Parameter(
            "mapping", inspect.Parameter.POSITIONAL_ONLY, default=None, annotation=Mapping[str, Any]
        )
        for keyword in keywords:
            if keyword.name == owner._positional:
                first = keyword.replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return inspect.Signature([first, *(keyword for keyword in keywords if keyword.name != first.name)])


_FIELD_WITH_DOCSTRING = re.compile(r'^class (\w+)|^    (\w+): .+\n    """((?:.|\n)+?)"""', re.MULTILINE)


def document_fields(module: str) -> None:
    """Give the properties of the models in a module the docstrings that stand below their fields.

    Editors, type checkers and Sphinx read such a docstring where it stands, but Python drops it: `help` shows that of
    the property. So it is read from the source (0.4 ms for all models); without the source, `help` shows no text.
    """
    try:
        source = inspect.getsource(sys.modules[module])
    except OSError:
        return
    owner: Any = None
    for class_name, field_name, text in _FIELD_WITH_DOCSTRING.findall(source):
        if class_name:
            owner = getattr(sys.modules[module], class_name)
        else:
            vars(owner)[field_name].__doc__ = text


LONG_TEXT = 300
LONG_LIST = 10
SHOWN_ITEMS = 3


def print_model(model: Mapping[str, Any], printer: Any, cycle: bool) -> None:
    """Print a model for IPython: as `repr` has it, but in lines that are as wide as the printer says.

    Of a text of more than 300 characters and of a list of more than 10 items the first part is printed: answers and
    vectors fill screens.

    :param model: The model.
    :param printer: The `RepresentationPrinter` of IPython.
    :param cycle: Whether the model is in itself, and is being printed already.
    """
    name = type(model).__name__
    if cycle:
        printer.text(f"{name}(...)")
        return
    with printer.group(4, f"{name}({{", "})"):
        for index, (key, value) in enumerate(model.items()):
            if index:
                printer.text(",")
            printer.breakable(" " if index else "")
            printer.pretty(key)
            printer.text(": ")
            _print_value(value, printer)


def _print_value(value: Any, printer: Any) -> None:
    if isinstance(value, str) and len(value) > LONG_TEXT:
        printer.text(f"{value[:LONG_TEXT]!r} … ({len(value):,} characters)")
    elif isinstance(value, list) and len(value) > LONG_LIST:
        printer.pretty(value[:SHOWN_ITEMS])
        printer.text(f" … ({len(value):,} items)")
    else:
        printer.pretty(value)
