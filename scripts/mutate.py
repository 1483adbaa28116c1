"""Change a module of the package in one place at a time and tell which changes no test notices.

A first run of the tests finds out which of them execute which lines. Then each change, a mutant, is tried in a process
of its own, forked from this one, which has imported all but the package: it runs the tests of the changed lines, the
quickest first, until one fails or takes ten times as long as before.

    scripts/mutate _sse models/_streams     # two modules
    scripts/mutate --lines 30-60 _sse       # some lines
"""

import argparse
import ast
import importlib
import os
import pickle
import signal
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import coverage
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "azure" / "ai" / "inference"
IMPORTED = ["aiohttp", "azure.core.pipeline.policies", "azure.core.rest", "hypothesis", "isodate", "jsonschema"]
IMPORTED += ["orjson", "opentelemetry.sdk.trace", "pydantic", "requests", "trustme", "yaml"]
WITHOUT = ["benchmarks", "docs", "live", "readme", "samples", "typing"]  # they start programs
OPTIONS = ["-q", "--assert=plain", "-m", "not live", "-p", "no:randomly", "-p", "no:cacheprovider"]
OPERATORS = {"Eq": "!=", "NotEq": "==", "Lt": "<=", "LtE": "<", "Gt": ">=", "GtE": ">", "Is": "is not", "IsNot": "is"}
OPERATORS |= {"In": "not in", "NotIn": "in", "Add": "-", "Sub": "+", "Mult": "//", "Div": "*", "FloorDiv": "*"}
OPERATORS |= {"Mod": "*", "BitOr": "&", "BitAnd": "|", "LShift": ">>", "RShift": "<<", "Pow": "*"}
METHODS = {"casefold", "copy", "lower", "lstrip", "rstrip", "strip", "upper"}
LEFT_ALONE = (ast.JoinedStr, ast.Import, ast.ImportFrom)  # before Python 3.12 what an f-string holds has a wrong place
Change = tuple[Any, str, str]
"""A node, the kind of change, and the text that takes the place of the node."""


def children(node: ast.AST) -> list[Any]:
    """The nodes below a node, without annotations, imports, docstrings, overloads and what is for type checkers."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            unused = {"overload", "abstractmethod"} & {ast.unparse(decorator) for decorator in node.decorator_list}
            return [] if unused else [*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body]
        case ast.ClassDef():
            return [*node.body]
        case ast.AnnAssign():
            return [node.value] if node.value else []
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return [*node.orelse]
        case ast.Expr(value=ast.Constant()) | ast.Subscript(slice=ast.Tuple()):  # a docstring, a generic type
            return []
    return [] if isinstance(node, LEFT_ALONE) else [*ast.iter_child_nodes(node)]


def without(items: list[Any]) -> Iterator[list[str]]:
    """The source texts of the items, one of them left out each time."""
    texts = [ast.unparse(item) for item in items]
    yield from (texts[:index] + texts[index + 1 :] for index in range(len(texts)))


def of_operators(node: Any) -> Iterator[Change]:
    """Changes of conditions and operators."""
    match node:
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            yield (
                node,
                "comparison",
                f"({ast.unparse(left)}) {OPERATORS[type(operator).__name__]} ({ast.unparse(right)})",
            )
        case ast.BinOp(left=left, op=operator, right=right) if type(operator).__name__ in OPERATORS:
            yield (
                node,
                "operator",
                f"(({ast.unparse(left)}) {OPERATORS[type(operator).__name__]} ({ast.unparse(right)}))",
            )
        case ast.BoolOp(op=operator, values=values):
            word, other = (" and ", " or ") if isinstance(operator, ast.And) else (" or ", " and ")
            yield node, "and / or", f"({other.join(f'({ast.unparse(value)})' for value in values)})"
            for rest in without(values):
                yield node, "left out of a condition", f"({word.join(f'({text})' for text in rest)})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield node, "not", f"({ast.unparse(operand)})"
        case ast.IfExp(body=body, orelse=other):
            yield node, "always", f"({ast.unparse(body)})"
            yield node, "never", f"({ast.unparse(other)})"
        case ast.If(test=test) if ast.unparse(test) != "TYPE_CHECKING":
            yield test, "always", "True"
            yield test, "never", "False"
        case ast.While(test=test):
            yield test, "never", "False"
        case ast.comprehension(ifs=ifs):
            yield from ((test, "no filter", "True") for test in ifs)


def of_values(node: Any) -> Iterator[Change]:
    """Changes of constants."""
    match node:
        case ast.Constant(value=bool(value)):
            yield node, "constant", repr(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield node, "constant", repr(value + 1)
        case ast.Constant(value=str(value)):
            yield node, "constant", repr(f"XX{value}")
        case ast.Constant(value=bytes(value)):
            yield node, "constant", repr(b"XX" + value)


def of_contents(node: Any) -> Iterator[Change]:
    """What calls and collections hold, left out."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=[], keywords=[]) if name in METHODS:
            yield node, "method", f"({ast.unparse(value)})"
        case ast.Call(func=function, args=args, keywords=keywords):
            for index, keyword in enumerate(keywords):
                if keyword.arg:
                    rest = [*map(ast.unparse, [*args, *keywords[:index], *keywords[index + 1 :]])]
                    yield node, "left out of a call", f"{ast.unparse(function)}({', '.join(rest)})"
        case ast.Tuple(elts=items, ctx=ast.Load()) if len(items) > 1:
            yield from ((node, "left out of a tuple", f"({', '.join(rest)},)") for rest in without(items))
        case ast.List(elts=items, ctx=ast.Load()):
            yield from ((node, "left out of a list", f"[{', '.join(rest)}]") for rest in without(items))
        case ast.Set(elts=items) if len(items) > 1:
            yield from ((node, "left out of a set", f"{{{', '.join(rest)}}}") for rest in without(items))
        case ast.Dict(keys=keys, values=values):
            for index in range(len(keys)):
                rest_of = ast.Dict(keys[:index] + keys[index + 1 :], values[:index] + values[index + 1 :])
                yield node, "left out of a dict", ast.unparse(rest_of)


