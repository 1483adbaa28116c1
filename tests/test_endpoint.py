"""What an endpoint URL implies: the URL of requests, the api-version and the token scope."""

import pytest
from azure.ai.inference._endpoint import parse_endpoint, retirement_hint
from azure.ai.inference.models import UserMessage
from azure.core.exceptions import HttpResponseError
from credentials import token_credential
from loopback import json_reply

MESSAGES = [UserMessage("hi")]
PREVIEW = "2024-05-01-preview"
FOUNDRY = "https://ai.azure.com/.default"
COGNITIVE = "https://cognitiveservices.azure.com/.default"
ML = "https://ml.azure.com/.default"

TABLE = [
    # path ends in /v1
    ("https://a.openai.azure.com/openai/v1", "/openai/v1", None, FOUNDRY),
    ("https://a.openai.azure.com/openai/v1/", "/openai/v1", None, FOUNDRY),
    ("https://a.services.ai.azure.com/openai/v1", "/openai/v1", None, FOUNDRY),
    ("https://a.cognitiveservices.azure.com/openai/v1", "/openai/v1", None, FOUNDRY),
    ("https://a.eastus2.models.ai.azure.com/v1", "/v1", None, FOUNDRY),
    ("https://api.example.com/v1", "/v1", None, ML),
    ("https://api.example.com:8443/v1", "/v1", None, ML),
    ("https://gateway.example.com/team/model/v1", "/team/model/v1", None, ML),
    # Azure OpenAI, Cognitive Services, Foundry
    ("https://a.openai.azure.com", "/openai/v1", None, FOUNDRY),
    ("https://A.OpenAI.Azure.com", "/openai/v1", None, FOUNDRY),
    ("https://a.openai.azure.com/", "/openai/v1", None, FOUNDRY),
    ("https://a.openai.azure.com/openai/deployments/gpt", "/openai/deployments/gpt", PREVIEW, COGNITIVE),
    ("https://a.cognitiveservices.azure.com", "/openai/v1", None, FOUNDRY),
    ("https://a.services.ai.azure.com/models", "/models", PREVIEW, COGNITIVE),
    ("https://a.services.ai.azure.com/api/models", "/api/models", PREVIEW, COGNITIVE),
    # anything else
    ("https://a.eastus2.models.ai.azure.com", "", PREVIEW, ML),
    ("https://a.eastus2.inference.ai.azure.com", "", PREVIEW, ML),
    ("https://a.eastus2.inference.ml.azure.com/score", "/score", PREVIEW, ML),
    ("https://models.inference.ai.azure.com", "", PREVIEW, ML),
    ("https://models.github.ai/inference", "/inference", PREVIEW, ML),
    ("https://openai.azure.com.example.com", "", PREVIEW, ML),
    ("https://example.com/v1beta", "/v1beta", PREVIEW, ML),
    ("https://example.com/v1/models", "/v1/models", PREVIEW, ML),
    # routes and queries in the URL
    ("https://a.com/chat/completions", "", PREVIEW, ML),
    ("https://a.com/x/chat/completions/", "/x", PREVIEW, ML),
    ("https://a.com/x/embeddings", "/x", PREVIEW, ML),
    ("https://a.com/x/images/embeddings", "/x", PREVIEW, ML),
    ("https://a.com/v1/chat/completions", "/v1", None, ML),
    ("https://a.com/x?api-version=1", "/x", "1", ML),
    ("https://a.com/v1?api-version=1", "/v1", "1", ML),
    ("https://a.openai.azure.com/openai/deployments/g?api-version=7", "/openai/deployments/g", "7", COGNITIVE),
    ("https://a.com/x?key=s3&api-version=1#y", "/x", "1", ML),
    (" https://a.com/x ", "/x", PREVIEW, ML),
    ("https://a.com/myembeddings", "/myembeddings", PREVIEW, ML),
]


@pytest.mark.parametrize(("endpoint", "path", "api_version", "scope"), TABLE)
async def test_defaults_by_endpoint(twin, service, endpoint, path, api_version, scope):
    """Makes the service the proxy for every host, so that it receives all requests."""
    credential = token_credential(twin)
    client = twin.chat(endpoint.replace("https://", "http://"), credential, proxies={"http": service.url})
    await client.complete(messages=MESSAGES, enforce_https=False)
    assert service.request.path == f"{path}/chat/completions"
    assert [pair for pair in service.request.query if pair[0] == "api-version"] == (
        [("api-version", api_version)] if api_version else []
    )
    assert credential.scopes == (scope,)


@pytest.mark.parametrize("endpoint", ["https://a.openai.azure.com/openai/v1", "https://a.services.ai.azure.com/models"])
async def test_explicit_arguments_win(twin, service, endpoint):
    credential = token_credential(twin)
    settings = {"api_version": "2025-05-01", "credential_scopes": ["mine"], "proxies": {"http": service.url}}
    client = twin.chat(endpoint.replace("https://", "http://"), credential, **settings)
    await client.complete(messages=MESSAGES, enforce_https=False)
    assert service.request.query == [("api-version", "2025-05-01")]
    assert credential.scopes == ("mine",)


async def test_all_clients_and_load_client_use_the_defaults_of_the_endpoint(twin, service):
    settings = {"endpoint": "http://a.openai.azure.com/openai/v1/embeddings", "proxies": {"http": service.url}}
    await twin.embeddings(**settings).embed(input=["a"])
    await twin.image_embeddings(**settings).embed(input=[])
    await twin.load_client(**settings)
    base = "http://a.openai.azure.com/openai/v1"
    assert [request.target for request in service.requests] == [
        f"{base}/embeddings",
        f"{base}/images/embeddings",
        f"{base}/info",
    ]


@pytest.mark.parametrize(("endpoint", "path", "api_version", "scope"), TABLE)
def test_parse_endpoint_sends_no_request(endpoint, path, api_version, scope):
    parsed = parse_endpoint(endpoint)
    assert (parsed.api_version, parsed.scope, parsed.problem) == (api_version, scope, None)
    assert parsed.url.rstrip("/").endswith(path)
    assert parsed.url.startswith(endpoint.strip()[:12])


RETIRED = [
    ("http://a.services.ai.azure.com/models", "https://a.services.ai.azure.com/openai/v1"),
    ("http://a.services.ai.azure.com/api/models", "https://a.services.ai.azure.com/openai/v1"),
    ("http://models.inference.ai.azure.com", "https://HOST/openai/v1"),
    ("http://models.github.ai/inference", "https://HOST/openai/v1"),
]


@pytest.mark.parametrize(("endpoint", "successor"), RETIRED)
@pytest.mark.parametrize("status", [404, 410])
async def test_errors_of_retired_services_name_their_successors(twin, service, endpoint, successor, status):
    service.reply(json_reply({"error": {"code": "gone", "message": "Gone"}}, status))
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat(endpoint, proxies={"http": service.url}).complete(messages=MESSAGES)
    assert "Gone" in str(raised.value)
    assert "was retired on 2026-0" in str(raised.value)
    assert successor in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.services.ai.azure.com/openai/v1/chat/completions",
        "https://a.openai.azure.com/models",
        "https://example.com/models/chat/completions",
    ],
)
def test_errors_of_other_services_have_no_hint(url):
    assert retirement_hint(url) is None


async def test_other_errors_of_a_retired_service_have_no_hint(twin, service):
    service.reply(json_reply({}, 400))
    with pytest.raises(HttpResponseError) as raised:
        await twin.chat("http://models.github.ai/inference", proxies={"http": service.url}).complete(messages=MESSAGES)
    assert "retired" not in str(raised.value)
