"""The azure-core exceptions for error responses and invalid response bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

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
from ._http._options import CALL_OPTIONS

Response: TypeAlias = "HttpResponse | AsyncHttpResponse"
ErrorMap: TypeAlias = "Mapping[int, type[HttpResponseError]]"

_HEAD_LENGTH = 500
_NO_ROUTE = (404, 405, 410)
_REQUEST_ID_HEADERS = ("x-ms-client-request-id", "apim-request-id", "x-request-id")
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
        code = fields.get("code") or (error if isinstance(error, str) else None)
        fields["code"] = None if code is None else str(code)
        fields["message"] = fields.get("message") or json.dumps(fields.get("detail") or error or body)
        super().__init__({"error": fields})


def response_error(response: Response, error_map: ErrorMap | None = None) -> HttpResponseError:
    """Return the exception for a response with an error status. Its body must have been read.

    :param error_map: Exception classes by status code from the caller; they take precedence over the default ones.
    """
    error_class = {**_ERRORS, **(error_map or {})}.get(response.status_code, HttpResponseError)
    error = error_class(response=response, error_format=_ErrorBody)
    hint = retirement_hint(response.request.url) if response.status_code in _NO_ROUTE else None
    return _with_message(error, "\n".join(filter(None, (error.message, _request_id(response), hint))))


def _request_id(response: Response) -> str | None:
    """Return the request id for support: from the response, or else from the request."""
    for headers in (response.headers, response.request.headers):
        for name in _REQUEST_ID_HEADERS:
            if name in headers:
                return f"Request id ({name}): {headers[name]}"
    return None


def model_info_error(error: HttpResponseError, explanation: str) -> HttpResponseError:
    """Return the exception to raise if a request for model information failed with `error`."""
    if error.status_code not in _NO_ROUTE:
        return error
    explained = ResourceNotFoundError(response=error.response)
    explained.error = error.error
    return _with_message(explained, f"{explanation} {error.message}")


def event_error(response: Response, body: Mapping[str, Any]) -> HttpResponseError:
    """Return the exception for an error object in a stream."""
    error = _ErrorBody(body)
    exception = HttpResponseError(message=str(error), response=response)
    exception.error = error
    return exception


def decode_error(response: Response, body: str) -> DecodeError:
    """Return the exception for a body or an event that is not a valid response of this API."""
    head = body if len(body) <= _HEAD_LENGTH else f"{body[:_HEAD_LENGTH]}… ({len(body)} characters)"
    return DecodeError(
        message=f"{_describe(response)} is not a valid response of this API: {head!r}", response=response
    )


def incomplete_error(response: Response) -> IncompleteReadError:
    """Return the exception for a stream that ended prematurely."""
    message = f"{_describe(response)} ended prematurely: neither [DONE] nor a finish_reason was received."
    return IncompleteReadError(message=message, response=response)


def unknown_keyword(options: Mapping[str, Any]) -> TypeError | None:
    """Return the exception for unknown keywords of a call; None if all are known."""
    unknown = [name for name in options if name not in CALL_OPTIONS]
    if not unknown:
        return None
    names = ", ".join(map(repr, unknown))
    return TypeError(f"unexpected keyword argument {names}; pass model-specific parameters in `model_extras`")


def _with_message(error: HttpResponseError, message: str) -> HttpResponseError:
    error.message = message
    error.args = (message, *error.args[1:])
    return error


def _describe(response: Response) -> str:
    url = response.request.url.partition("?")[0]
    return f"The response of {url} (status {response.status_code}, content type {response.content_type})"
