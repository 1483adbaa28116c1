"""The architecture: ranks of modules, parity of sync and async, length of functions."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import azure.ai.inference
import azure.ai.inference.aio
import pytest

ROOT = Path(azure.ai.inference.__file__).parent
PACKAGE = "azure.ai.inference"
CONTRIBUTING = Path(__file__).parent.parent / "CONTRIBUTING.md"
OTHERS = ("azure.core", "requests", "urllib3", "aiohttp")
EXTRAS = {"opentelemetry.util.genai.handler", "orjson", "pydantic", "pydantic_core", "yaml"}
FUNCTION_LINES = 50


def modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def ranks() -> dict[str, int]:
    """Return the rank of every module, from the table in CONTRIBUTING.md."""
    found = {}
    for line in CONTRIBUTING.read_text(encoding="utf-8").splitlines():
        row = re.match(r"\| (\d+) \| ((?:`[\w./]+` ?)+)\|", line)
        for name in re.findall(r"`([\w./]+)`", row[2]) if row else ():
            module = name.replace("/", ".").removeprefix(PACKAGE)
            assert module not in found, f"{name} is in two rows"
            found[module] = int(row[1])
    return found


MODULES = modules()
RANKS = ranks()


def imports(name: str) -> Iterator[str]:
    """Return the modules of the package that a module imports, by their names within the package."""
    is_package = (ROOT.joinpath(*name.split(".")) if name else ROOT).is_dir()
    here = [*PACKAGE.split("."), *(name.split(".") if name else [])]
    for node in ast.walk(MODULES[name]):
        if isinstance(node, ast.ImportFrom):
            up = node.level - is_package
            base = here[: len(here) - up] if node.level else []
            target = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            for alias in node.names:
                assert alias.name != "*", f"{name} imports a star"
                full = f"{target}.{alias.name}".removeprefix(PACKAGE).strip(".")
                yield full if full in MODULES else target.removeprefix(PACKAGE).strip(".")
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_every_module_has_a_rank():
    assert MODULES.keys() == RANKS.keys()


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_down(name):
    for imported in imports(name):
        if imported in RANKS:
            assert RANKS[imported] < RANKS[name], f"{name} imports {imported}"
            assert name.startswith(("aio", "tracing", "testing")) or not imported.startswith("aio")
            assert name.startswith("testing") or not imported.startswith("testing"), f"{name} imports {imported}"
            for alone in ("_http", "prompts"):
                if name.startswith(alone):
                    assert imported.startswith(alone), f"{name} imports {imported}"


def imported_modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("_http")])
def test_private_modules_of_other_libraries_are_used_in_http_alone(name):
    for node in ast.walk(MODULES[name]):
        for imported in imported_modules(node):
            if imported.startswith(OTHERS):
                assert "._" not in imported, f"{name} imports {imported}"


PRIVATE_IMPORTS = {"azure.core.rest._aiohttp.RestAioHttpTransportResponse"}
"""What has no public name. `test_http_internals.py` says what moved when one of them does."""


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("_http")])
def test_private_modules_of_other_libraries_are_not_imported_at_run_time(name):
    types_alone = [
        node
        for condition in ast.walk(MODULES[name])
        if isinstance(condition, ast.If) and ast.unparse(condition.test) == "TYPE_CHECKING"
        for statement in condition.body
        for node in ast.walk(statement)
    ]
    for node in ast.walk(MODULES[name]):
        for imported in imported_modules(node):
            if imported.startswith(OTHERS) and node not in types_alone and imported not in PRIVATE_IMPORTS:
                assert "._" not in imported, f"{name} imports {imported}"


@pytest.mark.parametrize("name", MODULES)
def test_only_extras_are_imported_in_a_try_block(name):
    for node in ast.walk(MODULES[name]):
        if isinstance(node, ast.Try):
            for inner in ast.walk(node):
                assert not isinstance(inner, ast.ImportFrom)
                assert not isinstance(inner, ast.Import) or {alias.name for alias in inner.names} <= EXTRAS


@pytest.mark.parametrize("name", MODULES)
def test_functions_fit_on_a_screen(name):
    for node in ast.walk(MODULES[name]):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            documented = len((ast.get_docstring(node, clean=False) or "").splitlines())
            lines = node.end_lineno - node.body[0].lineno + 1 - documented  # the API has many keywords
            assert lines <= FUNCTION_LINES, f"{name}.{node.name}"


class Synchronous(ast.NodeTransformer):
    """Removes `async` and `await`, and the word Async."""

    def visit_AsyncFunctionDef(self, node):
        self.generic_visit(node)
        return ast.FunctionDef(**{field: getattr(node, field) for field in node._fields}, lineno=0)

    def visit_Await(self, node):
        return self.visit(node.value)


def without_async(text: str) -> str:
    """Remove the words Async and aio from code, and the types that the async client takes in addition."""
    return re.sub(r"(\w+\[\w+\]) \| \1", r"\1", text.replace("Async", "").replace(".aio.", "."))


def words(name: str) -> list[str]:
    """Return the definitions of a module, without imports and module docstrings."""
    tree = Synchronous().visit(ast.parse(ast.unparse(MODULES[name])))
    body = [node for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    return [without_async(ast.unparse(node)) for node in body]


@pytest.mark.parametrize("name", ["_patch", "_embeddings"])
def test_signatures_and_overloads_are_the_same_for_sync_and_async(name):
    assert words(f"aio.{name}") == words(name)


def arguments(method: ast.FunctionDef) -> str:
    """Return the arguments of a method as text."""
    return without_async(ast.unparse(method.args))


def shape(name: str) -> list[tuple[str, list[str]]]:
    """Return the public classes of a module with the names and arguments of their methods, in order."""
    tree = Synchronous().visit(ast.parse(ast.unparse(MODULES[name])))
    renamed = {"__aenter__": "__enter__", "__aexit__": "__exit__", "__anext__": "__next__"}
    return [
        (
            node.name.replace("Async", ""),
            [
                f"{renamed.get(method.name, method.name)}({arguments(method)})"
                for method in node.body
                if isinstance(method, ast.FunctionDef)
            ],
        )
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


@pytest.mark.parametrize("name", ["_client", "_operations._operations"])
def test_classes_and_methods_are_the_same_for_sync_and_async(name):
    assert shape(f"aio.{name}") == shape(name)


@pytest.mark.parametrize("name", azure.ai.inference.__all__)
def test_documentation_is_the_same_for_sync_and_async(name):
    ours, twin = getattr(azure.ai.inference, name), getattr(azure.ai.inference.aio, name)
    assert inspect.getdoc(twin) == inspect.getdoc(ours)
    for method in (name for name in dir(ours) if not name.startswith("_")):
        assert inspect.getdoc(getattr(ours, method)), method
        assert inspect.getdoc(getattr(twin, method)) == inspect.getdoc(getattr(ours, method))


def test_public_names_are_the_same_for_sync_and_async():
    assert azure.ai.inference.aio.__all__ == azure.ai.inference.__all__


def test_complete_shows_its_keywords_to_inspect():
    sync, async_ = (
        inspect.getfullargspec(sdk.ChatCompletionsClient.complete).kwonlyargs
        for sdk in (azure.ai.inference, azure.ai.inference.aio)
    )
    assert sync == async_
    assert sync[:2] == ["messages", "stream"]
    assert "temperature" in sync
