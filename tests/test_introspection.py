"""Models and clients in `help`, `inspect`, `dir` and completion."""

import importlib
import inspect
import pydoc
import re

import azure.ai.inference
import jedi
import pytest
from azure.ai.inference import aio, models
from azure.ai.inference._model_base import Model, document_fields, rest_field
from IPython.core.completer import IPCompleter, provisionalcompleter
from IPython.lib.pretty import pretty

MODULES = [
    f"azure.ai.inference{name}" for name in ("", ".aio", ".limits", ".models", ".prompts", ".testing", ".tracing")
]
NAMES = [(module, name) for module in MODULES for name in importlib.import_module(module).__all__]
ANSWER = {
    "created": 1700000000,
    "choices": [
        {"message": {"role": "assistant", "content": "x", "tool_calls": [{"function": {"name": "f"}}], "new": {}}}
    ],
    "usage": {"total_tokens": 3},
}
COMPLETED = {
    "answer.cho": "choices",
    "answer.choices[0].mess": "message",
    "answer.choices[0].message.cont": "content",
    "answer.choices[0].message.content.upp": "upper",
    "answer.choices[0].message.tool_calls[0].function.na": "name",
    "answer.choices[0].message.ne": "new",
    "answer.usage.tot": "total_tokens",
    "print(answer.choices[0].mess": "message",
}
"""What is typed, and what it is completed to."""
MODEL_CLASSES = [value for value in map(models.__dict__.get, models.__all__) if hasattr(value, "_fields")]


@pytest.mark.parametrize("model", MODEL_CLASSES, ids=lambda model: model.__name__)
def test_every_class_and_field_has_a_docstring(model):
    assert model.__doc__
    for name in model._fields:
        assert inspect.getattr_static(model, name).__doc__, name


@pytest.mark.parametrize("model", MODEL_CLASSES, ids=lambda model: model.__name__)
def test_help_shows_each_field_with_its_docstring(model):
    shown = pydoc.plain(pydoc.render_doc(model))
    for name in model._fields:
        first_line = inspect.getdoc(inspect.getattr_static(model, name)).splitlines()[0]
        assert f"{name}\n |      {first_line}" in shown


@pytest.mark.parametrize("model", MODEL_CLASSES, ids=lambda model: model.__name__)
def test_the_signature_has_every_keyword_with_its_type(model):
    parameters = inspect.signature(model).parameters
    constants = {*model._discriminator_item, *dict(model._constants)}
    for name, field in model._fields.items():
        if field.key not in constants:
            assert parameters[name].annotation is not inspect.Parameter.empty
            assert model(**{name: "x"})[field.key] == "x"
    first = next(iter(parameters.values()))
    assert first.name == (model._positional or "mapping")


def test_a_class_with_its_own_constructor_has_the_signature_of_it():
    class Mine(Model):
        a: int = rest_field()

        def __init__(self, a, *, twice=False):
            super().__init__(a=2 * a if twice else a)

    assert list(inspect.signature(Mine).parameters) == ["a", "twice"]
    assert Mine(1, twice=True).a == 2


def test_a_subclass_inherits_the_docstring_unless_it_has_its_own():
    class Mine(models.UserMessage):
        pass

    assert Mine.__doc__ == models.UserMessage.__doc__


def test_a_module_without_source_has_no_field_docstrings(monkeypatch):
    monkeypatch.setattr(inspect, "getsource", lambda _module: (_ for _ in ()).throw(OSError("no source")))
    document_fields("azure.ai.inference.models._models")


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_help_is_text_without_marks_for_sphinx(module, name):
    shown = pydoc.plain(pydoc.render_doc(getattr(importlib.import_module(module), name)))
    assert not re.search(r"~\w", shown)


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_every_public_member_has_a_docstring(module, name):
    value = getattr(importlib.import_module(module), name)
    assert inspect.getdoc(value)
    without = {
        member
        for owner in getattr(value, "__mro__", ())
        if owner.__module__.startswith("azure.ai.inference")
        for member in vars(owner)
        if not (member.startswith("_") or inspect.getdoc(getattr(value, member)) or member in value.__annotations__)
    }
    assert without == set()


