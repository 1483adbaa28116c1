"""The requests of 1.0.0b9, byte for byte. The data was recorded from it."""

import json
from pathlib import Path

import pytest
import wire_calls

import azure.ai.inference

DATA = Path(__file__).with_name("data")
RECORDED = json.loads((DATA / "wire_requests.json").read_text(encoding="utf-8"))
CHAT = [name for name in RECORDED if name.startswith("chat_")]
NOT_RECORDED = {"host", "accept-encoding", "connection", "x-ms-client-request-id", "user-agent", "traceparent"}


@pytest.mark.parametrize("name", CHAT)
def test_request_is_that_of_the_original(service, name, monkeypatch):
    clients = []

    class Client(azure.ai.inference.ChatCompletionsClient):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            clients.append(self)

    monkeypatch.setattr(wire_calls.sdk, "ChatCompletionsClient", Client)
    getattr(wire_calls, name)(service.url)
    for client in clients:
        client.close()
    request, recorded = service.request, RECORDED[name]
    assert request.method == recorded["method"]
    assert request.target == recorded["target"]
    assert request.body.decode() == recorded["body"]
    assert {key: value for key, value in request.headers.items() if key not in NOT_RECORDED} == recorded["headers"]
    assert all(word in request.headers["user-agent"] for word in recorded["user_agent_has"])
