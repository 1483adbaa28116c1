"""The house itself: imports point down, both worlds say the same, functions fit a screen."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import azure.ai.inference
import azure.ai.inference.aio
import pytest

ROOT = Path(azure.ai.inference.__file__).parent
PACKAGE = "azure.ai.inference"
RANKS = {
    "_version": 0,
    "_sse": 0,
    "_endpoint": 0,
    "_errors": 1,
    "_json_encoder": 0,
    "_json_decoder": 0,
    "_reading": 0,
    "_transport": 0,
    "_retry": 0,
    "models._base64": 0,
    "models._enums": 0,
    "_model_base": 1,
    "_policies": 1,
    "models._reading_async": 1,
    "models._models": 2,
    "models._folding": 3,
    "models._text_events": 3,
    "models._streaming": 4,
    "models._patch": 5,
    "models": 6,
    "_lazy_models": 7,
    "_body": 8,
    "_configuration": 8,
    "_client_base": 9,
    "_operations._operations": 10,
    "_operations": 11,
    "_client": 12,
    "_patch": 13,
    "": 14,
    "aio._transport": 0,
    "aio._policies": 0,
    "aio._retry": 1,
    "aio._configuration": 9,
    "aio._operations._operations": 11,
    "aio._operations": 12,
    "aio._client": 13,
    "aio._patch": 14,
    "aio": 15,
    "_spans": 7,
    "tracing": 16,
    "prompts._utils": 0,
    "prompts._mustache": 0,
    "prompts._prompty": 0,
    "prompts._parsers": 1,
    "prompts._patch": 2,
    "prompts": 3,
}
EXTRAS = {"orjson", "yaml"}
FUNCTION_LINES = 50


def modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


MODULES = modules()


def imports(name: str) -> Iterator[str]:
    """The modules of the package that a module imports, by their names within the package."""
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
            assert name.startswith(("aio", "tracing")) or not imported.startswith("aio"), f"{name} imports {imported}"


@pytest.mark.parametrize("name", MODULES)
def test_no_import_is_tried_but_that_of_an_extra(name):
    for node in ast.walk(MODULES[name]):
        if isinstance(node, ast.Try):
            for inner in ast.walk(node):
                assert not isinstance(inner, ast.ImportFrom)
                assert not isinstance(inner, ast.Import) or {alias.name for alias in inner.names} <= EXTRAS


@pytest.mark.parametrize("name", MODULES)
def test_functions_fit_a_screen(name):
    for node in ast.walk(MODULES[name]):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            documented = len((ast.get_docstring(node, clean=False) or "").splitlines())
            assert node.end_lineno - node.lineno + 1 - documented <= FUNCTION_LINES, f"{name}.{node.name}"


class Synchronous(ast.NodeTransformer):
    """Deletes what awaits, and the word Async."""

    def visit_AsyncFunctionDef(self, node):
        self.generic_visit(node)
        return ast.FunctionDef(**{field: getattr(node, field) for field in node._fields}, lineno=0)

    def visit_Await(self, node):
        return self.visit(node.value)


def words(name: str) -> list[str]:
    """The definitions of a module, with docstrings of modules and imports left out."""
    tree = Synchronous().visit(ast.parse(ast.unparse(MODULES[name])))
    body = [node for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    return [ast.unparse(node).replace("Async", "") for node in body]


def test_signatures_and_overloads_are_the_same_in_both_worlds():
    assert words("aio._patch") == words("_patch")


def shape(name: str) -> list[tuple[str, list[str]]]:
    """The classes of a module, and the names and arguments of their methods, in order."""
    tree = Synchronous().visit(ast.parse(ast.unparse(MODULES[name])))
    renamed = {"__aenter__": "__enter__", "__aexit__": "__exit__"}
    return [
        (
            node.name.replace("Async", ""),
            [
                f"{renamed.get(method.name, method.name)}({ast.unparse(method.args).replace('Async', '')})"
                for method in node.body
                if isinstance(method, ast.FunctionDef)
            ],
        )
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    ]


@pytest.mark.parametrize("name", ["_client", "_operations._operations"])
def test_classes_and_methods_are_the_same_in_both_worlds(name):
    assert shape(f"aio.{name}") == shape(name)


@pytest.mark.parametrize("name", azure.ai.inference.__all__)
def test_documentation_is_the_same_in_both_worlds(name):
    ours, twin = getattr(azure.ai.inference, name), getattr(azure.ai.inference.aio, name)
    assert inspect.getdoc(twin) == inspect.getdoc(ours)
    for method in (name for name in dir(ours) if not name.startswith("_")):
        assert inspect.getdoc(getattr(ours, method)), method
        assert inspect.getdoc(getattr(twin, method)) == inspect.getdoc(getattr(ours, method))


def test_public_names_are_the_same_in_both_worlds():
    assert azure.ai.inference.aio.__all__ == azure.ai.inference.__all__


def test_the_keywords_of_complete_can_be_read():
    sync, async_ = (
        inspect.getfullargspec(sdk.ChatCompletionsClient.complete).kwonlyargs
        for sdk in (azure.ai.inference, azure.ai.inference.aio)
    )
    assert sync == async_
    assert sync[:2] == ["messages", "stream"]
    assert "temperature" in sync
