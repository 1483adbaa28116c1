"""What users write, for the type checkers: mypy --strict, pyright and ty read this file, and nothing runs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.ai.inference import (
    ChatCompletionsClient,
    EmbeddingsClient,
    ImageEmbeddingsClient,
    aio,
    load_client,
)
from azure.ai.inference._model_base import rest_discriminator, rest_field
from azure.ai.inference.models import (
    AssistantMessage,
    AsyncStreamingChatCompletions,
    AsyncStreamingToolRun,
    ChatChoice,
    ChatCompletions,
    ChatCompletionsNamedToolChoice,
    ChatCompletionsNamedToolChoiceFunction,
    ChatCompletionsResponseFormatJSON,
    ChatCompletionsToolCall,
    ChatCompletionsToolChoicePreset,
    ChatCompletionsToolDefinition,
    ChatRequestMessage,
    CompletionsFinishReason,
    CompletionsUsage,
    EmbeddingEncodingFormat,
    EmbeddingItem,
    EmbeddingsResult,
    FunctionCall,
    FunctionDefinition,
    ImageContentItem,
    ImageDetailLevel,
    ImageEmbeddingInput,
    ImageUrl,
    InputAudio,
    JsonSchemaFormat,
    ModelInfo,
    StreamingChatCompletions,
    StreamingChatCompletionsUpdate,
    StreamingToolRun,
    SystemMessage,
    TextContentItem,
    ToolMessage,
    ToolRoundsExceededError,
    ToolRun,
    UserMessage,
)
from azure.ai.inference.prompts import PromptTemplate
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential, TokenCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.rest import AsyncHttpResponse, HttpRequest, HttpResponse
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from pydantic import BaseModel
from typing_extensions import TypedDict, assert_type


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
    updates = client.complete(messages=[UserMessage("x")], stream=True)
    for text in updates.text_deltas():
        assert_type(text, str)
    assert_type(updates.get_final_completion(), ChatCompletions)


async def in_the_other_world(client: aio.ChatCompletionsClient) -> str:
    async with await client.complete(messages=[UserMessage("x")], stream=True) as stream:
        assert_type(stream, AsyncStreamingChatCompletions)
        async for update in stream:
            print(update.choices[0].delta.content or "", end="")
        async for text in stream.text_deltas():
            assert_type(text, str)
        assert_type(await stream.get_final_completion(), ChatCompletions)
        await stream.close()
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


class Answer:
    """What a pydantic model has."""

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return {"type": "object"}


def response_formats(client: ChatCompletionsClient) -> None:
    client.complete(messages=[], response_format="text")
    client.complete(messages=[], response_format=Answer)
    client.complete(messages=[], response_format={"type": ChatCompletionsResponseFormatJSON()})


@dataclass
class Country:
    """A country."""

    name: str


class CountryDict(TypedDict):
    """A country."""

    name: str


class CountryModel(BaseModel):
    """A country."""

    name: str


def structured(client: ChatCompletionsClient) -> Country:
    answer = client.complete(messages=[], response_format=Country)
    assert_type(answer.parse(Country), Country)
    assert_type(answer.parse(CountryDict), CountryDict)
    assert_type(answer.choices[0].message.parse(CountryModel), CountryModel)
    assert_type(answer.parse(list[Country]), list[Country])
    for response_format in (CountryDict, CountryModel, JsonSchemaFormat.from_type(Country, strict=False)):
        client.complete(messages=[], response_format=response_format)
    assert_type(JsonSchemaFormat.from_type(CountryDict, name="n", description="d"), JsonSchemaFormat)
    with client.complete(messages=[], stream=True, response_format=Country) as stream:
        assert_type(stream.current_completion(), ChatCompletions)
        for call in stream.tool_calls():
            assert_type(call, ChatCompletionsToolCall)
        return stream.get_final_completion().parse(Country)


def temperature(city: str) -> float:
    return float(len(city))


async def forecast(city: str) -> str:
    return city


def functions(client: ChatCompletionsClient, flag: bool) -> None:
    definition = ChatCompletionsToolDefinition.from_function(forecast, name="f", strict=True)
    assert_type(definition, ChatCompletionsToolDefinition)
    client.complete(messages=[], tools=[temperature, forecast, definition, {"type": "function"}])
    run = client.run_tools(messages=[UserMessage("x")], tools=[temperature, definition], max_tokens=5)
    assert_type(run, ToolRun)
    assert_type(run.completion.parse(Country), Country)
    assert_type(run.usage, CompletionsUsage | None)
    client.run_tools(messages=[*run.messages, UserMessage("y")], tools=[temperature], on_error="raise")
    with client.run_tools(messages=[], tools=[forecast], stream=True) as stream:
        assert_type(stream, StreamingToolRun)
        for update in stream:
            assert_type(update, StreamingChatCompletionsUpdate)
        assert_type(stream.rounds, int)
    assert_type(client.run_tools(messages=[], tools=[forecast], stream=flag), ToolRun | StreamingToolRun)
    try:
        client.run_tools(messages=[], tools=[forecast], max_rounds=1)
    except ToolRoundsExceededError as error:
        assert_type(error.run, ToolRun)


async def functions_in_the_other_world(client: aio.ChatCompletionsClient) -> None:
    assert_type(await client.run_tools(messages=[], tools=[temperature, forecast]), ToolRun)
    async with await client.run_tools(messages=[], tools=[forecast], stream=True) as run:
        assert_type(run, AsyncStreamingToolRun)
        async for update in run:
            assert_type(update, StreamingChatCompletionsUpdate)
    async with await client.complete(messages=[], stream=True) as stream:
        assert_type(stream.current_completion(), ChatCompletions)
        async for call in stream.tool_calls():
            assert_type(call, ChatCompletionsToolCall)


def embed(client: EmbeddingsClient, images: ImageEmbeddingsClient) -> list[float] | str:
    result = client.embed(input=["a", "b"], dimensions=8, encoding_format=EmbeddingEncodingFormat.FLOAT)
    assert_type(result, EmbeddingsResult)
    assert_type(result.data, list[EmbeddingItem])
    client.embed({"input": ["a"]}, headers={"a": "b"})
    with images:
        images.embed(input=[ImageEmbeddingInput.load(image_file="a.png", image_format="png"), {"image": "data:,"}])
    return result.data[0].embedding


async def embed_in_the_other_world(client: aio.EmbeddingsClient, images: aio.ImageEmbeddingsClient) -> None:
    assert_type(await client.embed(input=["a"]), EmbeddingsResult)
    assert_type(await images.embed(input=[ImageEmbeddingInput(image="data:,")]), EmbeddingsResult)
    assert_type(await client.get_model_info(model="m"), ModelInfo)
    await client.close()


def load(credential: TokenCredential) -> ModelInfo:
    client = load_client("https://example.com", credential, temperature=0.5)
    assert_type(client, ChatCompletionsClient | EmbeddingsClient | ImageEmbeddingsClient)
    if isinstance(client, ChatCompletionsClient):
        client.complete(messages=[UserMessage("x")])
    return client.get_model_info()


async def load_in_the_other_world(credential: AsyncTokenCredential) -> None:
    client = await aio.load_client("https://example.com", credential)
    assert_type(client, aio.ChatCompletionsClient | aio.EmbeddingsClient | aio.ImageEmbeddingsClient)


def files() -> None:
    assert_type(ImageUrl.load(image_file=Path("a.png"), image_format="png", detail="low"), ImageUrl)
    assert_type(InputAudio.load(audio_file="a.wav", audio_format="wav"), InputAudio)


def prompts(client: ChatCompletionsClient) -> None:
    template = PromptTemplate.from_prompty(Path("chat.prompty"))
    messages = template.create_messages({"question": "Who?"}, name="Ada")
    assert_type(messages, list[dict[str, Any]])
    client.complete(messages=messages, model=template.model_name, **template.parameters)
    PromptTemplate.from_string("user:\n{{question}}", model_name="m").create_messages(question="Who?")


class Custom(ChatRequestMessage, discriminator="custom"):
    """A role of a user's own."""

    role = rest_discriminator(name="role")
    content: str = rest_field()


def telemetry() -> None:
    instrumentor = AIInferenceInstrumentor()
    instrumentor.instrument()
    instrumentor.instrument(enable_content_recording=True)
    instrumentor.instrument(semantic_conventions="latest")
    instrumentor.instrument(False, semantic_conventions="latest", tracer_provider=TracerProvider())
    instrumentor.instrument(semantic_conventions="latest", meter_provider=MeterProvider(), logger_provider=None)


def custom(client: ChatCompletionsClient) -> None:
    client.complete(messages=[Custom(content="x")])
