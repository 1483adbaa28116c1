"""Serve a web page that sends questions to a model and streams the responses.

    pip install '.[aio]'
    python samples/async_samples/sample_chat_app_async.py

The page is served on loopback only, at the address that is printed. Ctrl-C stops the server.

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
PORT: the port of the page. Default: 8000; 0 chooses a free one.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from azure.ai.inference.aio import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError

CLIENT = web.AppKey("CLIENT", ChatCompletionsClient)
PAGE = Path(__file__).with_name("chat_page.html").read_text(encoding="utf-8")


async def show_page(_request: web.Request) -> web.Response:
    """Send the page."""
    return web.Response(text=PAGE, content_type="text/html")


async def answer(request: web.Request) -> web.StreamResponse:
    """Stream the response to a question."""
    if request.content_type != "application/json":  # other sites cannot send this type without a preflight
        raise web.HTTPUnsupportedMediaType
    messages = [SystemMessage("You are a helpful assistant. Answer briefly."), UserMessage(str(await request.json()))]
    try:
        stream = await request.app[CLIENT].complete(messages=messages, stream=True)
    except AzureError as error:
        raise web.HTTPBadGateway(text=error.message) from error
    async with stream:
        response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
        await response.prepare(request)
        try:
            async for text in stream.text_deltas():
                await response.write(text.encode())
        except AzureError:  # do not abort: a browser would discard the text that it has not displayed yet
            await response.write(b" (The answer broke off.)")
    return response


async def keep_client(app: web.Application) -> AsyncIterator[None]:
    """Create the client when the server starts, and close it when the server stops."""
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    async with ChatCompletionsClient(os.environ["AZURE_AI_CHAT_ENDPOINT"], credential, max_tokens=300) as client:
        app[CLIENT] = client
        yield


def main() -> None:
    """Serve until Ctrl-C."""
    app = web.Application()
    app.add_routes([web.get("/", show_page), web.post("/answer", answer)])
    app.cleanup_ctx.append(keep_client)
    port = int(os.environ.get("PORT", "8000"))
    web.run_app(app, host="127.0.0.1", port=port, handler_cancellation=True)  # cancels `answer` if the browser leaves


if __name__ == "__main__":
    main()
