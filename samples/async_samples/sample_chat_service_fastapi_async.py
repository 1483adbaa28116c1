"""Serve a web page that streams the responses of a model with FastAPI, and stop a response when its reader leaves.

    pip install '.[aio]' fastapi uvicorn
    python samples/async_samples/sample_chat_service_fastapi_async.py

The page is served on loopback only, at the address that is printed. Ctrl-C stops the server. When a browser closes the
page, the stream from the model is closed too: the service stops generating text that nobody reads.

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
PORT: the port of the page. Default: 8000; 0 chooses a free one.
"""

import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
from azure.ai.inference.aio import ChatCompletionsClient
from azure.ai.inference.models import AsyncStreamingChatCompletions, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response, StreamingResponse

PAGE = Path(__file__).with_name("chat_page.html")


@asynccontextmanager
async def keep_client(app: FastAPI) -> AsyncGenerator[None]:
    """Create the client when the server starts, and close it when the server stops."""
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    async with ChatCompletionsClient(os.environ["AZURE_AI_CHAT_ENDPOINT"], credential, max_tokens=300) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=keep_client)


@app.get("/")
async def show_page() -> FileResponse:
    """Send the page."""
    return FileResponse(PAGE)


@app.post("/answer")
async def answer(request: Request) -> Response:
    """Stream the response to a question."""
    if request.headers.get("content-type") != "application/json":  # other sites cannot send it without a preflight
        raise HTTPException(415)
    messages = [SystemMessage("You are a helpful assistant. Answer briefly."), UserMessage(str(await request.json()))]
    client: ChatCompletionsClient = request.app.state.client
    try:
        stream = await client.complete(messages=messages, stream=True)
    except AzureError as error:
        return PlainTextResponse(error.message, 502)
    return StreamingResponse(texts_of(stream), media_type="text/plain")


async def texts_of(stream: AsyncStreamingChatCompletions) -> AsyncIterator[str]:
    """Yield the texts of a stream. FastAPI cancels this when the browser goes away, which closes the stream."""
    async with stream:
        try:
            async for text in stream.text_deltas():
                yield text
        except AzureError:  # do not abort: a browser would discard the text that it has not displayed yet
            yield " (The answer broke off.)"


def main() -> None:
    """Serve until Ctrl-C."""
    with (
        socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "8000")))) as listener,
        suppress(KeyboardInterrupt),
    ):
        print(f"The page is at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main()
