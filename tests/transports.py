"""Transports of both worlds for tests."""

from azure.ai.inference._http._transport_async import Transport
from azure.core.pipeline.transport import AsyncioRequestsTransport, RequestsTransport


class Recording(RequestsTransport):
    """Sleeps are noted, not slept."""

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
    """A response of which only the interface of azure-core can be seen."""

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
    """A transport that is neither urllib3, as far as can be seen, nor aiohttp."""
    return AsyncioRequestsTransport() if twin.world == "async" else HidingTransport()
