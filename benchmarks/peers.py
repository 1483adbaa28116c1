"""The virtual environments of the contenders, and the worker processes that run in them."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.work import CONTENDERS

ROOT = Path(__file__).parent.parent
PEERS = ROOT / "benchmarks" / ".peers"
REQUIREMENTS = {
    "fast": ["--editable", ".[aio,fast]"],
    "b9": ["azure-ai-inference==1.0.0b9", "aiohttp"],
    "openai": ["openai", "numpy"],
    "anthropic": ["anthropic"],
    "mistral": ["mistralai"],
}
DISTRIBUTIONS = {
    "fast": "orjson",
    "openai": "openai",
    "anthropic": "anthropic",
    "mistral": "mistralai",
    "floor": "azure-core",
    "bare": "aiohttp",
}
PRINT_VERSION = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
DROPPED_VARIABLES = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "http_proxy", "https_proxy", "all_proxy")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in DROPPED_VARIABLES} | {
    "PYTHONHASHSEED": "0"
}
COUNTED_CONTENDERS = ("ours", "floor")  # importing openai takes a minute under valgrind
VALGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-fd=1")
SMALL_SIZE, LARGE_SIZE = 10, 110


def interpreter(contender: str) -> str:
    """Return the path of the Python of a contender. Its environment is made the first time."""
    if contender not in REQUIREMENTS:
        return sys.executable
    folder = PEERS / contender
    python, installed = folder / "bin" / "python", folder / "installed"
    if not installed.exists():
        print(f"Installing {CONTENDERS[contender]} ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", *REQUIREMENTS[contender]], cwd=ROOT, check=True)
        installed.touch()
    return str(python)


def run(contender: str, *arguments: str, prefix: tuple[str, ...] = ()) -> str:
    """Run the Python of a contender, and return its standard output."""
    command = [*prefix, interpreter(contender), *arguments]
    return subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=True).stdout


def version(contender: str) -> str:
    """Return the version of a contender, or of the package that distinguishes it."""
    return run(contender, "-P", "-c", PRINT_VERSION, DISTRIBUTIONS.get(contender, "azure-ai-inference")).strip()


def measure(name: str, contender: str, *options: str) -> dict[str, Any]:
    """Measure a work once, in a process of its own."""
    measured: dict[str, Any] = json.loads(run(contender, "-m", "benchmarks.worker", name, contender, *options))
    return measured


def count_instructions(name: str) -> dict[str, float]:
    """Count the instructions for one item of a work that needs no server.

    The difference between two sizes leaves out the start of the process.
    """

    def count(contender: str, size: int) -> int:
        worker = ("-m", "benchmarks.worker", name, contender, "--url", "unused", "--cold", "--size", str(size))
        return int(re.findall(r"Collected : (\d+)", run(contender, *worker, prefix=VALGRIND))[0])

    with ThreadPoolExecutor(2) as pool:
        small, large = (
            pool.map(count, COUNTED_CONTENDERS, [size] * len(COUNTED_CONTENDERS)) for size in (SMALL_SIZE, LARGE_SIZE)
        )
        differences = [more - less for less, more in zip(small, large, strict=True)]
    return {
        contender: difference / (LARGE_SIZE - SMALL_SIZE)
        for contender, difference in zip(COUNTED_CONTENDERS, differences, strict=True)
    }
