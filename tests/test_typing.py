"""Type checkers see the types of the installed package from any folder, and refuse what is wrong."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).with_name("typing_errors.py")
REVEALED = """
from azure.ai.inference import ChatCompletionsClient, aio
from azure.ai.inference.models import UserMessage
from typing_extensions import reveal_type

async def use(client: ChatCompletionsClient, embeddings: aio.EmbeddingsClient) -> None:
    reveal_type(client.complete(messages=[UserMessage("x")]).choices[0].message.content)
    reveal_type(client.complete(messages=[], stream=True))
    reveal_type(await embeddings.embed(input=["x"]))
"""
OPTIONS = """# pyright: strict
from typing import Any
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.ai.inference.models import UserMessage
from typing_extensions import reveal_type

def use(client: ChatCompletionsClient, embeddings: EmbeddingsClient, options: dict[str, Any]) -> None:
    reveal_type(client.complete(messages=[UserMessage("x")], stream=False, **options))
    reveal_type(client.complete(messages=[UserMessage("x")], stream=True, **options))
    reveal_type(client.complete(messages=[UserMessage("x")], stream=bool(options), **options))
    reveal_type(embeddings.embed(input=["x"], **options))
"""
OPTIONS_TYPES = [
    "ChatCompletions",
    "StreamingChatCompletions",
    "ChatCompletions | StreamingChatCompletions",
    "EmbeddingsResult",
]
CHECKERS = {
    "mypy": ["mypy", "--strict", "--show-column-numbers", f"--cache-dir={EXAMPLES.parents[1] / '.mypy_cache'}"],
    "pyright": ["pyright", "--pythonpath", sys.executable],
    "ty": ["ty", "check", "--output-format=concise", "--python", sys.prefix],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What each checker prints, in a folder from which neither the source nor its settings can be seen."""
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copy(EXAMPLES, folder)
    (folder / "revealed.py").write_text(REVEALED, encoding="utf-8")
    (folder / "options.py").write_text(OPTIONS, encoding="utf-8")
    files = [EXAMPLES.name, "revealed.py", "options.py"]
    runs = {
        name: subprocess.Popen(
            [sys.executable, "-m", *command, *files], cwd=folder, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        for name, command in CHECKERS.items()
    }
    return {name: run.communicate()[0] for name, run in runs.items()}


@pytest.mark.parametrize("checker", CHECKERS)
def test_each_line_that_is_marked_is_refused_and_no_other_one(checker, found):
    lines = EXAMPLES.read_text(encoding="utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, 1) if "# refused" in line}
    refused = set(map(int, re.findall(r"typing_errors\.py:(\d+):\d+:? (?:- )?error", found[checker])))
    assert {number: lines[number - 1] for number in marked ^ refused} == {}, found[checker]


@pytest.mark.parametrize("checker", CHECKERS)
def test_types_are_known_in_other_folders(checker, found):
    types = re.findall(r"revealed\.py:\d+.*(?:Revealed type is|Type of .* is|Revealed type:?) ?(.*)", found[checker])
    assert len(types) == 3, found[checker]
    for type_, known in zip(types, ("str", "StreamingChatCompletions", "EmbeddingsResult"), strict=True):
        assert known in type_
        assert not re.search("Any|Unknown", type_)


@pytest.mark.parametrize("checker", ["pyright", "ty"])
def test_types_of_calls_with_the_keywords_of_a_dict_are_known(checker, found):
    types = re.findall(
        r"options\.py:\d+.*(?:Type of .* is \"|Revealed type: `)(.*)[\"`]$", found[checker], re.MULTILINE
    )
    assert types == OPTIONS_TYPES, found[checker]
