"""The models of requests and responses."""

import copy
import io
import json
import pickle
from pathlib import Path

import pytest
from azure.ai.inference import models
from azure.ai.inference._model_base import Model
from azure.ai.inference.models import (
    AssistantMessage,
    AudioUrl,
    AudioUrlContentItem,
    ChatCompletions,
    ChatCompletionsToolCall,
    ChatRole,
    DeveloperMessage,
    FunctionCall,
    ImageContentItem,
    ImageDetailLevel,
    ImageEmbeddingInput,
    ImageUrl,
    InputAudio,
    SystemMessage,
    TextContentItem,
    ToolMessage,
    UserMessage,
    _models,
)

MESSAGES = [SystemMessage, DeveloperMessage, UserMessage, AssistantMessage, ToolMessage]


@pytest.mark.parametrize("message", MESSAGES)
def test_messages_take_their_content_by_position_by_keyword_and_as_a_mapping(message):
    wire = {"role": message().role, "content": "x"}
    assert message("x") == message(content="x") == message(wire) == message({"content": "x"}) == wire
    assert isinstance(message("x"), models.ChatRequestMessage)
    assert message(None) == message() == {"role": wire["role"]}


@pytest.mark.parametrize("role", ["assistant", "user", "other"])
def test_the_message_of_an_answer_is_a_message_of_the_next_request_too(role):
    answer = ChatCompletions({"choices": [{"message": {"role": role, "content": "x"}}]})
    message = answer.choices[0].message
    assert type(message) is models.ChatResponseMessage
    assert isinstance(message, models.ChatRequestMessage)
    assert models.ChatRequestMessage.__mapping__["assistant"] is AssistantMessage


@pytest.mark.parametrize("message", MESSAGES)
def test_content_given_twice_is_refused(message):
    with pytest.raises(ValueError, match="content cannot be provided as positional and keyword arguments"):
        message("x", content="y")
    with pytest.raises(TypeError):
        message("x", "y")


def test_positional_content_is_the_last_key():
    assert list(ToolMessage("12:00", tool_call_id="t")) == ["role", "tool_call_id", "content"]
    assert list(ToolMessage(content="12:00", tool_call_id="t")) == ["role", "content", "tool_call_id"]


def test_content_items_are_typed_when_read():
    message = UserMessage([TextContentItem(text="a"), {"type": "image_url", "image_url": {"url": "u"}}])
    text, image = message.content
    assert text.text == "a"
    assert isinstance(image, models.ImageContentItem)
    assert image.image_url.url == "u"


def test_tool_calls_are_typed_when_read():
    message = AssistantMessage(tool_calls=[{"id": "1", "type": "function", "function": {"name": "f"}}])
    assert message.tool_calls[0].function.name == "f"
    assert ChatCompletionsToolCall(id="1", function=FunctionCall(name="f", arguments="{}")).type == "function"


def test_the_role_selects_the_wire_class():
    assert _models.ChatRequestMessage.__mapping__ == {
        "system": SystemMessage,
        "developer": DeveloperMessage,
        "user": UserMessage,
        "assistant": AssistantMessage,
        "tool": ToolMessage,
    }


def test_str_of_a_completion_is_indented_json():
    completion = ChatCompletions(id="1", choices=[])
    assert str(completion) == '{\n  "id": "1",\n  "choices": []\n}'
    assert json.loads(str(completion)) == completion


def test_enum_members_are_strings_found_in_any_case():
    assert ImageDetailLevel.Auto is ImageDetailLevel["auto"] is ImageDetailLevel.AUTO
    assert str(ChatRole.USER) == "ChatRole.USER"
    assert ChatRole.USER == "user"


EVERY_MODEL = sorted(
    {
        cls
        for module in (_models, models)
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, Model) and cls is not Model
    },
    key=lambda cls: cls.__name__,
)


@pytest.fixture(params=EVERY_MODEL, ids=lambda cls: cls.__name__)
def filled(request):
    """An instance of each model class with every field set."""
    cls = request.param
    return cls(**{name: 5 if field.format else "x" for name, field in cls._fields.items()})


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model)), lambda model: model.copy()]
)
def test_every_model_can_be_copied(filled, again):
    twin = again(filled)
    assert twin == filled
    assert type(twin) is type(filled)
    assert twin is not filled


def test_every_model_is_a_dict(filled):
    cls = type(filled)
    assert filled == dict(**filled)
    assert json.loads(json.dumps(filled)) == filled == filled.as_dict()
    assert repr(filled).startswith(f"{cls.__name__}({{")
    assert cls(filled) == filled
    constants = dict(cls._constants) if issubclass(cls, models._models._Tool) else {}
    for field in cls._fields.values():
        assert filled[field.key] == constants.get(field.key, 5 if field.format else "x")


