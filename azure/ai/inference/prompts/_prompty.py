"""Files in the prompty format: settings in YAML between two lines of `---`, and the template after them."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

_REFERENCE = re.compile(r"\s*\$\{([^}]*)\}\s*")
_IMAGE_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_SECRET = re.compile("key|secret", re.IGNORECASE)
# What is taken from the base one entry at a time; everything else is taken whole, or not.
_MERGED: dict[str, Any] = {"model": {"configuration": {}, "parameters": {}}, "sample": {}, "inputs": {}, "outputs": {}}

# Bounds on what a file says when each alias is written out: a line of YAML can stand for gigabytes, or for no end.
_MAX_DEPTH, _MAX_VALUES = 100, 100_000

# What a Prompty knows of the file itself: no settings.
_OWN = {"file", "content", "content_file", "content_line"}


@dataclass
class PropertySettings:
    """One of the inputs or outputs."""

    type: str = "string"
    default: Any = None
    description: str = ""
    sample: Any = None


@dataclass
class ModelSettings:
    """Which model, and how to ask it: `parameters` are keywords of `ChatCompletionsClient.complete`."""

    api: str = "chat"
    configuration: dict[str, Any] = field(default_factory=dict, repr=False)  # holds keys
    parameters: dict[str, Any] = field(default_factory=dict)
    response: Any = field(default_factory=dict)


@dataclass
class TemplateSettings:
    """The language of the template, and what makes messages of it. There is one of each."""

    type: str = "mustache"
    parser: str = "prompty"


@dataclass
class Prompty:
    """What a prompty file says, together with what it takes from its base and from prompty.json."""

    file: Path
    name: str = ""
    description: str = ""
    authors: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    version: Any = ""
    base: str = ""
    model: ModelSettings = field(default_factory=ModelSettings)
    sample: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, PropertySettings] = field(default_factory=dict)
    outputs: dict[str, PropertySettings] = field(default_factory=dict)
    template: TemplateSettings = field(default_factory=TemplateSettings)
    content: str = ""
    content_file: Path = field(default_factory=Path, repr=False)  # the base, where this file has no template
    content_line: int = field(default=1, repr=False)

    def to_safe_dict(self) -> dict[str, Any]:
        """Return the settings, with one `*` for each character of what is secret in the configuration.

        Secret is what stands under a key that contains "key" or "secret", in any case.
        """
        model = asdict(self.model)
        model["configuration"] = {key: _mask(key, value) for key, value in self.model.configuration.items()}
        safe = {"model": model, "template": asdict(self.template), "file": str(self.file)}
        properties = {"inputs": self.inputs, "outputs": self.outputs}
        for name, settings in properties.items():
            if settings:
                safe[name] = {key: asdict(value) for key, value in settings.items()}
        return safe

    def data(self) -> dict[str, Any]:
        """Return the values that the file itself gives to its template."""
        declared = {
            name: setting.sample if setting.default is None else setting.default
            for name, setting in self.inputs.items()
        }
        return {**declared, **self.sample}

    def load_image(self, address: str) -> str:
        """Read an image next to the file with the template; return it as a data URL."""
        media_type = _IMAGE_TYPES.get(Path(address).suffix.lower())
        if not media_type:
            raise ValueError(f"{self.content_file}: the image {address!r} is none of {', '.join(_IMAGE_TYPES)}")
        content = _neighbour(self.content_file, address).read_bytes()
        return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


SettingsT = TypeVar("SettingsT", Prompty, ModelSettings, TemplateSettings)


def load_prompty(path: Path) -> Prompty:
    """Read a prompty file and all that it refers to.

    :raises FileNotFoundError: The file, its base, or a file that it refers to is missing.
    :raises ValueError: What it says cannot be understood; the message names the file, and the line where it is known.
    """
    path = path.resolve()
    settings = _read(path, ())
    model = _mapping(path, settings, "model")
    model["configuration"] = _default_configuration(path) | _mapping(path, model, "configuration")
    model["parameters"] = _mapping(path, model, "parameters")
    template = settings.get("template", {})
    settings |= {
        "model": _build(path, "model", ModelSettings, model),
        "sample": _mapping(path, settings, "sample"),
        "inputs": {name: _property(value) for name, value in _mapping(path, settings, "inputs").items()},
        "outputs": {name: _property(value) for name, value in _mapping(path, settings, "outputs").items()},
        "template": {"type": template} if isinstance(template, str) else template,
    }
    settings["template"] = _build(path, "template", TemplateSettings, _mapping(path, settings, "template"))
    if settings["template"] != TemplateSettings():
        raise ValueError(f"{path}: the only template type is mustache, its only parser prompty")
    return _build(path, "front matter", Prompty, {**settings, "file": path})


def _read(path: Path, heirs: tuple[Path, ...]) -> dict[str, Any]:
    """Read the settings of a file, with those of its base beneath them."""
    if path in heirs:
        raise ValueError(f"{path}: circular `base`")
    lines = _read_text(path).split("\n")
    start, end, *_ = [number for number, line in enumerate(lines) if line.rstrip() == "---"] + [len(lines)] * 2
    if end == len(lines) or any(line.strip() for line in lines[:start]):
        raise ValueError(f"{path}: front matter is missing: expected settings between two `---` lines")
    # The empty lines make the parser count as the file does.
    settings: dict[str, Any] = _resolve(path, _parse_yaml(path, "\n" * (start + 1) + "\n".join(lines[start + 1 : end])))
    _reject(path, "front matter", settings.keys() & _OWN)
    content = "\n".join(lines[end + 1 :])
    if content.strip():
        settings |= {"content": content, "content_file": path, "content_line": end + 2}
    base = settings.get("base")
    if not base:
        return settings
    return _inherit(settings, _read((path.parent / str(base)).resolve(), (*heirs, path)), _MERGED)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is not UTF-8") from error


def _parse_yaml(path: Path, text: str) -> dict[str, Any]:
    try:
        import yaml
    except ImportError as error:
        raise ImportError("Prompty files need PyYAML: pip install azure-ai-inference[prompts]") from error

    try:
        settings = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else str(path)
        # The error of the parser quotes the line, which can hold a key.
        raise ValueError(f"{where}: {getattr(error, 'problem', None) or 'not YAML'}") from None
    except RecursionError:
        raise ValueError(f"{path}: is nested too deeply") from None
    _check_size(path, settings)
    if not isinstance(settings or {}, dict):
        raise ValueError(f"{path}: the front matter must be a mapping")
    return settings or {}


def _resolve(path: Path, value: Any) -> Any:
    """Put in what `${env:NAME}`, `${env:NAME:default}` and `${file:name.json}` stand for, at any depth."""
    if isinstance(value, dict):
        return {key: _resolve(path, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(path, item) for item in value]
    found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return value
    kind, _, name = found[1].partition(":")
    if kind == "env":
        return _variable(path, name)
    if kind == "file":
        return _parse_json(_neighbour(path, name.strip()))
    raise ValueError(f"{path}: {value.strip()} is neither ${{env:NAME}} nor ${{file:NAME}}")


def _variable(path: Path, reference: str) -> str:
    name, has_default, default = reference.partition(":")
    value = os.environ.get(name.strip(), default if has_default else None)
    if value is None:
        raise ValueError(f"{path}: the environment variable {name.strip()} is not set, and there is no default")
    return value


def _parse_json(path: Path) -> Any:
    try:
        value = json.loads(_read_text(path))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}, line {error.lineno}: {error.msg}") from error
    except RecursionError:
        raise ValueError(f"{path}: is nested too deeply") from None
    _check_size(path, value)
    return value


def _check_size(path: Path, value: Any) -> None:
    rest = [(value, 0)]
    for _ in range(_MAX_VALUES):
        if not rest:
            return
        item, depth = rest.pop()
        if depth > _MAX_DEPTH:
            raise ValueError(f"{path}: is nested too deeply, or holds an alias of what is around it")
        children = item.values() if isinstance(item, dict) else item if isinstance(item, (list, tuple)) else ()
        rest += [(child, depth + 1) for child in children]
    raise ValueError(f"{path}: says more than {_MAX_VALUES} values, with its aliases written out")


def _default_configuration(path: Path) -> dict[str, Any]:
    """Return what `default` of a prompty.json beside the file says."""
    shared = path.with_name("prompty.json")
    if not shared.is_file():
        return {}
    settings = _resolve(shared, _parse_json(shared))
    if not isinstance(settings, dict):
        raise ValueError(f"{shared}: holds no object")
    return _mapping(shared, settings, "default")


def _inherit(settings: Mapping[str, Any], base: Mapping[str, Any], merged: Mapping[str, Any]) -> dict[str, Any]:
    result = {**base, **settings}
    for key, deeper in merged.items():
        own, inherited = settings.get(key), base.get(key)
        if isinstance(own, dict) and isinstance(inherited, dict):
            result[key] = _inherit(own, inherited, deeper)
    return result


def _neighbour(path: Path, name: str) -> Path:
    """Return the path of a file that another one names, and that is in its folder, or in one below."""
    found = (path.parent / name).resolve()
    if not found.is_relative_to(path.parent):
        raise ValueError(f"{path}: {name!r} is outside the folder of this file")
    return found


def _mapping(path: Path, settings: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = settings.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{path}: {key} must be a mapping")
    return {**value}


def _build(path: Path, name: str, kind: type[SettingsT], settings: Mapping[str, Any]) -> SettingsT:
    known = {item.name for item in fields(kind)}
    _reject(path, name, settings.keys() - known)
    return kind(**{key: value for key, value in settings.items() if value is not None})


def _reject(path: Path, name: str, unknown: Collection[str]) -> None:
    if unknown:
        raise ValueError(f"{path}: unknown in the {name}: {', '.join(sorted(map(str, unknown)))}")


def _property(value: Any) -> PropertySettings:
    """Take an input or output as declared: a plain value is a default, and further keys are of no use here."""
    if not isinstance(value, dict):
        return PropertySettings(default=value)
    known = {item.name for item in fields(PropertySettings)}
    return PropertySettings(**{key: item for key, item in value.items() if key in known and item is not None})


def _mask(key: object, value: Any, *, is_secret: bool = False) -> Any:
    is_secret = is_secret or bool(_SECRET.search(str(key)))
    if isinstance(value, dict):
        return {name: _mask(name, item, is_secret=is_secret) for name, item in value.items()}
    if isinstance(value, list):
        return [_mask(key, item, is_secret=is_secret) for item in value]
    return "*" * len(str(value)) if is_secret and value is not None else value
