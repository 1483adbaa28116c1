"""The command line of samples/local_endpoint.py, without a model. `test_live.py` has the tests with one."""

import re
import signal
import subprocess
import sys

import local_endpoint
import pytest


def test_a_command_that_does_not_end_is_killed(monkeypatch):
    monkeypatch.setattr(local_endpoint, "SECONDS_TO_END", 0)
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        process.stdout.readline()
        local_endpoint.end(process)
        assert process.returncode == -signal.SIGKILL


def test_help_names_each_option_with_its_default(capsys):
    with pytest.raises(SystemExit):
        local_endpoint.parse(["--help"])
    shown = capsys.readouterr().out
    for option, default in (
        ("--port PORT", "8080"),
        ("--key KEY", "local"),
        ("--model PATH", "SmolLM2"),
        ("--context TOKENS", "2048"),
        ("--threads THREADS", "1"),
    ):
        assert re.search(rf"{option}\s(?:(?!--).)*\(default:\s+{default}", shown, re.DOTALL), option


def test_a_model_that_does_not_exist_is_refused(capsys):
    with pytest.raises(SystemExit):
        local_endpoint.parse(["--model", "none.gguf"])
    assert capsys.readouterr().err.endswith("error: --model: there is no file none.gguf\n")


def test_what_follows_two_dashes_is_the_command():
    options, command = local_endpoint.parse(["--context", "512", "--", "python", "--version", "--"])
    assert (options.context, options.threads, command) == (512, 1, ["python", "--version", "--"])
