"""The models, imported when the first of them is needed: a program that makes a client does not wait for them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import models
else:

    class _Models:
        def __getattr__(self, name: str) -> Any:
            value = vars(self)[name] = getattr(import_module(f"{__package__}.models"), name)
            return value

    models = _Models()

__all__ = ["models"]
