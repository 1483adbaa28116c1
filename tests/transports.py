"""Sync and async transports for tests."""

from azure.ai.inference._http._transport_async import Transport
from azure.core.pipeline.transport import AsyncioRequestsTransport, RequestsTransport


class Recording(RequestsTransport):
    """Records delays instead of sleeping."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.slept = []

    def sleep(self, duration):
        self.slept.append(duration)


class AsyncRecording(Transport):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.slept = []

    async def sleep(self, duration):
        self.slept.append(duration)


class Hidden:
    """A response that exposes only the interface of azure-core."""

    def __init__(self, response):
        self._hidden = response

    def __getattr__(self, name):
        if name in ("internal_response", "_internal_response"):
            raise AttributeError(name)
        return getattr(self._hidden, name)


class HidingTransport(RequestsTransport):
    def send(self, request, **kwargs):
        return Hidden(super().send(request, **kwargs))


def other_transport(twin):
    """Return a transport that exposes neither urllib3 nor aiohttp."""
    return AsyncioRequestsTransport() if twin.mode == "async" else HidingTransport()