def test_every_field_is_described():
    source = Path(_models.__file__).read_text(encoding="utf-8").splitlines()
    fields = [number for number, line in enumerate(source) if "rest_field(" in line or "rest_discriminator(" in line]
    assert len(fields) > 90
    assert all(source[number + 1].startswith('    """') for number in fields)


@pytest.mark.parametrize("given", [str, Path, Path.read_bytes, lambda path: bytearray(path.read_bytes())])
def test_files_are_loaded(tmp_path, given):
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    file = given(tmp_path / "a.png")
    url = "data:image/png;base64,iVBORw=="
    assert ImageUrl.load(image_file=file, image_format="png", detail="low") == {"url": url, "detail": "low"}
    assert InputAudio.load(audio_file=file, audio_format="wav") == {"data": "iVBORw==", "format": "wav"}
    assert ImageEmbeddingInput.load(image_file=file, image_format="png") == {"image": url}
    assert ImageEmbeddingInput.load(image_file=file, image_format="png", text="t").text == "t"


LOADERS = [
    lambda file: ImageUrl.load(image_file=file, image_format="png")["url"],
    lambda file: InputAudio.load(audio_file=file, audio_format="wav")["data"],
    lambda file: ImageEmbeddingInput.load(image_file=file, image_format="png")["image"],
]


@pytest.mark.parametrize("load", LOADERS)
def test_open_files_are_read_from_where_they_are(load):
    file = io.BytesIO(b"--\x89PNG")
    file.seek(2)
    assert load(file).rpartition(",")[2] == "iVBORw=="
    assert not file.closed


@pytest.mark.parametrize("load", LOADERS)
def test_what_is_no_file_is_refused(load):
    for file, name in ((5, "int"), (None, "NoneType"), ([1], "list"), (io.StringIO("x"), "a file in text mode")):
        with pytest.raises(TypeError, match=rf"^(image|audio)_file must be a path, bytes, or a file .*, not {name}$"):
            load(file)


@pytest.mark.parametrize("load", LOADERS)
def test_missing_files_raise_file_not_found_error(tmp_path, load):
    with pytest.raises(FileNotFoundError, match=r"none\.png"):
        load(tmp_path / "none.png")


def test_image_content_accepts_the_keyword_of_the_documentation():
    item = ImageContentItem(image=ImageUrl(url="u"))
    assert item == ImageContentItem(image_url=ImageUrl(url="u")) == {"type": "image_url", "image_url": {"url": "u"}}
    assert item.image is item.image_url


def test_audio_may_be_a_url():
    item = AudioUrlContentItem(audio_url=AudioUrl(url="u"))
    assert item == {"type": "audio_url", "audio_url": {"url": "u"}}
    assert isinstance(UserMessage([dict(item)]).content[0], AudioUrlContentItem)


@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_has_a_name_and_takes_content_parts(message):
    parts = [{"type": "text", "text": "a"}]
    assert message(parts, name="n") == {"role": message().role, "name": "n", "content": parts}
    assert isinstance(message(parts).content[0], TextContentItem)


def test_fields_of_current_services_are_typed():
    update = models.StreamingChatCompletionsUpdate(
        {
            "system_fingerprint": "f",
            "prompt_filter_results": [{"prompt_index": 0}],
            "usage": {"prompt_tokens_details": {"cached_tokens": 7}, "later": 1},
            "choices": [
                {
                    "logprobs": {"content": []},
                    "content_filter_results": {"hate": {}},
                    "delta": {
                        "reasoning_content": "r",
                        "refusal": "no",
                        "tool_calls": [{"index": 1, "type": "function", "function": {"arguments": "{"}}],
                    },
                }
            ],
        }
    )
    choice = update.choices[0]
    assert (update.system_fingerprint, update.prompt_filter_results) == ("f", [{"prompt_index": 0}])
    assert (update.usage.prompt_tokens_details.cached_tokens, update.usage.later, update.usage["later"]) == (7, 1, 1)
    assert (choice.logprobs, choice.content_filter_results) == ({"content": []}, {"hate": {}})
    assert (choice.delta.reasoning_content, choice.delta.refusal) == ("r", "no")
    assert (choice.delta.tool_calls[0].index, choice.delta.tool_calls[0].type) == (1, "function")
    message = models.ChatResponseMessage({"refusal": "no", "audio": {"expires_at": 60, "data": "AA=="}})
    assert message.refusal == "no"
    assert message.audio.expires_at.isoformat() == "1970-01-01T00:01:00+00:00"


def test_public_names_are_listed():
    assert all(hasattr(models, name) for name in models.__all__)
    assert models.__all__ == sorted(models.__all__)
