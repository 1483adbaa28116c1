"""Base64: of files that travel within requests, and of vectors that come in answers."""

from __future__ import annotations

import base64
import os
import sys
from array import array
from pathlib import Path


def base64_of(file: str | os.PathLike[str]) -> str:
    """The content of a file."""
    return base64.b64encode(Path(file).read_bytes()).decode()


def data_url(file: str | os.PathLike[str], image_format: str) -> str:
    """The URL that holds an image, whose format is as in its media type."""
    return f"data:image/{image_format};base64,{base64_of(file)}"


def floats_of(text: str) -> array[float]:
    """The 32-bit floats in base64, which travel with their lowest byte first.

    :raises ValueError: It holds something else.
    """
    floats = array("f")
    floats.frombytes(base64.b64decode(text))
    if sys.byteorder == "big":
        floats.byteswap()
    return floats
