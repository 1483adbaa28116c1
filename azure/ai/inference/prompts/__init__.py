"""Messages for a chat from templates: strings, or files in the prompty format."""

from ._patch import PromptTemplate

__all__ = ["PromptTemplate"]
