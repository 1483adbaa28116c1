"""Base64: of files in requests, and of vectors in responses."""

from __future__ import annotations

import base64
import os
import sys
from array import array
from pathlib import Path


def read_base64(file: str | os.PathLike[str]) -> str:
    """The content of a file, as base64."""
    return base64.b64encode(Path(file).read_bytes()).decode()


def data_url(file: str | os.PathLike[str], image_format: str) -> str:
    """The data URL of an image file, whose format is as in its media type."""
    return f"data:image/{image_format};base64,{read_base64(file)}"


def decode_floats(text: str) -> array[float]:
    """Decode base64 of 32-bit floats in little-endian order.

    :raises ValueError: The text is not that.
    """
    floats = array("f")
    floats.frombytes(base64.b64decode(text))
    if sys.byteorder == "big":
        floats.byteswap()
    return floats
