"""The pages of the documentation: every block of code runs, and prints what the page says.

All blocks of a page share one namespace, in their order. The service behind them is `service`; `tests/pages` may have a
module with the name of the page, in which each of these may be left out:

- `script(service)` queues the replies of the service, in the order of the requests;
- `FILES`: files of the repository that the blocks read, by the name that they have beside the page;
- `NOT_RUN`: commands in bash blocks that are not run, each with the reason;
- `OFF_SPEC`: True if the page sends requests that the specification does not allow.

A block that prints is followed by a text block with what it prints, where `…` stands for any text on a line. Functions
that are called `test_…` are run by pytest.
"""

import importlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OTHER = {"json", "mermaid"}
"""Languages that are not run."""
TIMEOUT = 300


def blocks(page):
    """The blocks of a page: language, code, and the number of lines before the code."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    return [(found[1], found[2], text.count("\n", 0, found.start(2))) for found in BLOCK.finditer(text)]


def details(page) -> ModuleType | SimpleNamespace:
    """The module of a page."""
    name = f"pages.{page}"
    return importlib.import_module(name) if importlib.util.find_spec(name) else SimpleNamespace()


def runnable(page):
    """The blocks that are run, bash blocks without the commands that are not."""
    not_run = getattr(details(page), "NOT_RUN", {})
    for language, code, line in blocks(page):
        if language == "python":
            yield language, code, line
        elif language == "bash":
            yield language, "\n".join(command for command in commands(code) if command not in not_run), line


def commands(code):
    """The commands of a bash block, without comments."""
    return [line.partition("  #")[0].strip() for line in code.splitlines()]


def stated(page):
    """What the page says that each block prints: the text block that follows it, or nothing."""
    shown = [block for block in blocks(page) if block[0] not in OTHER]
    following = [*shown[1:], ("", "", 0)]
    return [
        after[1] if after[0] == "text" else ""
        for block, after in zip(shown, following, strict=True)
        if block[0] != "text"
    ]


def run(arguments, folder, service, **options):
    variables = {
        f"AZURE_AI_{client}_{name}": value
        for client in ("CHAT", "EMBEDDINGS")
        for name, value in (("ENDPOINT", service.url), ("KEY", "key-1"))
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **variables, "PATH": path, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_prints(page, output, text):
    """Compare what a block printed with what the page says."""
    output += "" if output.endswith("\n") or not output else "\n"
    pattern = "[^\n]*".join(re.escape(part) for part in text.split("…"))
    assert re.fullmatch(pattern, output), f"{page} says:\n{text}\nPrinted:\n{output}"


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.off_spec] * getattr(details(page), "OFF_SPEC", False), id=page)
        for page in PAGES
        if any(runnable(page))
    ],
)
def test_every_block_runs_and_prints_what_the_page_says(page, service, tmp_path):
    for name, source in getattr(details(page), "FILES", {}).items():
        shutil.copy(ROOT / source, tmp_path / name)
    copy = shutil.copy(ROOT / "docs" / f"{page}.md", tmp_path)
    getattr(details(page), "script", lambda _: None)(service)
    outputs = json.loads(
        run([ROOT / "tests" / "run_page.py", copy], tmp_path, service, input=json.dumps([*runnable(page)]))
    )
    for output, text in zip(outputs, stated(page), strict=True):
        assert_prints(page, output, text)
    tests = [code for language, code, _ in runnable(page) if language == "python"]
    if any("def test_" in code for code in tests):
        (tmp_path / "test_page.py").write_text("\n".join(tests), encoding="utf-8")
        run(["-m", "pytest", "-p", "azure.ai.inference_pytest", "-p", "no:asyncio"], tmp_path, service)


@pytest.mark.parametrize("page", PAGES)
def test_every_block_has_a_known_language(page):
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    fences = re.findall(r"^ *```(.*)$", text, re.MULTILINE)
    directives = [language for language in fences if language.startswith("{")]
    assert {language for language, _, _ in blocks(page)} <= {"python", "bash", "text", *OTHER}
    assert len(fences) == 2 * (len(blocks(page)) + len(directives))  # no other fences, and none is indented


@pytest.mark.parametrize("page", PAGES)
def test_commands_that_are_not_run_are_there(page):
    known = {command for language, code, _ in blocks(page) if language == "bash" for command in commands(code)}
    assert set(getattr(details(page), "NOT_RUN", {})) <= known
