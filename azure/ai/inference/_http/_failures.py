"""The exceptions of azure-core for what fails on the way, decided by the causes of a failure.

azure-core's own choice says too little, and differs between its versions: a connection that breaks within a body is
reported as one that could not be made, which would be retried.
"""

from __future__ import annotations

import ssl
import sys
import zlib
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, TypeVar

from azure.core.exceptions import (
    AzureError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)

FIRST_ERROR_STATUS = 300
"""The first status whose body is not an answer: that of a redirect or an error."""
MAX_BODY_BYTES = 512 * 1024 * 1024
"""The default of `max_body_bytes`."""
MAX_EVENT_BYTES = 64 * 1024 * 1024
"""The default of `max_event_bytes`."""
MAX_ERROR_BODY_BYTES = 1024 * 1024
"""How many bytes of an error body are read: people read it, not programs."""
# Names of exception classes, as requests, urllib3 and aiohttp may not be imported.
_TIMEOUT_NAMES = frozenset(("ReadTimeout", "ReadTimeoutError"))
_DECODING_NAMES = frozenset(("DecodeError", "ContentEncodingError"))
_NETWORK_NAMES = frozenset(("ClientError", "HTTPError", "HttpProcessingError"))
_BROKEN_BODY_NAMES = frozenset(("ClientPayloadError",))
_Error = TypeVar("_Error", bound=BaseException)


def is_timeout(error: BaseException) -> bool:
    """Whether the reason is that nothing arrived in time."""
    return any(isinstance(cause, _timeouts()) or _is_named(cause, _TIMEOUT_NAMES) for cause in _causes(error))


def _timeouts() -> tuple[Any, ...]:
    """The classes of timeouts. In Python 3.10, asyncio, which a sync program does not import, has one of its own."""
    asyncio: Any = sys.modules.get("asyncio")
    return (TimeoutError,) if asyncio is None else (TimeoutError, asyncio.TimeoutError)


def is_certificate_error(error: BaseException) -> bool:
    """Whether the certificate of the service was refused. It would be refused again."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def is_transport_error(error: BaseException) -> bool:
    """Whether an exception is one of the network, of its libraries, or of decompression.

    http.client and urllib3 raise ValueError for bad framing, and for a body that was closed meanwhile.
    """
    kinds = (OSError, HTTPException, ValueError, zlib.error, *_timeouts())
    return isinstance(error, kinds) or _is_named(error, _NETWORK_NAMES)


def head_error(error: AzureError, received: int, *, was_sent: bool, is_late: bool) -> AzureError:
    """The exception for a request whose response headers did not arrive complete.

    :param error: The exception of azure-core.
    :param received: How many bytes of the response had arrived. If any had, the service has begun to answer, and the
        request must not be sent again: the exception is of a class that is never retried.
    :keyword was_sent: Whether the request may have arrived whole. azure-core reports the time that TLS may take, and
        before 1.33 that for a connection, too, as one for the response.
    :keyword is_late: Whether the `timeout` of the call is over, and not one for a connection or a read.
    """
    if isinstance(error, ServiceRequestTimeoutError):  # there was no connection
        return error
    if is_timeout(error):
        if not was_sent and isinstance(error, ServiceResponseError):
            return without_traceback(ServiceRequestTimeoutError(error.message, error=error.inner_exception))
        reason = "The timeout of the call is over" if is_late else error.message
        message = f"The service did not answer in time, {received} bytes had arrived: {reason}"
        return without_traceback(ServiceResponseTimeoutError(message, error=error.inner_exception))
    if not received:
        return error
    message = f"The response headers are incomplete or invalid, after {received} bytes: {error.message}"
    return without_traceback(IncompleteReadError(message=message, error=error.inner_exception))


def body_error(error: Exception, response: Any, received: int) -> AzureError:
    """The exception for a body that broke off, stalled, or could not be decompressed. None of these is retried.

    :param received: How many bytes of the body had arrived, decompressed.
    """
    after = f"after {received} bytes of the body: {error}".rstrip(": ")
    if is_timeout(error):
        return without_traceback(ServiceResponseTimeoutError(f"No bytes arrived in time, {after}", error=error))
    if isinstance(error, zlib.error) or _is_named(error, _DECODING_NAMES):
        message = f"The body could not be decompressed, {after}"
        return without_traceback(DecodeError(message=message, response=response, error=error))
    message = f"The response broke off, {after}"
    return without_traceback(IncompleteReadError(message=message, response=response, error=error))


def too_long(limit: int, response: Any) -> HttpResponseError:
    """The exception for a body that exceeds `max_body_bytes`."""
    message = f"The body of the response is longer than max_body_bytes={limit}."
    return without_traceback(HttpResponseError(message, response=response))


def reclassified(error: AzureError) -> AzureError:
    """Return the error, or a better one for it.

    Transports of users raise what azure-core before 1.33 makes of a timeout, and of a body that broke off: errors that
    would be retried.
    """
    cause = error.inner_exception
    if isinstance(error, ServiceResponseError) and is_timeout(error):
        if isinstance(error, ServiceResponseTimeoutError):
            return error
        return without_traceback(ServiceResponseTimeoutError(error.message, error=cause))
    if isinstance(error, ServiceRequestError) and _is_named(cause, _BROKEN_BODY_NAMES):
        return without_traceback(IncompleteReadError(message=error.message, error=cause))
    return error


def without_traceback(error: _Error) -> _Error:
    """Make an error of azure-core one that can be pickled and copied, for example to send it to another process.

    azure-core keeps the exception that is being handled while an error is made, with its traceback, which can be
    neither pickled nor copied. Whoever raises the error chains it. Other errors are left as they are.
    """
    if isinstance(error, AzureError):
        error.exc_type = error.exc_value = error.exc_traceback = None
    return error


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that led to it, which libraries keep in different places."""
    seen: list[BaseException] = []
    left: list[Any] = [error]
    while left:
        found = left.pop()
        if isinstance(found, BaseException) and not any(found is known for known in seen):
            seen.append(found)
            yield found
            left += [getattr(found, "reason", None), found.__context__, found.__cause__]
            left += [getattr(found, "inner_exception", None), *found.args[:1]]


def _is_named(error: Any, names: frozenset[str]) -> bool:
    return not names.isdisjoint(cls.__name__ for cls in type(error).__mro__)
