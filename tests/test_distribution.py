"""The metadata of the package is what an index accepts, and the check of a build refuses what it does not accept."""

import importlib.metadata
import importlib.util
from email.message import Message
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "check_distribution.py"


@pytest.fixture(scope="module")
def check():
    spec = importlib.util.spec_from_file_location(SCRIPT.stem, SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.check_metadata


@pytest.fixture
def metadata():
    """A copy of the metadata of the installed package."""
    message = Message()
    installed = importlib.metadata.metadata("azure-ai-inference")
    for name in set(installed):
        for value in installed.get_all(name):
            message[name] = value
    message.set_payload("A [link](https://example.com).")
    return message


def test_the_installed_package_passes(check, metadata):
    check(metadata)


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("Project-URL", None, "fields of the metadata: .* missing .'Project-URL'."),
        ("Project-URL", "Source, http://example.com", "project URL: 'Source, http://example.com'"),
        ("Project-URL", "https://example.com", "project URL"),
        ("License-Expression", "Apache-2.0", "licence: too many .'Apache-2.0'., missing .'MIT'."),
        ("License-Expression", "mit", "licence expression: too many .'mit'., missing .'MIT'."),
        ("Classifier", "Programming Language :: Pythons", "known classifiers: too many"),
        ("Classifier", "License :: OSI Approved :: MIT License", "classifiers beside the licence expression"),
        ("Classifier", "Typing :: Typed", "classifiers of Python: .* missing"),
        ("Requires-Python", ">=3.11", "classifiers of Python: too many .'3.10'."),
    ],
)
def test_what_an_index_refuses_is_found(check, metadata, field, value, problem):
    del metadata[field]
    if value is not None:
        metadata[field] = value
    if field == "Classifier" and "Typing" in value:
        metadata[field] = "Programming Language :: Python :: 3.14"
    with pytest.raises(SystemExit, match=problem):
        check(metadata)


def test_a_relative_link_in_the_text_is_found(check, metadata):
    metadata.set_payload("A [link](docs/page.md).")
    with pytest.raises(SystemExit, match="relative links"):
        check(metadata)
