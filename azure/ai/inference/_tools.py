"""Functions as tools: their definitions, and calls of them with arguments that a model generated."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import typing_extensions

from ._structured import describe, import_pydantic, strict_schema, wire_name

_DESCRIBED_KINDS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)

_SECTION = r"(?:Args|Arguments|Parameters|Params|Keyword Arguments|Other Parameters)"
_SPHINX_FIELD = re.compile(r"^:(?:param|keyword)\s+(?:[^:\n]*\s)?\*{0,2}(\w+)\s*:(.*(?:\n[ \t]+.*)*)", re.MULTILINE)
_GOOGLE_SECTION = re.compile(rf"^{_SECTION}:[ \t]*((?:\n[ \t]+.*|\n[ \t]*$)+)", re.MULTILINE)
_GOOGLE_FIELD = re.compile(r"^\*{0,2}(\w+)[ \t]*(?:\(.*?\))?:(.*(?:\n[ \t]+.*|\n$)*)", re.MULTILINE)
_NUMPY_SECTION = re.compile(rf"^{_SECTION}[ \t]*\n---+[ \t]*((?:\n(?!.*\n---).*)+)", re.MULTILINE)
_NUMPY_FIELD = re.compile(r"^\*{0,2}(\w+(?:, *\w+)*)[ \t]*(?::.*)?((?:\n[ \t]+.*|\n$)+)", re.MULTILINE)
_END_OF_SUMMARY = re.compile(r"^(?::\w+.*:|[A-Z][\w ]*:[ \t]*\n[ \t]+\S|[A-Z][\w ]*\n---+)", re.MULTILINE)


class InvalidToolCallError(ValueError):
    """A model called a tool that does not exist, or with arguments that do not fit it."""


class Tool:
    """A function that a model may call.

    :param function: A function, sync or async, a method, a functools.partial, or another object with `__call__`.
    :param name: The name of the tool. Default: that of the function.
    :param description: What the tool does. Default: the docstring of the function, up to its list of parameters.
    :param strict: Whether the model must follow the schema of the parameters exactly. Default: not sent.
    :raises TypeError: The function cannot be described. The message names the parameter.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        description: str | None = None,
        strict: bool | None = None,
    ) -> None:
        if not callable(function) or isinstance(function, type):
            raise TypeError(f"A tool must be a function, not {function!r}.")
        self._function = function
        plain = function
        while isinstance(plain, functools.partial):
            plain = plain.func
        called = plain if hasattr(plain, "__name__") else type(plain).__call__
        self.name = name or wire_name(plain)
        self.is_async = inspect.iscoroutinefunction(called)
        self._signature = _open_signature(function)
        summary, texts = read_docstring(inspect.getdoc(called) or "")
        types = dict(_parameter_types(self._signature, called, texts, self.name))
        self._adapter, schema = _describe_parameters(types, self.name)
        self.definition: dict[str, Any] = {"name": self.name}
        if description or summary:
            self.definition["description"] = description or summary
        self.definition["parameters"] = strict_schema(schema, self.name) if strict else schema
        if strict is not None:
            self.definition["strict"] = strict

    def __call__(self, arguments: str) -> Any:
        """Call the function with arguments in JSON, which become values of the annotated types.

        :raises InvalidToolCallError: The arguments are not JSON, or do not fit the parameters.
        """
        pydantic = import_pydantic()
        try:
            values = self._adapter.validate_json(arguments or "{}")
        except pydantic.ValidationError as error:
            problems = error.errors(include_url=False, include_context=False, include_input=False)
            texts = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}".lstrip(": ") for problem in problems]
            raise InvalidToolCallError(f"invalid arguments: {'; '.join(texts)}") from error
        bound = inspect.BoundArguments(self._signature, values)
        bound.apply_defaults()
        return self._function(*bound.args, **bound.kwargs)


