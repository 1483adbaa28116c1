"""A test double for programs that use this package: a service that answers from a script, without a network.

The whole code of the clients runs: defaults, JSON, retries, decoding, streams and errors. Nothing of the package
imports this module, which needs no other one. A pytest plugin has the fixtures `inference_service` and
`no_inference_network`.
"""

from ._network import NetworkError, no_network
from ._requests import SentRequest
from ._script import ScriptError
from ._service import FakeService

__all__ = ["FakeService", "NetworkError", "ScriptError", "SentRequest", "no_network"]
