"""The documentation builds without warnings and describes every public name, keyword and sample."""

import html
import importlib
import inspect
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import azure.core.credentials
import azure.core.exceptions
import azure.core.rest
import pytest
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, aio, models, testing
from azure.ai.inference._http._options import CLIENT_OPTIONS

from benchmarks.__main__ import RESULTS
from benchmarks.report import format_value
from benchmarks.results import Results
from benchmarks.works import WORKS

ROOT = Path(__file__).parents[1]
SAMPLES = sorted(
    path
    for path in (ROOT / "samples").rglob("*")
    if path.is_file() and path.name != "README.md" and "__pycache__" not in path.parts
)
NAMES = ("", ".aio", ".models", ".limits", ".tracing", ".prompts", ".testing")
MODULES = [f"azure.ai.inference{name}" for name in NAMES]
NAMES = [f"{module}.{name}" for module in MODULES for name in importlib.import_module(module).__all__]
CALLS = ["ChatCompletionsClient.complete", "ChatCompletionsClient.run_tools"]
CALLS += ["EmbeddingsClient.embed", "ImageEmbeddingsClient.embed"]
CALLS += ["ChatCompletionsClient.complete_many", "EmbeddingsClient.embed_many"]
DESCRIBED = re.compile(r"^:(?:param|keyword) (\w+): \S", re.MULTILINE)


