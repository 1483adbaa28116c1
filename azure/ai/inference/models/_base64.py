"""Base64: of files in requests, and of vectors in responses."""

from __future__ import annotations

import base64
import os
import sys
from array import array
from pathlib import Path
from typing import IO, Any, TypeAlias

File: TypeAlias = str | os.PathLike[str] | bytes | IO[bytes]


def read_base64(file: File, argument: str) -> str:
    """The content of a file, as base64.

    :param file: The path of the file, its content, or the file, open in binary mode. It is read from where it is, and
     stays open.
    :param argument: The name of the argument, for errors.
    :raises TypeError: The argument is none of that.
    """
    return base64.b64encode(_content(file, argument)).decode()


def _content(file: Any, argument: str) -> bytes | bytearray | memoryview:
    if isinstance(file, (bytes, bytearray, memoryview)):
        return file
    if isinstance(file, (str, os.PathLike)):
        return Path(file).read_bytes()
    content = file.read() if hasattr(file, "read") else None
    if not isinstance(content, bytes):
        what = "a file in text mode" if isinstance(content, str) else type(file).__name__
        raise TypeError(f"{argument} must be a path, bytes, or a file that is open in binary mode, not {what}")
    return content


def data_url(file: File, image_format: str) -> str:
    """The data URL of an image file, whose format is as in its media type."""
    return f"data:image/{image_format};base64,{read_base64(file, 'image_file')}"


def decode_floats(text: str) -> array[float]:
    """Decode base64 of 32-bit floats in little-endian order.

    :raises ValueError: The text is not that.
    """
    floats = array("f")
    floats.frombytes(base64.b64decode(text))
    if sys.byteorder == "big":
        floats.byteswap()
    return floats
