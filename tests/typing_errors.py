"""What users write by mistake: mypy --strict, pyright and ty refuse each line marked so, and no other one."""

from io import StringIO

from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, ImageEmbeddingsClient, aio, load_client
from azure.ai.inference.limits import RateLimiter
from azure.ai.inference.models import (
    AssistantMessage,
    ChatChoice,
    ChatCompletions,
    ChatCompletionsToolCall,
    ChatCompletionsToolDefinition,
    FunctionCall,
    FunctionDefinition,
    ImageContentItem,
    ImageEmbeddingInput,
    ImageUrl,
    JsonSchemaFormat,
    StreamingChatCompletions,
    SystemMessage,
    TextContentItem,
    ToolMessage,
    UserMessage,
)
from azure.ai.inference.prompts import PromptTemplate
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential
from typing_extensions import assert_type

KEY = AzureKeyCredential("k")


def clients() -> None:
    ChatCompletionsClient("https://example.com", KEY)
    ChatCompletionsClient("https://example.com", "k")  # refused: a key is no credential
    ChatCompletionsClient("https://example.com")  # refused
    ChatCompletionsClient(endpoint=5, credential=KEY)  # refused
    ChatCompletionsClient("https://example.com", KEY, temperature="hot")  # refused
    ChatCompletionsClient("https://example.com", KEY, stop=5)  # refused
    ChatCompletionsClient("https://example.com", KEY, 0.5)  # refused: settings are keywords
    EmbeddingsClient("https://example.com", None)  # refused
    load_client(credential=KEY)  # refused


def complete(client: ChatCompletionsClient) -> None:
    client.complete(messages=[UserMessage("x")])
    client.complete()  # refused
    client.complete(mesages=[])  # refused
    client.complete(messages="x")  # refused
    client.complete(messages=UserMessage("x"))  # refused
    client.complete(messages=["x"])  # refused
    client.complete([UserMessage("x")])  # refused: messages is a keyword
    client.complete(messages=[], temperature="hot")  # refused
    client.complete(messages=[], max_tokens=0.5)  # refused
    client.complete(messages=[], stop=5)  # refused
    client.complete(messages=[], tools=[5])  # refused
    client.complete(messages=[], tools=len)  # refused
    client.run_tools(messages=[], tools=[5])  # refused
    client.run_tools(messages=[], tools=[{"type": "function"}])  # refused: there is nothing to call
    client.run_tools(tools=[len])  # refused
    client.run_tools(messages=[], tools=[len], on_error="ignore")  # refused
    client.run_tools(messages=[], tools=[len], stream=True).choices  # refused
    client.complete(messages=[], response_format=5)  # refused
    client.complete(messages=[], stream="yes")  # refused
    client.complete(messages=[], model_extras=["n"])  # refused
    client.compleet(messages=[])  # refused


def answers(answer: ChatCompletions) -> None:
    assert_type(answer.choices[0].message.content, str)
    answer.choices[0].mesage  # refused
    answer.choices[0].message.contents  # refused
    answer.choices.message  # refused
    answer.usage.tokens  # refused
    answer.choices[0].message.content + 1  # refused
    answer.id = 5  # refused
    assert_type(answer.parse(ChatChoice), ChatChoice)
    answer.parse(ChatChoice).message.contents  # refused
    answer.parse(5)  # refused
    answer.parse()  # refused
    JsonSchemaFormat.from_type("Country")  # refused
    ChatCompletionsToolDefinition.from_function("f")  # refused
    len(answer.created)  # refused: it is a datetime


def streams(client: ChatCompletionsClient) -> None:
    stream = client.complete(messages=[], stream=True)
    assert_type(stream, StreamingChatCompletions)
    stream.choices  # refused
    for update in stream:
        update.choices[0].message  # refused: it is delta
        update.choices[0].delta.content.strip()  # refused: it may be None
    client.complete(messages=[]).get_final_completion()  # refused


async def in_the_other_world(client: aio.ChatCompletionsClient) -> None:
    answer = await client.complete(messages=[])
    assert_type(answer, ChatCompletions)
    client.complete(messages=[]).choices  # refused: it is not awaited
    await client.complete(mesages=[])  # refused
    for _ in await client.complete(messages=[], stream=True):  # refused
        pass
    with client:  # refused
        pass


def messages() -> None:
    UserMessage("x")
    UserMessage(content="a", nam="x")  # refused
    UserMessage("a", "b")  # refused
    UserMessage()  # refused
    UserMessage(5)  # refused
    UserMessage(content=5)  # refused
    SystemMessage(5)  # refused
    AssistantMessage(content=["x", 5])  # refused
    AssistantMessage(tool_calls="f")  # refused
    ToolMessage("x", tool_id="1")  # refused
    UserMessage("x").contents  # refused


def models() -> None:
    TextContentItem(text="x")
    TextContentItem(txt="x")  # refused
    TextContentItem(text=5)  # refused
    ImageContentItem(image_url="data:,")  # refused: it is an ImageUrl
    ImageUrl(uri="data:,")  # refused
    ImageUrl.load("a.png", "png", 5)  # refused
    ImageUrl.load(image_file=5, image_format="png")  # refused
    ImageUrl.load(image_file=StringIO(), image_format="png")  # refused: it is not binary
    ChatCompletionsToolCall(id="1", function=FunctionDefinition(name="f"))  # refused
    ChatCompletionsToolDefinition(function="f")  # refused
    FunctionCall(name="f", arguments={})  # refused: JSON, as text
    JsonSchemaFormat(name="n", schema="s")  # refused


def embed(client: EmbeddingsClient, images: ImageEmbeddingsClient) -> None:
    client.embed(input=["x"])
    client.embed(inputs=["x"])  # refused
    client.embed(input=[5])  # refused
    client.embed(input=["x"], dimensions="8")  # refused
    client.embed(input=["x"]).data[0].vector  # refused
    images.embed(input=["x"])  # refused
    ImageEmbeddingInput(img="data:,")  # refused


def large_jobs(chat: ChatCompletionsClient, client: EmbeddingsClient) -> None:
    client.embed_many(["x"])
    client.embed_many([5])  # refused
    client.embed_many(["x"], on_error="skip")  # refused
    next(client.embed_many(["x"], on_error="yield")).embedding  # refused: it may be a failure
    chat.complete_many(["x"])  # refused
    chat.complete_many([[UserMessage("x")]], progress=5)  # refused
    RateLimiter("60")  # refused


def telemetry() -> None:
    AIInferenceInstrumentor().instrument(semantic_conventions="latest")
    AIInferenceInstrumentor().instrument(semantic_conventions="newest")  # refused
    AIInferenceInstrumentor().instrument(meter_provider="global")  # refused


def prompts() -> None:
    PromptTemplate.from_string("x")
    PromptTemplate.from_string(5)  # refused
    PromptTemplate.from_string("x").create_message()  # refused
