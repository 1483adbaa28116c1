"""What users write, for the type checkers: mypy --strict, pyright and ty read this file, and nothing runs it."""

from collections.abc import Mapping
from typing import Any

from azure.core.credentials import AzureKeyCredential, TokenCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.rest import AsyncHttpResponse, HttpRequest, HttpResponse
from typing_extensions import assert_type

from azure.ai.inference import ChatCompletionsClient, aio
from azure.ai.inference._model_base import rest_discriminator, rest_field
from azure.ai.inference.models import (
    AssistantMessage,
    AsyncStreamingChatCompletions,
    ChatChoice,
    ChatCompletions,
    ChatCompletionsNamedToolChoice,
    ChatCompletionsNamedToolChoiceFunction,
    ChatCompletionsToolCall,
    ChatCompletionsToolChoicePreset,
    ChatCompletionsToolDefinition,
    ChatRequestMessage,
    CompletionsFinishReason,
    CompletionsUsage,
    FunctionCall,
    FunctionDefinition,
    ImageContentItem,
    ImageDetailLevel,
    ImageUrl,
    JsonSchemaFormat,
    StreamingChatCompletions,
    StreamingChatCompletionsUpdate,
    SystemMessage,
    TextContentItem,
    ToolMessage,
    UserMessage,
)


def make(credential: TokenCredential) -> ChatCompletionsClient:
    ChatCompletionsClient(endpoint="https://example.com", credential=AzureKeyCredential("k"))
    return ChatCompletionsClient(
        "https://example.com",
        credential,
        temperature=0.5,
        stop=["x"],
        model_extras={"n": 1},
        api_version=None,
        logging_enable=True,
    )


def make_async(credential: AsyncTokenCredential) -> aio.ChatCompletionsClient:
    return aio.ChatCompletionsClient("https://example.com", credential, max_tokens=10, response_format="json_object")


def complete(client: ChatCompletionsClient) -> str:
    answer = client.complete(messages=[UserMessage("x")])
    assert_type(answer, ChatCompletions)
    assert_type(answer.choices, list[ChatChoice])
    assert_type(answer.choices[0].finish_reason, str | CompletionsFinishReason)
    assert_type(answer.usage, CompletionsUsage)
    return answer.choices[0].message.content


def messages(client: ChatCompletionsClient, flag: bool) -> None:
    one_class = [UserMessage("x")]
    client.complete(messages=one_class)
    client.complete(messages=[SystemMessage("x"), UserMessage("y"), {"role": "assistant", "content": "z"}])
    client.complete(messages=[{"role": "user", "content": "x"}])
    dicts: list[dict[str, Any]] = [{"role": "user", "content": "x"}]
    client.complete(messages=dicts)
    history: list[ChatRequestMessage] = [SystemMessage(content="x")]
    history.append(
        AssistantMessage(tool_calls=[ChatCompletionsToolCall(id="1", function=FunctionCall(name="f", arguments="{}"))])
    )
    history.append(ToolMessage("1", tool_call_id="1"))
    assert_type(client.complete(messages=history, stream=flag), ChatCompletions | StreamingChatCompletions)
    answer = client.complete(messages=history)
    client.complete(messages=[*history, answer.choices[0].message])


def stream(client: ChatCompletionsClient) -> None:
    with client.complete(messages=[UserMessage("x")], stream=True) as stream:
        assert_type(stream, StreamingChatCompletions)
        for update in stream:
            assert_type(update, StreamingChatCompletionsUpdate)
            print(update.choices[0].delta.content or "", end="")
    for update in client.complete(messages=[UserMessage("x")], stream=True):
        assert_type(update.choices[0].delta.content, str | None)


async def in_the_other_world(client: aio.ChatCompletionsClient) -> str:
    async with await client.complete(messages=[UserMessage("x")], stream=True) as stream:
        assert_type(stream, AsyncStreamingChatCompletions)
        async for update in stream:
            print(update.choices[0].delta.content or "", end="")
    async with client:
        answer = await client.complete(messages=[{"role": "user", "content": "x"}])
        assert_type(answer, ChatCompletions)
    response = await client.send_request(HttpRequest("GET", "/models"))
    assert_type(response, AsyncHttpResponse)
    return answer.choices[0].message.content


def bodies(client: ChatCompletionsClient, body: Mapping[str, Any]) -> HttpResponse:
    assert_type(client.complete(body), ChatCompletions | StreamingChatCompletions)
    client.complete({"messages": []})
    client.complete(b"{}")
    with open("body.json", "rb") as file:
        client.complete(file, headers={"a": "b"})
    return client.send_request(HttpRequest("GET", "/models"))


def tools(client: ChatCompletionsClient) -> None:
    definition = ChatCompletionsToolDefinition(function=FunctionDefinition(name="f", parameters={"type": "object"}))
    function = ChatCompletionsNamedToolChoiceFunction(name="f")
    client.complete(messages=[], tools=[definition], tool_choice=ChatCompletionsNamedToolChoice(function=function))
    client.complete(messages=[], tools=[{"type": "function"}], tool_choice=ChatCompletionsToolChoicePreset.AUTO)
    client.complete(messages=[], response_format=JsonSchemaFormat(name="n", schema={"type": "object"}, strict=True))


def models() -> None:
    image = ImageContentItem(image_url=ImageUrl(url="data:,", detail=ImageDetailLevel.LOW))
    UserMessage([TextContentItem(text="x"), image])
    UserMessage({"role": "user", "content": "x"})
    UserMessage(content=[{"type": "text", "text": "x"}])
    ChatChoice({"index": 0})
    usage = CompletionsUsage(prompt_tokens=1)
    usage.total_tokens = 3
    assert_type(usage.as_dict(), dict[str, Any])
    assert_type(usage.copy(), CompletionsUsage)


class Custom(ChatRequestMessage, discriminator="custom"):
    """A role of a user's own."""

    role = rest_discriminator(name="role")
    content: str = rest_field()


def custom(client: ChatCompletionsClient) -> None:
    client.complete(messages=[Custom(content="x")])
