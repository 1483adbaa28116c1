"""What a call is in the terms of the semantic conventions, as pure functions."""

import pytest
from azure.ai.inference._endpoint import deployment_name, provider_name
from azure.ai.inference._telemetry_fields import (
    chat_request,
    chat_response,
    embeddings_request,
    embeddings_response,
    request_content,
    response_content,
)
from opentelemetry.util.genai.handler import TelemetryHandler

AZURE, OPENAI, INFERENCE = "azure.ai.openai", "openai", "azure.ai.inference"


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://a.openai.azure.com/openai/v1", AZURE),
        ("https://a.openai.azure.us/openai/deployments/gpt", AZURE),
        ("https://A.OpenAI.Azure.com/x", AZURE),
        ("https://a.services.ai.azure.com/openai/v1", AZURE),
        ("https://a.services.ai.azure.com/models", INFERENCE),
        ("https://a.cognitiveservices.azure.com/openai/deployments/gpt", AZURE),
        ("https://a.eastus2.models.ai.azure.com", INFERENCE),
        ("https://a.eastus2.models.ai.azure.com/v1", INFERENCE),
        ("https://a.eastus2.inference.ml.azure.com/score", INFERENCE),
        ("https://api.openai.com/v1", OPENAI),
        ("https://api.mistral.ai/v1", "mistral_ai"),
        ("https://api.deepseek.com", "deepseek"),
        ("https://gateway.example.com/team/v1/", OPENAI),
        ("http://127.0.0.1:8080", INFERENCE),
        ("https://openai.azure.com.example.com", INFERENCE),
        ("", INFERENCE),
    ],
)
def test_the_provider_of_an_endpoint(url, provider):
    assert provider_name(url) == provider


@pytest.mark.parametrize(
    ("url", "deployment"),
    [
        ("https://a.openai.azure.com/openai/deployments/gpt-4o", "gpt-4o"),
        ("https://a.openai.azure.com/openai/v1", None),
    ],
)
def test_the_deployment_of_an_endpoint(url, deployment):
    assert deployment_name(url) == deployment


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {}),
        ({"max_tokens": 1}, {"max_tokens": 1}),
        ({"max_tokens": 1, "max_completion_tokens": 2}, {"max_tokens": 2}),
        ({"max_completion_tokens": 0, "temperature": 0, "seed": 0}, {"max_tokens": 0, "temperature": 0, "seed": 0}),
        ({"stop": "a"}, {"stop_sequences": ["a"]}),
        ({"stop": ["a", "b"]}, {"stop_sequences": ["a", "b"]}),
        ({"n": 1}, {}),
        ({"n": 2}, {"request_choice_count": 2}),
        ({"response_format": {"type": "text"}}, {"output_type": "text"}),
        ({"response_format": {"type": "json_object"}}, {"output_type": "json"}),
        ({"response_format": {"type": "json_schema"}}, {"output_type": "json"}),
        ({"response_format": {"type": "new"}}, {}),
        ({"response_format": "text"}, {}),
        ({"modalities": ["text", "audio"]}, {"output_type": "speech"}),
        ({"reasoning_effort": "low"}, {"reasoning_level": "low"}),
        ({"reasoning": {"effort": "high"}}, {"reasoning_level": "high"}),
    ],
)
def test_fields_of_a_chat_request(body, fields):
    assert chat_request(body, OPENAI) == (fields, {})


@pytest.mark.parametrize(
    ("body", "provider", "attributes"),
    [
        ({}, INFERENCE, {"azure.resource_provider.namespace": "Microsoft.CognitiveServices"}),
        ({"stream": True, "service_tier": "auto"}, "groq", {"gen_ai.request.stream": True}),
        ({"stream": False, "service_tier": "auto"}, OPENAI, {"openai.request.service_tier": "auto"}),
    ],
)
def test_attributes_of_a_chat_request(body, provider, attributes):
    assert chat_request(body, provider).attributes == attributes


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        ({}, {}),
        ({"choices": None, "usage": None}, {}),
        (
            {"choices": [{"finish_reason": "stop"}, {}, {"finish_reason": "length"}]},
            {"finish_reasons": ["stop", "length"]},
        ),
        ({"usage": {"prompt_tokens": 1, "prompt_tokens_details": None}}, {"input_tokens": 1}),
    ],
)
def test_fields_of_a_chat_response(answer, fields):
    assert chat_response(answer, INFERENCE) == (fields, {})


def test_attributes_of_openai_are_those_of_openai_alone():
    answer = {"service_tier": "flex"}
    assert chat_response(answer, AZURE).attributes == {"openai.response.service_tier": "flex"}
    assert chat_response(answer, "groq").attributes == {}


def test_fields_of_embeddings():
    assert embeddings_request({"encoding_format": "float", "dimensions": 3}, OPENAI).fields == {
        "encoding_formats": ["float"],
        "dimension_count": 3,
    }
    assert embeddings_response({"model": "m", "data": [{"embedding": [1, 2]}]}).fields == {
        "response_model_name": "m",
        "dimension_count": 2,
    }
    assert embeddings_response({"data": [{"embedding": "AACAPg=="}]}).fields == {}


