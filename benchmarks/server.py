"""A server that sends prebuilt responses, so that it takes as little time as possible.

    python -m benchmarks.server    prints its port, and serves until it is terminated

The path of a request describes the response: /BODY-SIZE/PIECE/PAUSE/FRAMING. BODY is a key of BODIES. The body is cut
into pieces of PIECE bytes, or into its events if PIECE is 0. The pieces are sent all at once, or one every PAUSE
milliseconds. FRAMING is "chunked" (each piece is a chunk), "length" (with Content-Length) or "close" (the body ends
with the connection). With a PAUSE, the STAMP in a piece is replaced by the time at which the piece is sent, in
nanoseconds of the monotonic clock.
"""

import asyncio
import base64
import json
import math
import re
import time
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple, cast

BACKLOG = 1024
STAMP = b"0" * 19
DONE = b"data: [DONE]\n\n"
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
METADATA = {"id": "chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012", "created": 1_700_000_000, "model": "gpt-4o-mini-2024-07-18"}
USAGE = {"prompt_tokens": 12, "completion_tokens": 14, "total_tokens": 26}
TRANSCRIPTS = {path.stem: path for path in sorted((Path(__file__).parents[1] / "tests/data/streams").glob("*.sse"))}
"""Streams in the shapes that services send."""
VECTOR = array("f", (math.sin(number) / 10 for number in range(1536)))


def event(content: str) -> bytes:
    """Make an event of a stream, with an update that has this content."""
    choice = {"index": 0, "delta": {"content": content}, "logprobs": None, "finish_reason": None}
    return b"data: %b\n\n" % json.dumps({**METADATA, "object": "chat.completion.chunk", "choices": [choice]}).encode()


def completion(_size: int) -> list[bytes]:
    """Make a chat completion."""
    message = {"role": "assistant", "content": "There are 5,280 feet in a mile.", "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return [json.dumps({**METADATA, "object": "chat.completion", "choices": [choice], "usage": USAGE}).encode()]


def message(_size: int) -> list[bytes]:
    """Make the same answer in the form of the Messages API of Anthropic."""
    content = [{"type": "text", "text": "There are 5,280 feet in a mile."}]
    facts = {"id": "msg_AbCdEfGhIjKlMnOpQrStUv", "type": "message", "role": "assistant", "model": "m"}
    usage = {"input_tokens": 12, "output_tokens": 14}
    return [json.dumps({**facts, "content": content, "stop_reason": "end_turn", "usage": usage}).encode()]


def deltas(size: int) -> list[bytes]:
    """Make the stream of `updates` in the form of the Messages API of Anthropic."""
    start = json.loads(message(1)[0]) | {"content": [], "stop_reason": None}
    block = {"index": 0, "content_block": {"type": "text", "text": ""}}
    texts = ({"type": "text_delta", "text": f" w{number % 1000:03}"} for number in range(size))
    events = [
        ("message_start", {"message": start}),
        ("content_block_start", block),
        *(("content_block_delta", {"index": 0, "delta": text}) for text in texts),
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": size}}),
        ("message_stop", {}),
    ]
    return [f"event: {kind}\ndata: {json.dumps({'type': kind, **facts})}\n\n".encode() for kind, facts in events]


def embeddings(size: int, embedding: Any) -> list[bytes]:
    """Make a response with `size` embeddings."""
    item = json.dumps({"object": "embedding", "embedding": embedding, "index": 0})
    head = json.dumps({"object": "list", "id": "e", "model": "m", "usage": USAGE})
    return [f'{head[:-1]}, "data": [{", ".join([item] * size)}]}}'.encode()]


def transcript(name: str, size: int) -> list[bytes]:
    """Make a stream of `size` events from a transcript: its first events, or all of them again and again."""
    events = TRANSCRIPTS[name].read_bytes().removesuffix(DONE).split(b"\n\n")[:-1]
    return [*(event + b"\n\n" for event in islice(cycle(events), size)), DONE]


BODIES: dict[str, Callable[[int], list[bytes]]] = {
    "updates": lambda size: [*(event(f" w{number % 1000:03}") for number in range(size)), DONE],
    "stamps": lambda size: [event(STAMP.decode())] * size + [DONE],
    "event": lambda size: [event("x" * size), DONE],
    "completion": completion,
    "message": message,
    "deltas": deltas,
    "embeddings": lambda size: embeddings(size, VECTOR.tolist()),
    "base64": lambda size: embeddings(size, base64.b64encode(VECTOR.tobytes()).decode()),
    **{name: partial(transcript, name) for name in TRANSCRIPTS},
}


class Response(NamedTuple):
    """A response that is ready to be sent."""

    pieces: list[bytes]
    pause: float
    closes: bool


@lru_cache
def make_response(path: str) -> Response:
    """Make the response that a path describes."""
    name, piece, pause, framing = path.split("/")[1:5]
    kind, _, count = name.partition("-")
    pieces, size = BODIES[kind](int(count)), int(piece)
    content_type = "application/json" if pieces[0].startswith(b"{") else "text/event-stream"
    if size:
        body = b"".join(pieces)
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
    headers = {
        "chunked": "Transfer-Encoding: chunked",
        "length": f"Content-Length: {sum(map(len, pieces))}",
        "close": "Connection: close",
    }
    if framing == "chunked":
        pieces = [*(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces), b"0\r\n\r\n"]
    pieces[0] = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n{headers[framing]}\r\n\r\n".encode() + pieces[0]
    return Response(pieces if int(pause) else [b"".join(pieces)], int(pause) / 1000, framing == "close")


class Connection(asyncio.Protocol):
    """A connection, whose requests come one after the other. Only their path and length matter."""

    head = b""
    missing_bytes = -1  # of the body; negative while the head is incomplete

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, to which the responses are written."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Send a response when a request is complete."""
        if self.missing_bytes < 0:
            self.head += data
            end = self.head.find(b"\r\n\r\n") + 4
            if end < len(b"\r\n\r\n"):
                return
            length = CONTENT_LENGTH.search(self.head, 0, end)
            self.missing_bytes = (int(length[1]) if length else 0) - (len(self.head) - end)
        else:
            self.missing_bytes -= len(data)
        if self.missing_bytes == 0:
            path = self.head.split(b" ", 2)[1].decode()
            self.head, self.missing_bytes = b"", -1
            response = make_response(path.partition("?")[0])
            self.send(iter(response.pieces), response, asyncio.get_running_loop().time())

    def send(self, pieces: Iterator[bytes], response: Response, at: float) -> None:
        """Send the pieces that are due, and schedule the rest."""
        for piece in pieces:
            if not response.pause:
                self.transport.write(piece)
                continue
            self.transport.write(piece.replace(STAMP, b"%019d" % time.monotonic_ns()))
            at += response.pause
            asyncio.get_running_loop().call_at(at, self.send, pieces, response, at)
            return
        if response.closes:
            self.transport.close()


async def main() -> None:
    """Serve."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=BACKLOG)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