def find(path) -> Any:
    """The object with a dotted name below `azure.ai.inference`."""
    found = importlib.import_module("azure.ai.inference")
    for name in path.split(".")[3:]:
        found = getattr(found, name)
    return found


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The folder of the pages, built by a process of its own: Sphinx changes what it imports."""
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-M", "html", ROOT / "docs", folder]
    done = subprocess.run(
        [*command, "--fail-on-warning", "--keep-going", "--quiet"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def entries(pages):
    """The names that are documented."""
    inventory = zlib.decompress((pages / "objects.inv").read_bytes().split(b"\n", 4)[4]).decode()
    return {line.split(" ")[0] for line in inventory.splitlines()}


def text(page):
    """The visible text of a page."""
    return html.unescape(re.sub(r"<[^>]*>", "", page.read_text(encoding="utf-8")))


def test_every_public_name_has_an_entry(entries):
    assert set(NAMES) - entries == set()


def test_every_public_method_and_field_has_an_entry(entries):
    members = set()
    for name in NAMES:
        value = find(name)
        if inspect.isclass(value) and value.__name__ == name.rpartition(".")[2]:  # a second name has no members
            own = {member for member in vars(value) if not member.startswith("_")}
            members |= {f"{name}.{member}" for member in own | set(getattr(value, "_fields", ()))}
    assert members - entries == set()
    assert {"azure.ai.inference.models.ChatChoice.index", "azure.ai.inference.aio.EmbeddingsClient.embed"} <= members


@pytest.mark.parametrize(
    ("module", "file", "stream"),
    [
        ("azure.ai.inference", "clients.html", "StreamingChatCompletions"),
        ("azure.ai.inference.aio", "aio.html", "AsyncStreamingChatCompletions"),
    ],
)
def test_inherited_methods_of_clients_are_there(pages, entries, module, file, stream):
    for member in ("close", "get_model_info", "send_request"):
        assert f"{module}.ChatCompletionsClient.{member}" in entries
    page = text(pages / file)
    assert "A client for chat completions." in page
    assert re.search(
        r"messages \(Sequence\[ChatRequestMessage \| Mapping\[str, Any\]\] \| None\) . The conversation", page
    )
    assert re.search(rf"Return type:\s*ChatCompletions \| {stream}\b", page)
    assert len(re.findall(r"complete\((?!\))", page)) == 1  # without overloads


def test_fields_have_type_and_text(pages):
    page = text(pages / "models.html")
    assert re.search(r"expires_at: datetime¶\s*When the audio expires on the service", page)
    assert re.search(r"finish_reason: str \| CompletionsFinishReason¶\s*Why generation stopped", page)
    assert re.search(r"ChatChoice\(mapping=None, /, \*, index=None, .*message=None\)", page)
    assert re.search(r"Bases: ContentItem\s*Text as a part of the content of a message\.", page)
    assert re.search(r"A message of the user to the model\.\s*role: str¶", page)  # what a message inherits


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_sample_is_there(pages, path):
    page = text(pages / "samples.html")
    assert path.relative_to(ROOT / "samples").as_posix() in page
    if path.suffix == ".py":
        assert path.read_text(encoding="utf-8").rstrip() in page


@pytest.mark.parametrize("page", [path.stem for path in sorted((ROOT / "docs").glob("*.md"))])
def test_links_between_files_lead_to_pages(pages, page):
    assert re.findall(r'href="[^":]*\.md\b', (pages / f"{page}.html").read_text(encoding="utf-8")) == []


def test_the_diagram_is_rendered_without_a_network(pages):
    page = (pages / "architecture.html").read_text(encoding="utf-8")
    diagrams = re.findall(r'<div class="mermaid only-(\w+)">(<svg .*?</svg>)</div>', page, re.DOTALL)
    assert [mode for mode, _ in diagrams] == ["light", "dark"]
    assert "flowchart TB" not in page  # its source is replaced
    for _, diagram in diagrams:
        assert {"client.complete(...)", "endpoint", "ChatCompletions"} <= set(re.findall(r">([^<>\s]+)<", diagram))
    assert len(set(re.findall(r'<svg id="([^"]+)"', page))) == 2  # each has a style sheet of its own
    assert re.findall(r'(?:<script[^>]* src=|<link[^>]* href=|<img[^>]* src=|url\()"?https?:', page) == []


@pytest.mark.parametrize("module", MODULES[:2])
@pytest.mark.parametrize("call", CALLS)
def test_every_keyword_is_described(module, call):
    method = find(f"{module}.{call}")
    described = DESCRIBED.findall(inspect.getdoc(method) or "")
    assert sorted(described) == sorted(set(inspect.signature(method).parameters) - {"self"})


def table(page, first):
    """The rows of the table whose first column has this heading, each with the text of its cells."""
    found = re.search(rf"^\| {re.escape(first)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", page, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("| \n").split(" | ")] for row in found[1].splitlines()]


PEERS = ("openai", "anthropic")


def test_figures_of_the_page_about_performance_are_those_of_the_results():
    results, rows = Results.load(RESULTS), []
    for work, title in results.titles.items():
        metric = WORKS[work].metrics[0]
        ours = results.find(work, metric, "ours").median
        ratios = [results.ratio(work, metric, "ours", base) for base in ("b9", "floor")]
        ratios += [ours / found.median for name in PEERS if (found := results.find(work, metric, name))]
        rows.append([title, format_value(metric, ours).strip(), *(f"{ratio:.2f}" for ratio in ratios)])
    page = table((ROOT / "docs" / "performance.md").read_text(encoding="utf-8"), "benchmark")
    assert [[cell for cell in row if cell.strip("| ")] for row in page] == rows


def test_figures_of_the_readme_are_those_of_the_results():
    results = Results.load(RESULTS)
    stream, call, async_call = (results.ratio(work, "cpu", "ours", "b9") for work in ("stream", "call", "call-async"))
    sentence = f"takes {stream:.2f} of the CPU time of 1.0.0b9, a call {call:.2f}, an async call {async_call:.2f}."
    assert sentence in " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


NAMESPACES = (azure.ai.inference, aio, models, testing, azure.core.credentials, azure.core.exceptions, azure.core.rest)


def test_names_for_users_of_openai_exist():
    """Classes, methods and keywords in the right column of the table are those of this package and azure-core."""
    rows = table((ROOT / "docs" / "migrating.md").read_text(encoding="utf-8"), "openai")
    code = " ".join(re.findall(r"`([^`]+)`", " ".join(row[1] for row in rows)))
    classes = set(re.findall(r"\b[A-Z][a-z]+[A-Z]\w*\b", re.sub(r'"[^"]*"', "", code))) | {"HttpRequest"}
    assert {name for name in classes if not any(hasattr(space, name) for space in NAMESPACES)} == set()
    keywords = set(re.findall(r"\b([a-z]\w*)=", re.sub(r'"[^"]*"', "", code)))
    methods = (ChatCompletionsClient.complete, ChatCompletionsClient.run_tools, EmbeddingsClient.embed)
    known = {name for method in methods for name in inspect.signature(method).parameters} | CLIENT_OPTIONS | {"params"}
    assert keywords - known == set()
    owners = {"client": (ChatCompletionsClient, EmbeddingsClient), "response": (models.ChatCompletions,)}
    owners |= {"stream": (models.StreamingChatCompletions,), "item": (models.EmbeddingItem,)}
    for owner, name in re.findall(r"\b(client|response|stream|item)\.(\w+)", code):
        assert any(hasattr(kind, name) for kind in owners[owner]), f"{owner}.{name}"
    assert len(rows) >= 50