def test_every_field_is_one_of_the_invocation():
    """A misspelt field would be set, and read by nobody."""
    numbers = {"prompt_tokens": 1, "completion_tokens": 1}
    details = {"cached_tokens": 1, "audio_tokens": 1, "reasoning_tokens": 1}
    usage = {**numbers, "prompt_tokens_details": details, "completion_tokens_details": details}
    names = "max_tokens temperature top_p top_k frequency_penalty presence_penalty seed stop n reasoning_effort"
    body = {**dict.fromkeys(names.split(), 2), "response_format": {"type": "text"}}
    answer = {"id": "i", "model": "m", "usage": usage, "choices": [{"finish_reason": "stop"}]}
    vectors = {"model": "m", "usage": numbers, "data": [{"embedding": [1]}]}
    handler = TelemetryHandler()
    with handler.inference("openai") as invocation:
        fields = {**chat_request(body, OPENAI).fields, **chat_response(answer, OPENAI).fields}
        assert [name for name in fields if not hasattr(invocation, name)] == []
    with handler.embedding("openai") as invocation:
        request = embeddings_request({"encoding_format": "float", "dimensions": 1}, OPENAI)
        fields = {**request.fields, **embeddings_response(vectors).fields}
        assert [name for name in fields if not hasattr(invocation, name)] == []


USER = {"role": "user", "content": "hi"}
TEXT = {"type": "text", "content": "hi"}


def parts_of(message):
    (made,) = request_content({"messages": [message]}).input_messages
    return made["parts"]


def test_system_messages_that_come_first_are_instructions():
    messages = [{"role": "system", "content": "a"}, {"role": "developer", "content": "b"}, USER]
    content = request_content({"messages": [*messages, {"role": "system", "content": "c"}]})
    assert [part["content"] for part in content.system_instruction] == ["a", "b"]
    assert [message["role"] for message in content.input_messages] == ["user", "system"]


def test_definitions_of_tools():
    function = {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True}
    content = request_content({"tools": [{"type": "function", "function": function}, {"type": "other"}]})
    assert content.tool_definitions == [
        {"name": "f", "description": "d", "parameters": {"type": "object"}},
    ]


@pytest.mark.parametrize(
    ("item", "part"),
    [
        ({"type": "text", "text": "hi"}, TEXT),
        (
            {"type": "image_url", "image_url": {"url": "https://a/b.png", "detail": "low"}},
            {"type": "uri", "modality": "image", "mime_type": None, "uri": "https://a/b.png"},
        ),
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
            {"type": "blob", "modality": "image", "mime_type": "image/png", "content": b"hi"},
        ),
        (
            {"type": "audio_url", "audio_url": {"url": "data:;base64,aGk="}},
            {"type": "blob", "modality": "audio", "mime_type": None, "content": b"hi"},
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
            {"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": b"hi"},
        ),
        ({"type": "input_audio", "input_audio": {"data": "a", "format": "wav"}}, None),  # not base64
        ({"type": "input_audio", "input_audio": {"data": "\u00e9"}}, None),
        ({"type": "new", "new": {}}, None),
        ("text", None),
    ],
)
def test_parts_of_content(item, part):
    assert parts_of({"role": "user", "content": [item]}) == ([] if part is None else [part])


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (USER, [TEXT]),
        ({"role": "assistant", "content": None, "refusal": "no"}, [{"type": "text", "content": "no"}]),
        (
            {"role": "assistant", "reasoning_content": "why", "content": "hi"},
            [{"type": "reasoning", "content": "why"}, TEXT],
        ),
        ({"role": "assistant", "reasoning": "why"}, [{"type": "reasoning", "content": "why"}]),
        (
            {"role": "tool", "tool_call_id": "t", "content": "8"},
            [{"type": "tool_call_response", "id": "t", "response": "8"}],
        ),
        (
            {"role": "assistant", "tool_calls": [{"id": "t", "function": {"name": "f", "arguments": '{"a": 1}'}}]},
            [{"type": "tool_call", "id": "t", "name": "f", "arguments": {"a": 1}}],
        ),
        (
            {"role": "assistant", "tool_calls": [{"id": "t", "function": {"name": "f", "arguments": '{"a"'}}]},
            [{"type": "tool_call", "id": "t", "name": "f", "arguments": '{"a"'}],
        ),
        (
            {"role": "assistant", "tool_calls": [{"id": "t"}]},
            [{"type": "tool_call", "id": "t", "name": "None", "arguments": None}],
        ),
    ],
)
def test_parts_of_messages(message, parts):
    assert parts_of(message) == parts


def test_names_of_participants():
    assert request_content({"messages": [{**USER, "name": "Ann"}]}).input_messages[0]["name"] == "Ann"


def test_messages_of_a_response():
    choices = [
        {"finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}},
        {"finish_reason": "tool_calls", "message": {}},
        {"finish_reason": None},
    ]
    assert response_content({"choices": choices}) == [
        {"role": "assistant", "parts": [TEXT], "finish_reason": "stop"},
        {"role": "assistant", "parts": [], "finish_reason": "tool_call"},
        {"role": "assistant", "parts": [], "finish_reason": None},
    ]