def _open_signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return the signature of a function, without the keywords that a functools.partial fills in."""
    try:
        signature = inspect.signature(function)
    except (NameError, ValueError) as error:
        raise TypeError(f"The tool {function!r} cannot be described: {error}") from error
    bound = function.keywords if isinstance(function, functools.partial) else {}
    parameters = signature.parameters
    return signature.replace(parameters=[parameters[name] for name in parameters if name not in bound])


def _parameter_types(
    signature: inspect.Signature, called: Any, texts: dict[str, str], tool: str
) -> Iterator[tuple[str, Any]]:
    """Yield the name and the type of each parameter: annotated with its description, and optional with a default."""
    pydantic = import_pydantic()
    for name, parameter in signature.parameters.items():
        where = f"Parameter `{name}` of the tool `{tool}`"
        if parameter.annotation is parameter.empty or parameter.kind in _DESCRIBED_KINDS:
            raise TypeError(f"{where} cannot be described: it needs a name and a type annotation.")
        type_, metadata = _resolve(parameter.annotation, called, where)
        metadata = [pydantic.Field(description=_text(item)) if _text(item) else item for item in metadata]
        if name in texts:  # the first one, as the last one counts: an annotation wins over the docstring
            metadata.insert(0, pydantic.Field(description=texts[name]))
        for item in metadata:
            type_ = typing_extensions.Annotated[type_, item]
        yield name, type_ if parameter.default is parameter.empty else typing_extensions.NotRequired[type_]


def _resolve(annotation: Any, called: Any, where: str) -> tuple[Any, list[Any]]:
    """Return the type and the metadata of an annotation, which may be a string."""
    holder = type("Holder", (), {"__annotations__": {"type": annotation}})
    names = getattr(inspect.unwrap(called), "__globals__", {})
    try:
        type_ = typing_extensions.get_type_hints(holder, names, include_extras=True)["type"]
    except NameError as error:
        raise TypeError(f"{where} cannot be described: {error}.") from error
    metadata = getattr(type_, "__metadata__", ())  # of Annotated
    return (type_.__origin__ if metadata else type_), list(metadata)


def _text(metadata: Any) -> str | None:
    """Return the description that metadata of `Annotated` is: a string, or `typing_extensions.Doc`."""
    text = getattr(metadata, "documentation", metadata)
    return text if isinstance(text, str) else None


def _describe_parameters(types: dict[str, Any], tool: str) -> tuple[Any, dict[str, Any]]:
    """Return what validates the arguments of a tool, and the JSON Schema of its parameters."""
    typed_dict: Any = typing_extensions.TypedDict  # type checkers take literal fields alone
    arguments = typed_dict(tool, types)
    arguments.__pydantic_config__ = {"extra": "forbid"}
    try:
        adapter, schema = describe(arguments, tool)
    except TypeError as error:
        problems = (_problem(typed_dict(name, {name: type_}), name, tool) for name, type_ in types.items())
        raise next(filter(None, problems), error) from error
    schema.pop("title")
    schema.setdefault("properties", {})  # some services demand it
    return adapter, schema


def _problem(type_: Any, name: str, tool: str) -> TypeError | None:
    """Return why a parameter cannot be described."""
    try:
        describe(type_, f"Parameter `{name}` of the tool `{tool}`")
    except TypeError as error:
        return error
    return None


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """Return the description of a function, and of its parameters, from a docstring without its indentation.

    The styles of Google, NumPy and Sphinx are known.
    """
    fields = _SPHINX_FIELD.findall(text)
    for section, field in ((_GOOGLE_SECTION, _GOOGLE_FIELD), (_NUMPY_SECTION, _NUMPY_FIELD)):
        for found in section.findall(text):
            fields += field.findall(inspect.cleandoc(found) if section is _GOOGLE_SECTION else found)
    end = _END_OF_SUMMARY.search(text)
    summary = text[: end.start()] if end else text
    texts = {name: " ".join(words.split()) for names, words in fields for name in names.split(", ")}
    return summary.strip(), {name: words for name, words in texts.items() if words}
