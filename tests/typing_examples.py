"""What users write, for the type checkers: mypy --strict, pyright and ty read this file, and nothing runs it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from io import BytesIO
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
from azure.ai.inference.limits import RateLimiter
from azure.ai.inference.models import (
    AssistantMessage,
    AsyncStreamingChatCompletions,
    AsyncStreamingToolRun,
    BulkCompletion,
    BulkFailure,
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
from azure.ai.inference.testing import FakeService, SentRequest, no_network
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential, TokenCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
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
    history.append(answer.choices[0].message)
    history += [choice.message for choice in answer.choices]


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
    assert_type(client.complete(body=body), ChatCompletions | StreamingChatCompletions)
    assert_type(client.complete(body, stream=True), ChatCompletions | StreamingChatCompletions)
    return client.send_request(HttpRequest("GET", "/models"))


def options(client: ChatCompletionsClient, options: dict[str, Any]) -> None:
    client.complete(messages=[], stream=True, **options).get_final_completion()
    print(client.complete(messages=[], **options).choices[0].message.content)
    print(client.complete(messages=[], stream=False, **options).choices[0].message.content)


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


def large_jobs(chat: ChatCompletionsClient, client: EmbeddingsClient) -> None:
    limiter = RateLimiter(requests_per_minute=60, tokens_per_minute=1000, max_concurrency=2)
    EmbeddingsClient("https://example.com", AzureKeyCredential("k"), rate_limiter=limiter)
    for item in client.embed_many(["a", "b"], batch_size=2, dimensions=8):
        assert_type(item, EmbeddingItem)
    with client.embed_many(str(number) for number in range(9)) as items:
        assert_type(next(items), EmbeddingItem)
    for either in client.embed_many(iter("ab"), on_error="yield"):
        assert_type(either, EmbeddingItem | BulkFailure)

    def progress(done: int, total: int | None, usage: CompletionsUsage) -> None:
        print(done, total, usage.total_tokens)

    requests = [[UserMessage("a")], [UserMessage("b")]]
    for result in chat.complete_many(requests, ordered=False, progress=progress, temperature=0.5):
        assert_type(result.completion, ChatCompletions)
    for outcome in chat.complete_many([{"messages": [], "max_tokens": 5}], on_error="yield"):
        if isinstance(outcome, BulkFailure):
            assert_type(outcome.error, Exception)
        else:
            assert_type(outcome.completion, ChatCompletions)
    try:
        chat.complete_many([]).close()
    except AzureError as error:
        assert_type(error.continuation_token, str | None)


async def large_jobs_in_the_other_world(chat: aio.ChatCompletionsClient, client: aio.EmbeddingsClient) -> None:
    async def texts() -> AsyncIterator[str]:
        yield "a"

    async for item in client.embed_many(texts(), max_concurrency=2):
        assert_type(item, EmbeddingItem)
    async with chat.complete_many([[UserMessage("a")]]) as results:
        assert_type(await anext(results), BulkCompletion)


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
    ImageEmbeddingInput.load(image_file=b"", image_format="png")
    ImageUrl.load(image_file=BytesIO(), image_format="png")
    with open("a.wav", "rb") as file, Path("a.png").open("rb") as other:
        InputAudio.load(audio_file=file, audio_format="wav")
        ImageUrl.load(image_file=other, image_format="png")


def prompts(client: ChatCompletionsClient) -> None:
    template = PromptTemplate.from_prompty(Path("chat.prompty"))
    messages = template.create_messages({"question": "Who?"}, name="Ada")
    assert_type(messages, list[dict[str, Any]])
    client.complete(messages=messages, model=template.model_name, **template.parameters)
    PromptTemplate.from_string("user:\n{{question}}", model_name="m").create_messages(question="Who?")


def is_about(request: SentRequest) -> bool:
    return "tides" in request.messages[-1]["content"] and request.keywords["model"] == "m"


def scripts(inference_service: FakeService) -> None:
    inference_service.answers("x").answers({"choices": []}).answers(ChatCompletions(choices=[]), when=is_about)
    inference_service.answers(lambda request: request.route, times=2).streams(
        "x", {"choices": []}, finish_reason="length"
    )
    inference_service.streams("x", StreamingChatCompletionsUpdate(choices=[])).breaks_off_after(1)
    inference_service.calls_tool("f", city="Oslo").and_calls_tool("g", "{}").embeds([0.5, 1]).embeds(dimensions=3)
    inference_service.fails(429, retry_after=1).fails(ConnectionError).fails(TimeoutError("late")).filters_content()
    client = ChatCompletionsClient("https://fake", AzureKeyCredential("key"), **inference_service)
    assert_type(client.complete(messages=[]), ChatCompletions)
    assert_type(inference_service.chat_client(model="m"), ChatCompletionsClient)
    assert_type(inference_service.async_embeddings_client(), aio.EmbeddingsClient)
    assert_type(inference_service.requests, list[SentRequest])
    with FakeService() as other, no_network():
        aio.ChatCompletionsClient("https://fake", AzureKeyCredential("key"), **other)


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
