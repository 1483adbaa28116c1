"""The azure-core exceptions for error responses and invalid response bodies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ODataV4Format,
    ResourceExistsError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
)
from azure.core.rest import AsyncHttpResponse, HttpResponse

from ._endpoint import retirement_hint
from ._http._failures import without_traceback
from ._http._headers import request_id_header
from ._http._secrets import hide_secrets
from ._json import NestingError

Response: TypeAlias = "HttpResponse | AsyncHttpResponse"
ErrorMap: TypeAlias = "Mapping[int, type[HttpResponseError]]"
_Error = TypeVar("_Error", bound=HttpResponseError)

_HEAD_LENGTH = 500
_NO_ROUTE = (404, 405, 410)
_ODATA_KEYS = ("code", "message", "target", "details", "innererror")
_ERRORS: ErrorMap = {
    304: ResourceNotModifiedError,
    401: ClientAuthenticationError,
    404: ResourceNotFoundError,
    409: ResourceExistsError,
}


class _ErrorBody(ODataV4Format):
    """The error object of a response body: nested under ``error``, or the body itself."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        error = body.get("error")
        fields = dict(error if isinstance(error, Mapping) else body)
        text = error if isinstance(error, str) else None
        code = fields.get("code") or fields.get("type") or (text if "message" in body else None)
        fields["code"] = None if code is None else str(code)
        fields["message"] = fields.get("message") or text or _as_text(fields.get("detail") or error or body)
        details = fields.get("details")
        if not isinstance(details, list) or not all(isinstance(detail, Mapping) for detail in details):
            fields.pop("details", None)
        if not isinstance(fields.get("innererror"), Mapping):
            fields.pop("innererror", None)
        super().__init__({"error": fields})
        shown = [None, fields["code"], fields["message"], error if isinstance(error, Mapping) else None]
        self.other_fields = {
            key: value
            for key, value in {**body, **fields}.items()
            if value not in shown and (key not in _ODATA_KEYS or key not in fields)
        }
        """Fields that azure-core does not read, for example `param`, `type`, `detail` and `status`."""

    def text(self) -> str:
        """Return the text of azure-core for the error, and a line for each other field."""
        return "\n".join(
            [
                str(self),
                *(f"{key.capitalize()}: {_as_text(value)}" for key, value in self.other_fields.items()),
            ]
        )


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def response_error(response: Response, error_map: ErrorMap | None = None) -> HttpResponseError:
    """Return the exception for a response with an error status. Its body must have been read.

    The message has the wording of azure-core for an error body and for a status: programs match both.

    :param error_map: Exception classes by status code from the caller; they take precedence over the default ones.
    """
    hide_secrets(response)
    error_class = {**_ERRORS, **(error_map or {})}.get(response.status_code, HttpResponseError)
    error = error_class(response=response, error_format=_ErrorBody)
    lines = [error.message]
    if isinstance(error.error, _ErrorBody):
        lines = [error.error.text(), f"Operation returned an invalid status '{response.reason}'"]
    lines.append(f"Status: {response.status_code} {response.reason}")
    lines.extend(_request_id_line(response))
    hint = retirement_hint(response.request.url) if response.status_code in _NO_ROUTE else None
    return _with_message(error, "\n".join([*lines, hint] if hint else lines))


def _request_id_line(response: Response) -> Iterator[str]:
    """Yield a line with the request id for support: from the response, or else from the request."""
    for message in (response, getattr(response, "request", None)):
        headers = getattr(message, "headers", {})
        name = request_id_header(headers)
        if name:
            yield f"Request id ({name}): {headers[name]}"
            return


def model_info_error(error: HttpResponseError, explanation: str) -> HttpResponseError | None:
    """Return the error that says that an endpoint has no model information; None if `error` has another cause."""
    if error.status_code not in _NO_ROUTE:
        return None
    explained = ResourceNotFoundError(response=error.response)
    explained.error = error.error
    return _with_message(explained, f"{explanation} {error.message}")


def body_error(response: Response, body: Mapping[str, Any]) -> IncompleteReadError:
    """Return the exception for an error object in a stream, or in a response with a success status.

    Frameworks retry this class; they treat an HttpResponseError with status 200 as permanent.
    """
    error = _ErrorBody(body)
    message = "\n".join([error.text(), *_request_id_line(response)])
    exception = _with_message(IncompleteReadError(message=message, response=_as_response(response)), message)
    exception.error = error
    return exception


def decode_error(response: Response, body: str, cause: Exception | None = None) -> DecodeError:
    """Return the exception for a body or an event that is not a valid response of this API."""
    head = body if len(body) <= _HEAD_LENGTH else f"{body[:_HEAD_LENGTH]}… ({len(body)} characters)"
    why = f" ({cause})" if isinstance(cause, NestingError) else ""
    message = f"{_describe(response)} is not a valid response of this API{why}: {head!r}"
    return _with_message(DecodeError(message=message, response=_as_response(response)), message)


def incomplete_error(response: Response) -> IncompleteReadError:
    """Return the exception for a stream that ended prematurely."""
    message = f"{_describe(response)} ended prematurely: neither [DONE] nor a finish_reason was received."
    return _with_message(IncompleteReadError(message=message, response=_as_response(response)), message)


def event_too_long_error(response: Response, limit: int) -> HttpResponseError:
    """Return the exception for an event, or a JSON body in place of events, that exceeds `max_event_bytes`."""
    message = f"{_describe(response)} has an event that is longer than max_event_bytes={limit}."
    return _with_message(HttpResponseError(message=message, response=_as_response(response)), message)


def _with_message(error: _Error, message: str) -> _Error:
    """Set the text of an error, and make it one that can be pickled."""
    error.message = message
    error.args = (message, *error.args[1:])
    return without_traceback(error)


def _as_response(response: Response) -> Response | None:
    """The response, unless it is one that a program made for its tests and azure-core cannot read."""
    hide_secrets(response)
    return response if hasattr(response, "reason") else None


def _describe(response: Response) -> str:
    """The first words of a message about a response, which may be one that a program made for its tests."""
    url = getattr(getattr(response, "request", None), "url", "").partition("?")[0]
    status, content_type = (getattr(response, name, None) for name in ("status_code", "content_type"))
    return f"The response{' of ' * bool(url)}{url} (status {status}, content type {content_type})"