def of_statements(node: Any) -> Iterator[Change]:
    """Statements left out."""
    match node:
        case ast.Raise(exc=ast.expr() as error, cause=ast.expr()):
            yield node, "without a cause", f"raise {ast.unparse(error)}"
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield node, "returned", "return None"
    match node:
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise() | ast.AugAssign() | ast.Delete():
            yield node, "left out", "pass"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.Continue() | ast.Break():
            yield node, "left out", "pass"


@dataclass
class Mutant:
    """A module with a change."""

    path: Path
    node: Any
    kind: str
    source: str

    def __str__(self) -> str:
        before = self.path.read_text(encoding="utf-8").splitlines()
        lines = [line for line in unified_diff(before, self.source.splitlines(), n=0, lineterm="") if line[:2] != "@@"]
        where = f"{self.path.relative_to(ROOT).as_posix()}:{self.node.lineno}: {self.kind}"
        return "\n    ".join([where, *lines[2:]])


def mutants_of(path: Path) -> Iterator[Mutant]:
    """The mutants of a module that are programs, each once."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    seen = {source}
    nodes: list[Any] = [ast.parse(source)]
    while nodes:
        node = nodes.pop()
        nodes += reversed(children(node))
        for place, kind, text in (*of_operators(node), *of_values(node), *of_contents(node), *of_statements(node)):
            start = starts[place.lineno - 1] + place.col_offset
            end = starts[place.end_lineno - 1] + place.end_col_offset
            changed = source[:start] + text.encode() + source[end:]
            if changed not in seen and is_program(changed):
                seen.add(changed)
                yield Mutant(path, place, kind, changed.decode())


def is_program(source: bytes) -> bool:
    """Whether Python takes it."""
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


class Recorder:
    """A plugin of pytest that notes which tests execute which lines, how long they take, and which fail."""

    def __init__(self, paths: list[Path]) -> None:
        self.tracer = coverage.Coverage(data_file=None, include=[*map(str, paths)], config_file=False)
        self.seconds: dict[str, float] = defaultdict(float)
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.tracer.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self.tracer.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration
        if report.failed:
            self.failed.add(report.nodeid)


class Chosen:
    """A plugin of pytest that runs some tests in an order, each for ten times as long as it took before."""

    def __init__(self, tests: dict[str, float]) -> None:
        self.tests = tests
        self.order = {test: index for index, test in enumerate(sorted(tests, key=tests.__getitem__))}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self.order]
        items.sort(key=lambda item: self.order[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        signal.alarm(10 + int(10 * self.tests[item.nodeid]))  # which ends the process


def fork(run: Any, *arguments: Any) -> int:
    """Run a function in a copy of this process, silently; return the number of the copy."""
    if number := os.fork():
        return number
    result = None
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        result = run(*arguments)
    finally:
        if result is None:
            traceback.print_exc()
        os._exit(99 if result is None else result)


def record(paths: list[Path], file: Path) -> int:
    """Run the tests of the package, and write what the recorder noted to a file."""
    recorder = Recorder(paths)
    recorder.tracer.start()
    files = [f"--ignore=tests/test_{name}.py" for name in WITHOUT]
    result = pytest.main([*OPTIONS, *files, "tests"], plugins=[recorder])
    recorder.tracer.stop()
    lines = {path: recorder.tracer.get_data().contexts_by_lineno(str(path)) for path in paths}
    file.write_bytes(pickle.dumps((lines, dict(recorder.seconds), recorder.failed)))
    return int(result > pytest.ExitCode.TESTS_FAILED)


class Changed(SourceFileLoader):
    """Finds and loads a mutant in the place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__("", str(mutant.path))
        self.source = mutant.source

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Where the module is, None for other modules."""
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin != self.path:
            return None
        self.name, spec.loader = name, self
        return spec

    def get_code(self, fullname: str) -> CodeType:
        """The mutant, compiled."""
        return self.source_to_code(self.source.encode(), self.get_filename(fullname))


def attempt(mutant: Mutant, tests: dict[str, float]) -> int:
    """Run tests with a mutant."""
    sys.meta_path.insert(0, Changed(mutant))
    files = sorted({test.partition("::")[0] for test in tests})
    return int(pytest.main([*OPTIONS, "-x", *files], plugins=[Chosen(tests)]))


class Lines:
    """What the first run of the tests found out."""

    def __init__(self, paths: list[Path]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "lines"
            number = fork(record, paths, file)
            if os.waitpid(number, 0)[1]:
                raise SystemExit("The tests cannot be run: see scripts/test --fast.")
            self.tests, self.seconds, self.failed = pickle.loads(file.read_bytes())

    def tests_of(self, mutant: Mutant) -> dict[str, float]:
        """The tests of the lines of a mutant, or of its module if importing runs them, and their times."""
        of_module = self.tests[mutant.path]
        changed = range(mutant.node.lineno, mutant.node.end_lineno + 1)
        found = {test for line in changed for test in of_module.get(line, ())} - {""}
        found = found or {test for tests in of_module.values() for test in tests} - {""}
        return {test: self.seconds[test] for test in found - self.failed}


def survivors(mutants: list[Mutant], lines: Lines, jobs: int) -> Iterator[Mutant]:
    """The mutants that no test notices, as they are found."""
    waiting, running = [*reversed(mutants)], dict[int, Mutant]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[fork(attempt, mutant, lines.tests_of(mutant))] = mutant
        number, status = os.wait()
        mutant = running.pop(number)
        if os.waitstatus_to_exitcode(status) in {0, pytest.ExitCode.NO_TESTS_COLLECTED}:
            yield mutant


def main() -> int:
    """Print the survivors; 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+", help="names below azure/ai/inference, like models/_streams")
    parser.add_argument("--lines", default="1-99999", help="lines that are changed, FIRST-LAST")
    parser.add_argument("--jobs", type=int, default=2, help="mutants that are tried at once")
    options = parser.parse_args()
    os.chdir(ROOT)
    start = time.monotonic()
    paths = [(PACKAGE / module).with_suffix(".py") for module in options.modules]
    first, last = map(int, options.lines.split("-"))
    mutants = [mutant for path in paths for mutant in mutants_of(path) if first <= mutant.node.lineno <= last]
    for name in IMPORTED:
        importlib.import_module(name)
    lines = Lines(paths)
    print(
        f"{len(mutants)} mutants; {len(lines.seconds)} tests ran, {len(lines.failed)} fail and are left out", flush=True
    )
    count = 0
    for mutant in survivors(mutants, lines, options.jobs):
        print(mutant, flush=True)
        count += 1
    print(f"{count} of {len(mutants)} mutants were not noticed, {time.monotonic() - start:.0f} s")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
