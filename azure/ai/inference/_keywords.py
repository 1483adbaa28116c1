"""Keywords that a client or a call does not know: what to say of them."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Collection, Iterable
from pathlib import Path

from ._http._options import CALL_OPTIONS, CLIENT_OPTIONS

_PACKAGE = str(Path(__file__).parent)
_SIMILARITY = 0.85  # `temprature` is near `temperature`, and `top_k`, which some models know, is not near `top_p`
_OTHER_NAMES = {
    "api_key": "credential",
    "azure_endpoint": "endpoint",
    "base_url": "endpoint",
    "cert": "connection_cert",
    "default_headers": "headers",
    "default_query": "endpoint",  # its query is sent with every request
    "extra_body": "model_extras",
    "extra_headers": "headers",
    "extra_query": "params",
    "http_client": "transport",
    "max_retries": "retry_total",
    "verify": "connection_verify",
}
"""Keywords of other clients, and the names that they have here."""


def unknown_call_keywords(options: Collection[str], known: Iterable[str], *, awaits: bool) -> TypeError | None:
    """The exception for keywords of a call that nothing in the pipeline knows; None if all are known.

    :param options: The names of the keywords that are no parameters of the method.
    :param known: The parameters of the method.
    :keyword awaits: Whether it is the method of an async client.
    """
    allowed = CALL_OPTIONS[awaits]
    unknown = [name for name in options if name not in allowed]
    if not unknown:
        return None
    hints = "".join(_hint_for_call(name, [*known, *allowed], awaits=awaits) for name in unknown)
    names = ", ".join(map(repr, unknown))
    advice = "" if CLIENT_OPTIONS.issuperset(unknown) else " Pass model-specific parameters in `model_extras`."
    return TypeError(f"unexpected keyword argument {names}.{hints}{advice}")


def _hint_for_call(name: str, candidates: Iterable[str], *, awaits: bool) -> str:
    if name in CALL_OPTIONS[not awaits]:
        return f" `{name}` is for {'sync' if awaits else 'async'} clients."
    if name in CLIENT_OPTIONS:
        return f" `{name}` is for the constructor of the client."
    return _hint(name, candidates)


def warn_of_unknown_client_keywords(options: Collection[str], known: Iterable[str]) -> None:
    """Warn, at the line that makes the client, of keywords that nothing here or in azure-core knows.

    They are no error: frameworks pass keywords of their own, and 1.0.0b9 ignores them.
    """
    unknown = [name for name in options if name not in CLIENT_OPTIONS]
    if unknown:
        candidates = [*known, *CLIENT_OPTIONS]
        for name in unknown:
            message = f"The keyword argument {name!r} is unknown and has no effect.{_hint(name, candidates)}"
            warnings.warn(message, UserWarning, stacklevel=_level_of_caller())


def _hint(name: str, candidates: Iterable[str]) -> str:
    """How to say it here; empty if no known name is near."""
    if name in _OTHER_NAMES:
        return f" Use `{_OTHER_NAMES[name]}`."
    import difflib  # not at the top: few programs need it

    near = difflib.get_close_matches(name, candidates, n=1, cutoff=_SIMILARITY)
    return f" Did you mean `{near[0]}`?" if near else ""


def _level_of_caller() -> int:
    """The stack level of the first frame outside the package, for `warnings.warn` in the function that calls this."""
    frame = sys._getframe(1)
    level = 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    return level
