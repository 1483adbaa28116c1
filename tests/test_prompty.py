"""Templates from files in the prompty format."""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from azure.ai.inference.prompts import PromptTemplate

FULL = """\
---
name: Basic
description: Answers questions
authors: [Ada]
tags: [test]
version: 1.2
model:
  api: chat
  configuration:
    type: azure_openai
    azure_deployment: gpt-x
    azure_endpoint: ${env:TEST_ENDPOINT}
    api_key: ${env:TEST_KEY:a:default}
    Client_Secret: 12345
    nested: {keys: [abc, 12], plain: 1, 7: x}
    empty_key:
  parameters:
    max_tokens: 12
    stop: ["${env:TEST_ENDPOINT}"]
  response: first
inputs:
  question: {type: string, default: "What?", description: of the user}
  tone: {type: string, sample: calm}
  name: Bob
outputs:
  answer: {type: string}
sample:
  name: Ada
---
system:
Be {{tone}}, {{name}}. ${env:TEST_ENDPOINT}
user:
{{question}}
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.setenv("TEST_ENDPOINT", "https://example.com")
    monkeypatch.delenv("TEST_KEY", raising=False)

    def write(settings: Any, content: str = "user:\nHi.\n", name: str = "chat.prompty") -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"---\n{json.dumps(settings)}\n---\n{content}", encoding="utf-8")
        return path

    return write


@pytest.fixture
def full(write: Write, tmp_path: Path) -> PromptTemplate:
    path = tmp_path / "full.prompty"
    path.write_text(FULL, encoding="utf-8")
    return PromptTemplate.from_prompty(path)


def test_reads_the_settings(full: PromptTemplate) -> None:
    assert full.prompty is not None
    assert (full.api, full.model_name) == ("chat", "gpt-x")
    assert full.parameters == {"max_tokens": 12, "stop": ["https://example.com"]}
    assert (full.prompty.name, full.prompty.authors, full.prompty.tags) == ("Basic", ["Ada"], ["test"])
    assert (full.prompty.model.response, full.prompty.version) == ("first", 1.2)
    assert full.prompty.model.configuration["azure_endpoint"] == "https://example.com"
    assert full.prompty.model.configuration["api_key"] == "a:default"
    assert full.prompty.outputs["answer"].type == "string"


def test_the_file_gives_values_that_the_caller_does_not(full: PromptTemplate) -> None:
    system = {"role": "system", "content": "Be calm, Ada. ${env:TEST_ENDPOINT}"}
    assert full.create_messages() == [system, {"role": "user", "content": "What?"}]
    assert full.create_messages({"question": "Who?"}, tone="calm")[1] == {"role": "user", "content": "Who?"}
    assert full.create_messages(name="Eve")[0]["content"].startswith("Be calm, Eve.")


def test_secrets_are_masked(full: PromptTemplate) -> None:
    assert full.prompty is not None
    safe = full.prompty.to_safe_dict()
    configuration = full.prompty.model.configuration
    assert safe["model"]["configuration"] == {
        **configuration,
        "api_key": "*********",
        "Client_Secret": "*****",
        "nested": {"keys": ["***", "**"], "plain": 1, 7: "x"},
    }
    assert configuration["api_key"] == "a:default"
    assert safe["file"] == str(full.prompty.file)
    assert safe["inputs"]["name"]["default"] == "Bob"
    assert safe["outputs"] == {"answer": {"type": "string", "default": None, "description": "", "sample": None}}
    assert json.dumps(safe)
    assert "default" not in repr(full.prompty.model)


def test_a_file_without_inputs_says_nothing_of_them(write: Write) -> None:
    prompty = PromptTemplate.from_prompty(write({})).prompty
    assert prompty is not None
    assert prompty.to_safe_dict().keys() == {"model", "template", "file"}


def test_a_base_gives_what_the_file_does_not_say(full: PromptTemplate, write: Write) -> None:
    settings = {
        "name": "Child",
        "base": "../full.prompty",
        "model": {"parameters": {"max_tokens": 1, "top_p": 0.5}},
        "inputs": {"question": {"default": "Why?"}},
        "tags": ["child"],
    }
    child = PromptTemplate.from_prompty(write(settings, content="\n", name="sub/child.prompty"))
    assert child.prompty is not None
    assert child.model_name == "gpt-x"
    assert child.parameters == {"max_tokens": 1, "stop": ["https://example.com"], "top_p": 0.5}
    assert (child.prompty.name, child.prompty.authors, child.prompty.tags) == ("Child", ["Ada"], ["child"])
    assert [message["content"] for message in child.create_messages()][1] == "Why?"


def test_a_template_of_its_own_replaces_that_of_the_base(full: PromptTemplate, write: Write) -> None:
    child = PromptTemplate.from_prompty(write({"base": "full.prompty"}, "user:\nI am {{name}}."))
    assert child.create_messages() == [{"role": "user", "content": "I am Ada."}]


def test_images_of_an_inherited_template_are_next_to_the_base(write: Write, tmp_path: Path) -> None:
    write({}, "user:\n![it](a.png)\n", name="base.prompty")
    (tmp_path / "a.png").write_bytes(b"a")
    child = PromptTemplate.from_prompty(write({"base": "../base.prompty"}, "", name="sub/child.prompty"))
    assert child.create_messages()[0]["content"][0]["image_url"] == {"url": "data:image/png;base64,YQ=="}


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("${env:TEST_ENDPOINT}", "https://example.com"),
        (" ${env: TEST_ENDPOINT } ", "https://example.com"),
        ("${env:TEST_ENDPOINT:other}", "https://example.com"),
        ("${env:TEST_KEY:}", ""),
        ("${env:TEST_KEY:a:b}", "a:b"),
        ("x${env:TEST_KEY}", "x${env:TEST_KEY}"),
        ("${file:settings.json}", {"a": [1]}),
        ("${file:./settings.json}", {"a": [1]}),
    ],
)
def test_references_are_resolved(reference: str, value: Any, write: Write, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"a": [1]}', encoding="utf-8")
    template = PromptTemplate.from_prompty(write({"model": {"parameters": {"here": [{"it": reference}]}}}))
    assert template.parameters == {"here": [{"it": value}]}


def test_prompty_json_gives_a_default_configuration(write: Write, tmp_path: Path) -> None:
    shared = {"default": {"type": "shared", "azure_deployment": "${env:TEST_ENDPOINT}"}, "other": {"a": 1}}
    (tmp_path / "prompty.json").write_text(json.dumps(shared), encoding="utf-8")
    template = PromptTemplate.from_prompty(write({"model": {"configuration": {"type": "own"}}}))
    assert template.prompty is not None
    assert template.model_name == "https://example.com"
    assert template.prompty.model.configuration == {"type": "own", "azure_deployment": "https://example.com"}


@pytest.mark.parametrize("name", ["a.png", "./sub/a.JPG", "sub/../a.jpeg"])
def test_local_images_are_inlined(name: str, write: Write, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / name).write_bytes(b"\x89PNG")
    template = PromptTemplate.from_prompty(write({}, f"user:\nLook: ![it]({name})"))
    media_type = "image/png" if name.endswith("png") else "image/jpeg"
    assert template.create_messages()[0]["content"] == [
        {"type": "text", "text": "Look:"},
        {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,iVBORw=="}},
    ]


def test_a_path_starts_at_the_folder_of_the_caller(write: Write, tmp_path: Path) -> None:
    write({}, name="sub/chat.prompty")
    program = tmp_path / "program.py"
    program.write_text(
        "from azure.ai.inference.prompts import PromptTemplate\n"
        "messages = PromptTemplate.from_prompty('sub/chat.prompty').create_messages()\n",
        encoding="utf-8",
    )
    assert runpy.run_path(str(program))["messages"] == [{"role": "user", "content": "Hi."}]


def test_a_caller_without_a_file_is_in_the_current_folder(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({})
    monkeypatch.chdir(tmp_path)
    namespace = {"PromptTemplate": PromptTemplate}
    exec("messages = PromptTemplate.from_prompty('chat.prompty').create_messages()", namespace)
    assert namespace["messages"] == [{"role": "user", "content": "Hi."}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("user:\nHi.", "between two `---` lines"),
        ("---\nname: x\nuser:\nHi.", "between two `---` lines"),
        ("Hi.\n---\nname: x\n---\n", "between two `---` lines"),
        ("\n---\nname: x\nmodel: {api_key: hidden\ntags: [\n---\n", "line 5: "),
        ("---\nname: \x00\n---\n", "special characters|not allowed|not YAML"),
        ("---\n- name\n---\n", "the front matter must be a mapping"),
        ("---\nnme: x\n---\n", "unknown in the front matter: nme"),
        ("---\ncontent_file: /etc/hosts\n---\n", "unknown in the front matter: content_file"),
        ("---\nfile: x\ncontent: Hi.\n---\n", "unknown in the front matter: content, file"),
        ("---\nmodel: gpt\n---\n", "model must be a mapping"),
        ("---\nmodel: {name: gpt}\n---\n", "unknown in the model: name"),
        ("---\nmodel: {configuration: gpt}\n---\n", "configuration must be a mapping"),
        ("---\ninputs: [a]\n---\n", "inputs must be a mapping"),
        ("---\ntemplate: jinja2\n---\n", "the only template type is mustache"),
        ("---\ntemplate: {parser: x}\n---\n", "its only parser prompty"),
        ("---\nname: ${env:TEST_KEY}\n---\n", "variable TEST_KEY is not set"),
        ("---\nname: ${key:x}\n---\n", "neither"),
        ("---\nname: ${file:../settings.json}\n---\n", "'../settings.json' is outside the folder"),
        ("---\nname: ${file:/settings.json}\n---\n", "'/settings.json' is outside the folder"),
        ("---\nname: ${file:bad.json}\n---\n", "bad.json, line 2: "),
        ("---\nbase: chat.prompty\n---\n", "circular `base`"),
        ("---\nname: x\n---\n\nuser:\n{{#a}}\n", "line 6: the section 'a' is not closed"),
        ("---\nname: x\n---\nuser:\n{{a", "line 5: the tag that begins with '{{a' is not closed"),
    ],
)
def test_a_file_that_says_nothing_sensible_is_refused(text: str, message: str, write: Write, tmp_path: Path) -> None:
    path = tmp_path / "chat.prompty"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "bad.json").write_text("{\n]", encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        PromptTemplate.from_prompty(path)
    assert str(tmp_path) in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is caught.value.__cause__


BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("sample: &a {x: *a}", "an alias of what is around it"),
        ("authors: &a [*a]", "an alias of what is around it"),
        ("sample: !!pairs &a [x: *a]", "an alias of what is around it"),
        (f"sample: {{x: {'[' * 101 + ']' * 101}}}", "nested too deeply"),
        (f"sample: {'[' * 5000 + ']' * 5000}", "nested too deeply"),
        (f"sample: {{x: {{{BOMB.replace(']', '],').replace(chr(10), ' ')}}}}}", "says more than 100000 values"),
    ],
)
def test_settings_that_grow_without_bounds_are_refused(settings: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "chat.prompty"
    path.write_text(f"---\n{settings}\n---\nuser:\nHi.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"chat\.prompty: .*{message}"):
        PromptTemplate.from_prompty(path)


@pytest.mark.parametrize("depth", [200, 200_000])
def test_a_file_of_settings_that_is_nested_too_deeply_is_refused(depth: int, write: Write, tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * depth + "]" * depth, encoding="utf-8")
    with pytest.raises(ValueError, match=r"deep\.json: is nested too deeply"):
        PromptTemplate.from_prompty(write({"sample": {"x": "${file:deep.json}"}}))


MERGE_BOMB = "a: &a {k: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 10)}], k{name}: 1}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_merge_keys_do_not_add_up_without_bounds(tmp_path: Path) -> None:
    """PyYAML before 6.0.4 writes them out: a hundred million keys."""
    path = tmp_path / "chat.prompty"
    path.write_text(f"---\n{MERGE_BOMB}\n---\nuser:\nHi.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"chat\.prompty: unknown in the front matter: a, b"):
        PromptTemplate.from_prompty(path)


def test_a_merge_key_adds_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "chat.prompty"
    settings = "sample:\n  a: &a {x: 1, y: 2}\n  b: {<<: *a, y: 3}"
    path.write_text(f"---\n{settings}\n---\nuser:\n{{{{#b}}}}{{{{x}}}}{{{{y}}}}{{{{/b}}}}\n", encoding="utf-8")
    assert PromptTemplate.from_prompty(path).create_messages() == [{"role": "user", "content": "13"}]


def test_an_alias_stands_for_its_value(tmp_path: Path) -> None:
    path = tmp_path / "chat.prompty"
    path.write_text("---\nsample: {a: &a [1, 2], b: *a}\n---\nuser:\n{{#b}}{{.}}{{/b}}\n", encoding="utf-8")
    assert PromptTemplate.from_prompty(path).create_messages() == [{"role": "user", "content": "12"}]


@pytest.mark.parametrize(
    ("content", "message"), [("[]", "holds no object"), ('{"default": 1}', "default must be a mapping")]
)
def test_prompty_json_has_to_hold_a_mapping(content: str, message: str, write: Write, tmp_path: Path) -> None:
    (tmp_path / "prompty.json").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"prompty\.json: {message}"):
        PromptTemplate.from_prompty(write({}))


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chat.prompty").write_bytes(b"---\nname: \xe9\n---\n")
    with pytest.raises(ValueError, match=r"chat\.prompty: is not UTF-8"):
        PromptTemplate.from_prompty(tmp_path / "chat.prompty")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.gif", "none of .png, .jpg, .jpeg"),
        ("a", "none of .png, .jpg, .jpeg"),
        ("../a.png", "outside the folder"),
        ("/a.png", "outside the folder"),
        ("link.png", "outside the folder"),
    ],
)
def test_an_image_is_of_the_kinds_that_models_see_and_in_the_folder(
    name: str, message: str, write: Write, tmp_path: Path
) -> None:
    path = write({}, f"user:\n![it]({name})", name="sub/chat.prompty")
    (tmp_path / "a.png").write_bytes(b"a")
    path.with_name("link.png").symlink_to(tmp_path / "a.png")
    with pytest.raises(ValueError, match=rf"chat\.prompty: .*{message}"):
        PromptTemplate.from_prompty(path).create_messages()


@pytest.mark.parametrize("settings", [{"base": "missing.prompty"}, {"name": "${file:missing.prompty}"}])
def test_a_file_that_another_names_has_to_be_there(settings: Any, write: Write) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.prompty"):
        PromptTemplate.from_prompty(write(settings))


def test_files_that_are_missing(write: Write, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.prompty"):
        PromptTemplate.from_prompty(tmp_path / "missing.prompty")
    with pytest.raises(FileNotFoundError, match=r"missing\.png"):
        PromptTemplate.from_prompty(write({}, "user:\n![it](missing.png)")).create_messages()
    with pytest.raises(ValueError, match="file_path is empty"):
        PromptTemplate.from_prompty("")


def test_says_what_to_install(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ImportError, match=r"azure-ai-inference\[prompts\]") as raised:
        PromptTemplate.from_prompty(write({}))
    assert isinstance(raised.value.__cause__, ImportError)


def test_what_a_file_does_not_say_is_empty(write: Write) -> None:
    prompty = PromptTemplate.from_prompty(write({})).prompty
    assert prompty is not None
    assert (prompty.name, prompty.description, prompty.version, prompty.base) == ("", "", "", "")
    assert (prompty.authors, prompty.tags, prompty.sample, prompty.inputs, prompty.outputs) == ([], [], {}, {}, {})
    assert (prompty.model.api, prompty.model.configuration, prompty.model.parameters) == ("chat", {}, {})


def test_the_api_is_that_of_the_file(write: Write) -> None:
    assert PromptTemplate.from_prompty(write({"model": {"api": "completion"}})).api == "completion"


def test_the_name_of_the_model_that_is_given_wins_over_that_of_the_file(write: Write) -> None:
    prompty = PromptTemplate.from_prompty(write({"model": {"configuration": {"azure_deployment": "theirs"}}})).prompty
    assert PromptTemplate(prompty=prompty).model_name == "theirs"
    assert PromptTemplate(prompty=prompty, model_name="mine").model_name == "mine"


def test_blanks_after_the_lines_around_the_settings_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "blanks.prompty"
    path.write_text("\n---  \nname: x\n---\t\nuser:\nhi\n", encoding="utf-8")
    template = PromptTemplate.from_prompty(path)
    assert template.prompty is not None
    assert template.prompty.name == "x"
    assert template.create_messages() == [{"role": "user", "content": "hi"}]


def test_blanks_around_the_name_of_a_variable_do_not_matter(write: Write) -> None:
    prompty = PromptTemplate.from_prompty(write({"name": "${env: TEST_ENDPOINT }"})).prompty
    assert prompty is not None
    assert prompty.name == "https://example.com"


def test_a_mapping_takes_the_place_of_what_is_none_in_the_base(write: Write) -> None:
    write({"inputs": [1], "sample": "x"}, name="base.prompty")
    template = PromptTemplate.from_prompty(
        write({"base": "base.prompty", "inputs": {"a": 1}, "sample": {"b": 2}}, "user:\n{{a}} {{b}}")
    )
    assert template.create_messages() == [{"role": "user", "content": "1 2"}]


def test_null_in_an_input_is_as_if_it_was_not_there(write: Write) -> None:
    prompty = PromptTemplate.from_prompty(write({"inputs": {"a": {"type": None, "description": None}}})).prompty
    assert prompty is not None
    assert (prompty.inputs["a"].type, prompty.inputs["a"].description) == ("string", "")
