"""Models and clients in `help`, `inspect`, `dir` and completion."""

import inspect
import pydoc

import azure.ai.inference
import pytest
from azure.ai.inference import aio, models
from azure.ai.inference._model_base import Model, document_fields, rest_field

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
