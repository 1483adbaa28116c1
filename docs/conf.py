"""The configuration of Sphinx: it adds to what autodoc finds, and includes the Markdown files of the repository."""

from __future__ import annotations

import builtins
import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mermaidx
from azure.ai.inference import __version__, models
from azure.ai.inference._model_base import Model
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
SAMPLES = ROOT / "samples"
PAGES = {
    ROOT / "README.md": "index.md",
    ROOT / "CHANGELOG.md": "changelog.md",
    ROOT / "CONTRIBUTING.md": "contributing.md",
    ROOT / "SECURITY.md": "security.md",
    SAMPLES: "samples.md",
    SAMPLES / "README.md": "samples.md",
}
"""The page that includes each Markdown file of the repository."""
FULL_NAME = re.compile(r"(?<![\w.`~])(azure(?:\.[a-z_]+)+\.[A-Z]\w*(?:\.\w+)*)")
"""The full name of a class or of a member in a docstring, as `help` shows it. The documentation shows its last part."""

project = "azure-ai-inference"
release = __version__
extensions = ["sphinx.ext.autodoc", "myst_parser"]
exclude_patterns = ["_build"]
default_role = "code"
smartquotes_action = "D"  # convert dashes only: quoted text is often a literal value
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 3
html_copy_source = False
html_css_files = ["pages.css"]
html_static_path = ["_static"]
html_theme = "furo"
pygments_dark_style = "github-dark"  # Furo's default underlines the names of modules, as links
html_title = f"{project} {release}"

autoclass_content = "both"
autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
python_display_short_literal_types = True
python_use_unqualified_type_names = True
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!azure\.ai\.inference\.).*"),  # only names of this package have entries
    ("py:class", r".*\._T"),  # and type variables have none
]


class Mermaid(SphinxDirective):
    """A Mermaid diagram, rendered to SVG when the documentation is built.

    The built page shows it without JavaScript and without a network. mermaidx runs Mermaid itself in an embedded
    JavaScript engine, so the build needs neither a browser nor Node.js.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a picture for each mode of Furo, which shows one of them."""
        return [self.draw(mode, theme) for mode, theme in (("light", "default"), ("dark", "dark"))]

    def draw(self, mode: str, theme: str) -> nodes.raw:
        """Return the SVG in a theme of Mermaid. Its style sheet applies to its own id alone."""
        svg = mermaidx.render("\n".join(self.content), theme=theme).svg().replace("my-svg", f"diagram-{mode}")
        return nodes.raw("", f'<div class="mermaid only-{mode}">{svg}</div>', format="html")


def show_one_signature(module: str) -> None:
    """Show the implementation signature of each method, which has all keywords, instead of its overloads."""
    analyzer = ModuleAnalyzer.for_module(module)
    analyzer.analyze()
    analyzer.overloads.clear()


def show_fields_as_keywords(
    _app: Sphinx, what: str, _name: str, value: Any, _options: Any, signature: str, returned: str
) -> tuple[str, str]:
    """Show the keywords of a model without their types, which stand at the fields."""
    if what == "class" and issubclass(value, Model):
        full = inspect.signature(value)
        plain = [parameter.replace(annotation=parameter.empty) for parameter in full.parameters.values()]
        signature = str(full.replace(parameters=plain))
    return signature, returned


def show_public_base(_app: Sphinx, _name: str, value: type, _options: Any, bases: list[Any]) -> None:
    """Show the nearest base class that is documented."""
    public = [Model, *(getattr(models, name) for name in models.__all__)]
    bases[:] = [base for base in value.__mro__[1:] if base in public][:1] or bases


def skip_field(_app: Sphinx, _what: str, _name: str, value: Any, skip: bool, _options: Any) -> bool | None:
    """Skip the fields of models, which autodoc shows as properties without types: `describe` adds them."""
    return skip or (isinstance(value, property) and value.fset is not None) or None


