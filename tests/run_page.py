"""Run the blocks of a page of the documentation, like the cells of a notebook, and write what each printed as JSON.

`tests/test_pages.py` starts it as a program of its own, so that no block changes the process of the tests.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import json
import subprocess
import sys
from types import ModuleType


def run_python(code: str, line: int, module: ModuleType, loop: asyncio.AbstractEventLoop) -> None:
    """Run Python code of a page; its lines have the numbers that they have on the page, for tracebacks."""
    compiled = compile("\n" * line + code, str(module.__file__), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(compiled, vars(module))
    if compiled.co_flags & inspect.CO_COROUTINE:
        loop.run_until_complete(result)


def run_commands(code: str) -> None:
    """Run shell commands, and print what they print."""
    done = subprocess.run(["sh", "-ec", code], capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr, sep="", end="")
    done.check_returncode()


def main(path: str) -> None:
    """Run the blocks that are given on stdin, each a list of its language, its code and its line."""
    module = ModuleType("__main__")  # the names of this program are not those of the page
    module.__file__ = path
    sys.modules["__main__"] = module
    outputs, printed = [], io.StringIO()
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        for language, code, line in json.load(sys.stdin):
            start = len(printed.getvalue())
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                if language == "bash":
                    run_commands(code)
                else:
                    run_python(code, line, module, loop)
            outputs.append(printed.getvalue()[start:])
    json.dump(outputs, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
