"""What a rendered template says: its messages, by role, with text and images."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ._mustache import SLOT, Rendering

ROLES = ("system", "user", "assistant", "function", "developer", "tool")
_BLANKS = r"[^\S\n]*"
# The letters of the roles are those of ASCII: without that, the long s is a letter s.
_ROLE_LINE = re.compile(
    rf"^{_BLANKS}(?:#{_BLANKS})?((?ai:{'|'.join(ROLES)})|{SLOT}){_BLANKS}:{_BLANKS}$",
    re.MULTILINE,
)
_REMOTE = re.compile(r"(?:https?|data):", re.IGNORECASE)

LoadImage = Callable[[str], str]


def parse_messages(rendering: Rendering, load_image: LoadImage) -> list[dict[str, Any]]:
    """Take a rendered template apart where its author wrote the line of a role.

    :param load_image: Makes a URL of the path of a local image.
    :return: Messages as the service takes them. Text before the first role is of the system. A last message without
     content is left out.
    """
    text = re.sub("\r\n?", "\n", rendering.text)
    before, *rest = _ROLE_LINE.split(text)
    messages = []
    if rendering.fill(before).strip():
        messages.append({"role": "system", "content": _content(before, rendering, load_image)})
    for role, body in zip(rest[::2], rest[1::2], strict=True):
        messages.append({"role": _role(role, rendering), "content": _content(body, rendering, load_image)})
    if messages and not messages[-1]["content"]:
        messages.pop()
    return messages


def _role(word: str, rendering: Rendering) -> str:
    role = rendering.fill(word).strip().lower()
    if role not in ROLES:
        raise ValueError(
            "a line that holds one variable and a colon spells the role of a message, and the value of its variable "
            f"is none of {', '.join(ROLES)}"
        )
    return role


def _content(body: str, rendering: Rendering, load_image: LoadImage) -> str | list[dict[str, Any]]:
    pieces = list(_split_at_images(body))
    if len(pieces) == 1:
        return rendering.fill(body).strip()
    return list(_parts(pieces, rendering, load_image))


def _split_at_images(body: str) -> Iterator[str]:
    """Yield text and addresses of images in turn, with a text at both ends.

    A pattern would look at the rest of the body again for each image that is not closed.
    """
    done = 0
    start = body.find("![")
    while start >= 0 and (middle := body.find("]", start)) >= 0:
        if body.startswith("(", middle + 1):
            end = body.find(")", middle)
            if end < 0:
                break
            yield body[done:start]
            # The address ends with the first blank: what follows is the title, which models do not see.
            yield re.split(r"\s", body[middle + 2 : end], maxsplit=1)[0]
            middle, done = end, end + 1
        start = body.find("![", middle + 1)
    yield body[done:]


def _parts(pieces: list[str], rendering: Rendering, load_image: LoadImage) -> Iterator[dict[str, Any]]:
    for index, piece in enumerate(pieces):
        if index % 2:
            yield {"type": "image_url", "image_url": {"url": _image_url(piece, rendering, load_image)}}
        elif text := rendering.fill(piece).strip():
            yield {"type": "text", "text": text}


def _image_url(address: str, rendering: Rendering, load_image: LoadImage) -> str:
    url = rendering.fill(address)
    if _REMOTE.match(url):
        return url
    if url != address:
        raise ValueError("an image given by a template value must be an http(s) or data URL; local files are not read")
    return load_image(url)