def describe(_app: Sphinx, what: str, _name: str, value: Any, _options: Any, lines: list[str]) -> None:
    """Add inherited text and the fields of models to a docstring, and turn the full names of classes into links."""
    if what == "class" and not value.__doc__:
        lines[:0] = [*(inspect.getdoc(value) or "").splitlines(), ""]
    text = "\n".join(lines).replace(":keyword ", ":param ").replace(":raises azure.", ":raises ~azure.")
    lines[:] = FULL_NAME.sub(r":py:obj:`~\1`", text).splitlines()
    if what == "class" and issubclass(value, Model):
        lines += ["", *list_fields(value)]


def list_fields(model: type[Model]) -> Iterator[str]:
    """Yield the fields of a model, inherited ones first, with the types and docstrings of the source."""
    for name in model._fields:
        owner = next(kind for kind in model.__mro__ if name in vars(kind))
        analyzer = ModuleAnalyzer.for_module(owner.__module__)
        comment = analyzer.find_attr_docs()[owner.__qualname__, name]
        yield f".. py:attribute:: {name}"
        yield f"   :type: {analyzer.annotations[owner.__qualname__, name]}"
        yield from ("", *(f"   {line}" for line in comment))


def name_builtins(_app: Sphinx, doctree: nodes.document) -> None:
    """Qualify built-in types such as `type`, so that they do not link to fields of the same name."""
    for link in doctree.findall(addnodes.pending_xref):
        if hasattr(builtins, link["reftarget"]):
            link["reftarget"] = f"builtins.{link['reftarget']}"


def include_files(_app: Sphinx, page: str, source: list[str]) -> None:
    """Replace the include directives of a page by the files, and add the source of the samples to their page."""
    source[0] = re.sub(r"```{include} (\S+)\n```", lambda found: link_pages(DOCS / found[1]), source[0])
    if page == "samples":
        source[0] += "".join(list_samples())


def link_pages(path: Path) -> str:
    """Read a Markdown file, and point its links to files at the pages that include them, if there are any."""
    path = path.resolve()
    pages = PAGES | {sample: f"samples.md#{anchor(name)}" for name, sample in samples() if is_program(sample)}

    def link(found: re.Match[str]) -> str:
        name, fragment = found.groups()
        target = (path.parent / name).resolve()
        if not target.exists():  # code that only looks like a link
            return found[0]
        return f"]({pages.get(target, os.path.relpath(target, DOCS))}{fragment})"

    return re.sub(r"\]\((?!\w+:)([^#\s)]+)([^\s)]*)\)", link, path.read_text(encoding="utf-8"))


def samples() -> Iterator[tuple[str, Path]]:
    """Yield the name and the path of each file of the samples, in the order of the page."""
    for path in sorted(SAMPLES.rglob("*"), key=lambda path: (len(path.parts), path)):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(SAMPLES).as_posix(), path


def is_program(path: Path) -> bool:
    """Return whether a file is a program, whose source is shown in full."""
    return path.suffix == ".py"


def anchor(heading: str) -> str:
    """Return the fragment of a URL that leads to a heading."""
    return re.sub(r"[^\w-]", "", heading)


def list_samples() -> Iterator[str]:
    """Yield the source of each program, and a list of the other files."""
    for name, path in samples():
        if is_program(path):
            yield f"\n\n## {name}\n\n```{{literalinclude}} ../samples/{name}\n```"
    yield "\n\n## Files\n\n"
    for name, path in samples():
        if not (is_program(path) or path in PAGES):
            yield f"- [{name}](../samples/{name})\n"


def setup(app: Sphinx) -> None:
    """Register the directive and the event handlers."""
    app.add_directive("mermaid", Mermaid)
    app.connect("autodoc-process-signature", show_fields_as_keywords)
    app.connect("autodoc-process-bases", show_public_base)
    app.connect("autodoc-skip-member", skip_field)
    app.connect("autodoc-process-docstring", describe)
    app.connect("doctree-read", name_builtins)
    app.connect("source-read", include_files)
    show_one_signature("azure.ai.inference._patch")
    show_one_signature("azure.ai.inference.aio._patch")
