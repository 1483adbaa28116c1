"""Check what a wheel and an sdist hold: `check_distribution.py WHEEL SDIST`."""

import re
import sys
import tarfile
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from packaging.licenses import canonicalize_license_expression
from packaging.specifiers import SpecifierSet
from trove_classifiers import classifiers

ROOT = Path(__file__).parents[1]


def files(*folders: str) -> set[str]:
    """Paths of the files of the project in these folders."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


def check_wheel(path: Path) -> None:
    """The package with its types and nothing else, and metadata that an index accepts and shows."""
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        (metadata_name,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(wheel.read(metadata_name))
    folder = metadata_name.partition("/")[0]
    modules = {name for name in names if not name.startswith(f"{folder}/")}
    expect("modules of the wheel", modules, files("azure"))
    expect("py.typed", modules & {"azure/ai/inference/py.typed"}, {"azure/ai/inference/py.typed"})
    expect("licence file", names & {f"{folder}/licenses/LICENSE"}, {f"{folder}/licenses/LICENSE"})
    check_metadata(metadata)


def check_metadata(metadata: Message) -> None:
    """What an index refuses, and what a reader of its page misses."""
    fields = ("Name", "Summary", "Author", "Keywords", "License-Expression", "Requires-Python", "Project-URL")
    expect("fields of the metadata", {field for field in fields if metadata[field]}, set(fields))
    licence = metadata["License-Expression"]
    expect("licence expression", {licence}, {canonicalize_license_expression(licence)})
    expect("licence", {licence}, {"MIT"})
    given = metadata.get_all("Classifier", [])
    expect("known classifiers", set(given), set(given) & classifiers)
    expect(
        "classifiers beside the licence expression", {name for name in given if name.startswith("License ::")}, set()
    )
    versions = {
        found[1] for name in given if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", name))
    }
    supported = SpecifierSet(metadata["Requires-Python"])
    expect(
        "classifiers of Python",
        versions,
        {f"3.{minor}" for minor in range(newest(versions) + 1) if f"3.{minor}" in supported},
    )
    for link in metadata.get_all("Project-URL", []):
        if not re.fullmatch(r"[A-Z][\w ]{0,31}, https://[\w.-]+\.[a-z]+(/\S*)?", link):
            raise SystemExit(f"project URL: {link!r} is not a label and an https URL")
    text = re.sub(r"^```.*?^```$", "", str(metadata.get_payload()), flags=re.MULTILINE | re.DOTALL)
    expect("relative links", set(re.findall(r"\]\((?!https?:)[^)]*\)", text)), set())


def newest(versions: set[str]) -> int:
    """The greatest minor number among versions of Python."""
    return max((int(version.partition(".")[2]) for version in versions), default=0)


def check_sdist(path: Path) -> None:
    """All that tests, documentation and benchmarks need."""
    with tarfile.open(path) as sdist:
        names = {member.name.partition("/")[2] for member in sdist.getmembers() if member.isfile()}
    wanted = files("azure", "docs", "samples", "scripts", "tests")
    built = {name for name in wanted if name.startswith(("docs/_build/", "tests/artefacts/"))}
    expect("missing in the sdist", wanted - built - names, set())


def expect(what: str, found: set[str], wanted: set[str]) -> None:
    """End the program in words if two sets differ."""
    if found != wanted:
        raise SystemExit(f"{what}: too many {sorted(found - wanted)}, missing {sorted(wanted - found)}")


if __name__ == "__main__":
    check_wheel(Path(sys.argv[1]))
    check_sdist(Path(sys.argv[2]))
