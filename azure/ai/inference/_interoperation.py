"""What `inspect`, `help`, editors and pydantic ask of a model class."""

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
