"""The environments that the contenders run in, and running workers there."""

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
}
DISTRIBUTIONS = {"fast": "orjson", "openai": "openai", "floor": "azure-core", "bare": "aiohttp"}
VERSION = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
DROPPED = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "http_proxy", "https_proxy", "all_proxy")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in DROPPED} | {"PYTHONHASHSEED": "0"}
COUNTED = ("ours", "floor")  # under valgrind, the import of openai alone takes a minute
VALGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-fd=1")
FEW, MANY = 10, 110


def interpreter(contender: str) -> str:
    """Return the interpreter that a contender runs in, installed the first time."""
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


def run(contender: str, *arguments: str, before: tuple[str, ...] = ()) -> str:
    """Run the interpreter of a contender, and return what it prints."""
    command = [*before, interpreter(contender), *arguments]
    return subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=True).stdout


def version(contender: str) -> str:
    """Return the version of a contender, or of what makes it one."""
    return run(contender, "-P", "-c", VERSION, DISTRIBUTIONS.get(contender, "azure-ai-inference")).strip()


def measure(name: str, contender: str, *options: str) -> dict[str, Any]:
    """Run a worker."""
    measured: dict[str, Any] = json.loads(run(contender, "-m", "benchmarks.worker", name, contender, *options))
    return measured


def count_instructions(name: str) -> dict[str, float]:
    """Count what each contender needs to do a work without a server once: from two counts, less what is the same."""

    def collect(contender: str, size: int) -> int:
        worker = ("-m", "benchmarks.worker", name, contender, "--url", "unused", "--cold", "--size", str(size))
        return int(re.findall(r"Collected : (\d+)", run(contender, *worker, before=VALGRIND))[0])

    with ThreadPoolExecutor(2) as pool:
        few, many = (pool.map(collect, COUNTED, [size] * len(COUNTED)) for size in (FEW, MANY))
        differences = [more - less for less, more in zip(few, many, strict=True)]
    return {contender: count / (MANY - FEW) for contender, count in zip(COUNTED, differences, strict=True)}
