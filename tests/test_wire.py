"""The requests of 1.0.0b9, byte for byte. The data was recorded from it."""

import json
from pathlib import Path

import pytest
import wire_calls

DATA = Path(__file__).with_name("data")
RECORDED = json.loads((DATA / "wire_requests.json").read_text(encoding="utf-8"))
NOT_RECORDED = {"host", "accept-encoding", "connection", "x-ms-client-request-id", "user-agent", "traceparent"}
OFF_SPEC = {"chat_body_dict": [pytest.mark.off_spec]}  # an unknown parameter, without the pass-through header


@pytest.fixture
def closed(monkeypatch):
    """Close every client that a call makes."""
    clients = []

    def tracked(cls):
        class Tracked(cls):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                clients.append(self)

        return Tracked

    for name in ("ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient"):
        monkeypatch.setattr(wire_calls.sdk, name, tracked(getattr(wire_calls.sdk, name)))
    load_client = wire_calls.sdk.load_client
    monkeypatch.setattr(wire_calls.sdk, "load_client", lambda *a, **k: clients.append(load_client(*a, **k)))
    yield
    for client in clients:
        client.close()


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("name", [pytest.param(name, marks=OFF_SPEC.get(name, [])) for name in RECORDED])
def test_requests_equal_those_of_1_0_0b9(service, name):
    getattr(wire_calls, name)(service.url)
    request, recorded = service.request, RECORDED[name]
    assert request.method == recorded["method"]
    assert request.target == recorded["target"]
    assert request.body.decode() == recorded["body"]
    assert {key: value for key, value in request.headers.items() if key not in NOT_RECORDED} == recorded["headers"]
    assert all(word in request.headers["user-agent"] for word in recorded["user_agent_has"])