def complete_with_jedi(code, answer):
    return [found.name for found in jedi.Interpreter(code, [{"answer": answer}]).complete()]


def complete_with_ipython(code, answer, **settings):
    of_a_shell = [f"IPCompleter.{name}" for name in ("magic_matcher", "magic_config_matcher", "magic_color_matcher")]
    of_a_shell.append("IPCompleter.custom_completer_matcher")
    completer = IPCompleter(namespace={"answer": answer}, global_namespace={}, disable_matchers=of_a_shell, **settings)
    with provisionalcompleter():
        return [found.text.lstrip(".") for found in completer.completions(code, len(code))]


@pytest.mark.parametrize("code", COMPLETED)
def test_attributes_of_an_answer_are_completed_at_any_depth(code):
    answer = models.ChatCompletions(ANSWER)
    assert complete_with_jedi(code, answer) == [COMPLETED[code]]
    assert complete_with_ipython(code, answer, use_jedi=True) == [COMPLETED[code]]


@pytest.mark.parametrize("code", COMPLETED)
def test_without_jedi_ipython_completes_them_if_it_may_evaluate_attributes(code):
    answer = models.ChatCompletions(ANSWER)
    assert complete_with_ipython(code, answer, use_jedi=False, evaluation="unsafe") == [COMPLETED[code]]
    assert complete_with_ipython("answer.cho", answer, use_jedi=False) == ["choices"]


def test_ipython_prints_models_in_indented_lines():
    message = models.AssistantMessage("x" * 60, tool_calls=[models.ChatCompletionsToolCall(id="1")])
    assert pretty(models.UserMessage("x")) == repr(models.UserMessage("x"))
    assert pretty(message) == (
        "AssistantMessage({\n"
        "    'role': 'assistant',\n"
        "    'tool_calls': [ChatCompletionsToolCall({'id': '1', 'type': 'function'})],\n"
        f"    'content': '{'x' * 60}'}})"
    )
    assert pretty(models.CompletionsUsage()) == "CompletionsUsage({})"


def test_ipython_prints_the_start_of_long_texts_and_lists():
    message = models.UserMessage("ab" * 600)
    assert pretty(message).endswith(f"'{'ab' * 150}' … (1,200 characters)}})")
    assert repr(message) == f"UserMessage({{'role': 'user', 'content': '{'ab' * 600}'}})"
    item = models.EmbeddingItem(embedding=[0.5] * 1536)
    assert pretty(item) == "EmbeddingItem({'embedding': [0.5, 0.5, 0.5] … (1,536 items)})"
    assert pretty(models.EmbeddingItem(embedding=[0.5] * 10)).count("0.5") == 10


def test_ipython_prints_a_model_that_is_in_itself():
    message = models.UserMessage("x")
    message["list"] = [message]
    assert pretty(message) == "UserMessage({'role': 'user', 'content': 'x', 'list': [UserMessage(...)]})"


def test_dir_lists_fields_and_present_keys():
    names = dir(models.ChatChoice({"extra": 1}))
    assert {"extra", "message", "finish_reason", "as_dict"} <= set(names)
    assert "extra" not in dir(models.ChatChoice({}))


@pytest.mark.parametrize("sdk", [azure.ai.inference, aio])
@pytest.mark.parametrize(
    ("client", "method"),
    [
        ("ChatCompletionsClient", "complete"),
        ("EmbeddingsClient", "embed"),
        ("ImageEmbeddingsClient", "embed"),
        ("ChatCompletionsClient", "get_model_info"),
    ],
)
def test_clients_and_their_methods_have_docstrings(sdk, client, method):
    client = getattr(sdk, client)
    assert client.__doc__
    shown = pydoc.plain(pydoc.render_doc(getattr(client, method)))
    assert ":keyword model:" in shown
    assert ":raises" in shown
