"""Prompt templates: one class for both of the forms that a template comes in."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from ._mustache import Rendering, parse
from ._parsers import parse_messages
from ._prompty import Prompty, load_prompty
from ._utils import remove_leading_empty_space


class PromptTemplate:
    """A template for the messages of a chat, in the language mustache.

    `{{name}}` stands for a value with the characters of HTML escaped, `{{{name}}}` for the value as it is; sections
    (`{{#items}}…{{/items}}`) repeat or leave out what they hold. A line of its own that says `system:`, `user:`,
    `assistant:`, `function:`, `developer:` or `tool:` begins a message, as does `# user:` and as does one variable with
    a colon, `{{role}}:`, whose value has to be one of these words. Text before the first message is of the system. A
    last message without content is left out. An image is written as in Markdown, `![what it shows](URL)`.

    A value adds no message and no image, whatever it says, and makes the client read no file.

    Prompty files need the extra `prompts`: `pip install azure-ai-inference[prompts]`.

    :ivar api: The kind of the API, "chat"; nothing depends on it.
    :ivar prompty: What the prompty file says, or None for a template from a string.
    :ivar model_name: The name of the model: as given, else `azure_deployment` of the configuration in the file.
    :ivar parameters: The parameters of the model in the file, which are keywords of `ChatCompletionsClient.complete`.
    """

    def __init__(
        self,
        *,
        api: str = "chat",
        prompty: Prompty | None = None,
        prompt_template: str | None = None,
        model_name: str | None = None,
    ) -> None:
        self.api = prompty.model.api if prompty else api
        self.prompty = prompty
        self.model_name = model_name
        self.parameters: dict[str, Any] = {}
        if prompty is not None:
            self._template = parse(prompty.content, str(prompty.content_file), prompty.content_line)
            self.model_name = model_name or prompty.model.configuration.get("azure_deployment")
            self.parameters = dict(prompty.model.parameters)
        elif isinstance(prompt_template, str):
            self._template = parse(prompt_template, "prompt_template")
        else:
            raise ValueError("pass `prompt_template` (a string) or `prompty`")

    @classmethod
    def from_prompty(cls, file_path: str | PathLike[str]) -> PromptTemplate:
        """Make a template of a file in the prompty format.

        :param file_path: The file; a relative path starts at the folder of the file that calls this, and where there is
         no such file, as in a notebook, at the current folder.
        :raises FileNotFoundError: The file, or one that it names, is missing.
        :raises ImportError: The extra `prompts` is not installed.
        :raises ValueError: The settings or the template cannot be understood: the message names the file, and the line
         where it is known.
        """
        if not fspath(file_path):
            raise ValueError("file_path is empty")
        caller: Mapping[str, Any] = sys._getframe(1).f_globals
        return cls(prompty=load_prompty(Path(caller.get("__file__", "")).parent / file_path))

    @classmethod
    def from_string(cls, prompt_template: str, api: str = "chat", model_name: str | None = None) -> PromptTemplate:
        """Make a template of a string.

        :param prompt_template: The template. The indentation that all its lines share is taken away.
        :param api: The kind of the API, kept as an attribute.
        :param model_name: The name of the model, kept as an attribute.
        :raises ValueError: The template does not parse: the message names the line.
        """
        if not isinstance(prompt_template, str):
            raise ValueError(f"prompt_template has to be a string, not {type(prompt_template).__name__}")
        return cls(api=api, prompt_template=remove_leading_empty_space(prompt_template), model_name=model_name)

    def create_messages(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> list[dict[str, Any]]:
        """Put values into the template.

        A value comes from `data`, else from the keyword of its name, else from `sample` of the prompty file, else from
        the default or the sample that the file declares for the input. A value that comes from nowhere is empty.

        :param data: Values by name.
        :return: Messages with `role` and `content`, as `ChatCompletionsClient.complete` takes them. The content is a
         string or, with an image, a list of parts.
        :raises FileNotFoundError: An image that the template names is missing.
        :raises ValueError: The value for a role is none; an image is neither PNG nor JPEG, or not in the folder of the
         prompty file; a value names an image by something else than an http or data URL.
        """
        values = {**(self.prompty.data() if self.prompty else {}), **kwargs, **(data or {})}
        load_image = self.prompty.load_image if self.prompty else str
        return parse_messages(Rendering(self._template, values), load_image)
