"""What a rendered template says: its messages, by role, with text and images."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ._mustache import SLOT, Rendering

ROLES = ("system", "user", "assistant", "function", "developer", "tool")
_ROLE_LINE = re.compile(rf"^[ \t]*(?:#[ \t]+)?({'|'.join(ROLES)}|{SLOT})[ \t]*:[ \t]*$", re.IGNORECASE | re.MULTILINE)
# The address ends with the first blank: what follows is the title, which models do not see.
_IMAGE = re.compile(r"!\[[^\]]*\]\(([^\s)]*)[^)]*\)")
_REMOTE = re.compile(r"(?:https?|data):", re.IGNORECASE)

LoadImage = Callable[[str], str]


def parse_messages(rendering: Rendering, load_image: LoadImage) -> list[dict[str, Any]]:
    """Take a rendered template apart where its author wrote the line of a role.

    :param load_image: Makes a URL of the path of a local image.
    :return: Messages as the service takes them. Text before the first role is of the system.
    """
    text = re.sub("\r\n?", "\n", rendering.text)
    before, *rest = _ROLE_LINE.split(text)
    messages = []
    if rendering.fill(before).strip():
        messages.append({"role": "system", "content": _content(before, rendering, load_image)})
    for role, body in zip(rest[::2], rest[1::2], strict=True):
        messages.append({"role": _role(role, rendering), "content": _content(body, rendering, load_image)})
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
    if not _IMAGE.search(body):
        return rendering.fill(body).strip()
    return list(_parts(body, rendering, load_image))


def _parts(body: str, rendering: Rendering, load_image: LoadImage) -> Iterator[dict[str, Any]]:
    for index, piece in enumerate(_IMAGE.split(body)):
        if index % 2:
            yield {"type": "image_url", "image_url": {"url": _image_url(piece, rendering, load_image)}}
        elif text := rendering.fill(piece).strip():
            yield {"type": "text", "text": text}


def _image_url(address: str, rendering: Rendering, load_image: LoadImage) -> str:
    url = rendering.fill(address)
    if _REMOTE.match(url):
        return url
    if url != address:
        raise ValueError("a value can name an image by an http or data URL only: a template reads no file for a value")
    return load_image(url)
