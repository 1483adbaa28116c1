"""The configuration of a client: endpoint, credential, headers, policies."""

import copy
import pickle
import re
from types import SimpleNamespace

import pytest
from azure.ai.inference import ChatCompletionsClient, __version__
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential, AzureNamedKeyCredential
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.rest import HttpRequest
from credentials import AsyncToken, token_credential
from loopback import Reply, json_reply

MESSAGES = [UserMessage("hi")]
KEY = AzureKeyCredential("key-1")


@pytest.mark.parametrize(
    ("endpoint", "error", "message"),
    [
        (None, ValueError, "Parameter 'endpoint' must not be None"),
        (5, TypeError, "Parameter 'endpoint' must be a string, not int"),
    ],
)
async def test_endpoints_of_other_types_are_refused(twin, endpoint, error, message):
    with pytest.raises(error, match=message):
        twin.sdk.ChatCompletionsClient(endpoint, KEY)


@pytest.mark.parametrize("endpoint", [" ", "example.com", "ftp://example.com", "https://", "https://[x"])
async def test_invalid_endpoints_are_refused_by_the_first_request(twin, endpoint):
    client = twin.chat(endpoint)
    message = f"Parameter 'endpoint' must be a URL like https://host/path, not {endpoint.strip()!r}"
    with pytest.raises(ValueError, match=re.escape(message)):
        await client.complete(messages=MESSAGES)
    with pytest.raises(ValueError, match="must be a URL"):
        await client.send_request(HttpRequest("GET", "/info"))


async def test_a_key_in_an_invalid_endpoint_is_not_shown(twin):
    with pytest.raises(ValueError, match="endpoint") as raised:
        await twin.chat("example.com?key=s3").complete(messages=MESSAGES)
    assert "s3" not in str(raised.value)


@pytest.mark.parametrize(
    ("credential", "error", "message"),
    [
        (None, ValueError, "Parameter 'credential' must not be None"),
        ("s3", TypeError, r"Parameter 'credential' must be AzureKeyCredential\(...\) or a token credential, not str"),
        (AzureNamedKeyCredential("a", "s3"), TypeError, "not AzureNamedKeyCredential"),
        (object(), TypeError, "not object"),
    ],
    ids=["none", "string", "named key", "object"],
)
async def test_invalid_credentials_are_refused(twin, service, credential, error, message):
    with pytest.raises(error, match=message) as raised:
        twin.sdk.ChatCompletionsClient(service.url, credential)
    assert "s3" not in str(raised.value)


async def test_current_key_is_sent_in_both_headers(twin, service):
    credential = AzureKeyCredential("key-1")
    client = twin.chat(credential=credential)
    await client.complete(messages=MESSAGES)
    credential.update("key-2")
    await client.complete(messages=MESSAGES)
    sent = [(request.headers["authorization"], request.headers["api-key"]) for request in service.requests]
    assert sent == [("Bearer key-1", "key-1"), ("Bearer key-2", "key-2")]


async def test_rotated_key_is_sent_in_the_next_attempt(twin, service):
    credential = AzureKeyCredential("key-1")

    def refuse():
        credential.update("key-2")
        return Reply([], 503, framing="length")

    service.reply(refuse)
    await twin.chat(credential=credential, retry_total=1, retry_backoff_factor=0).complete(messages=MESSAGES)
    assert [request.headers["api-key"] for request in service.requests] == ["key-1", "key-2"]


async def test_headers_of_the_user_win_over_the_key(twin, service):
    await twin.chat(headers={"API-Key": "mine"}).complete(messages=MESSAGES, headers={"authorization": "Custom me"})
    assert service.request.headers["api-key"] == "mine"
    assert service.request.headers["authorization"] == "Custom me"


async def test_clients_do_not_share_headers(twin, service):
    headers = {"x-mine": "1"}
    await twin.chat(headers=headers).complete(messages=MESSAGES)
    await twin.chat(headers=headers, credential=AzureKeyCredential("key-2")).complete(messages=MESSAGES)
    assert [request.headers["api-key"] for request in service.requests] == ["key-1", "key-2"]
    assert headers == {"x-mine": "1"}


@pytest.mark.parametrize(
    ("settings", "scopes"),
    [({}, ("https://ml.azure.com/.default",)), ({"credential_scopes": ["a", "b"]}, ("a", "b"))],
)
async def test_token_is_requested_for_the_scope(twin, service, settings, scopes):
    credential = token_credential(twin)
    await twin.chat(credential=credential, **settings).complete(messages=MESSAGES, enforce_https=False)
    assert credential.scopes == scopes
    assert service.request.headers["authorization"] == "Bearer token-1"
    assert "api-key" not in service.request.headers


def test_sync_clients_refuse_async_credentials(service):
    with pytest.raises(TypeError, match=r"only the clients of azure\.ai\.inference\.aio take async credentials"):
        ChatCompletionsClient(service.url, AsyncToken())


async def test_tokens_are_not_sent_over_http(twin, service):
    credential = token_credential(twin)
    with pytest.raises(ServiceRequestError, match="non-TLS"):
        await twin.chat(credential=credential, retry_total=3).complete(messages=MESSAGES)
    assert service.requests == []


@pytest.mark.parametrize(
    ("settings", "query"),
    [
        ({}, [("api-version", "2024-05-01-preview")]),
        ({"api_version": "2024-06-01"}, [("api-version", "2024-06-01")]),
        ({"api_version": None}, []),
        ({"api_version": ""}, []),
    ],
)
async def test_api_version(twin, service, settings, query):
    await twin.chat(**settings).complete(messages=MESSAGES)
    assert service.request.query == query


async def test_the_user_agent_can_be_extended(twin, service):
    client = twin.chat()
    policy = client._config.user_agent_policy
    policy.add_user_agent("framework/2")
    await client.complete(messages=MESSAGES)
    assert re.fullmatch(
        r"azsdk-python-ai-inference/\S+ Python/\S+ \(.+\) framework/2", service.request.headers["user-agent"]
    )
    assert not hasattr(policy, "unknown")
    assert copy.copy(policy).user_agent == policy.user_agent


async def test_user_agent_names_the_package(twin, service):
    await twin.chat(user_agent="app/1").complete(messages=MESSAGES)
    assert service.request.headers["user-agent"].startswith(f"app/1 azsdk-python-ai-inference/{__version__} Python/")


async def test_policies_of_the_user(twin, service):
    class Mark(SansIOHTTPPolicy):
        def __init__(self, name):
            self.name = name

        def on_request(self, request):
            request.http_request.headers[self.name] = "1"

    await twin.chat(per_call_policies=[Mark("a")], per_retry_policies=Mark("b")).complete(messages=MESSAGES)
    await twin.chat(policies=[Mark("c")]).complete(messages=MESSAGES)
    first, second = (request.headers for request in service.requests)
    assert (first["a"], first["b"], second["c"]) == ("1", "1", "1")
    assert "api-key" not in second


@pytest.mark.parametrize(
    ("keyword", "hint"),
    [
        ("nonsense", ""),
        ("temprature", " Did you mean `temperature`?"),
        ("retry_totl", " Did you mean `retry_total`?"),
        ("max_retries", " Use `retry_total`."),
        ("verify", " Use `connection_verify`."),
        ("default_headers", " Use `headers`."),
        ("api_key", " Use `credential`."),
        ("base_url", " Use `endpoint`."),
    ],
)
async def test_unknown_keywords_of_a_constructor_warn_at_the_line_of_the_caller(twin, service, keyword, hint):
    with pytest.warns(UserWarning, match="is unknown and has no effect") as warned:
        client = twin.sdk.ChatCompletionsClient(service.url, KEY, **{keyword: 1})
    (warning,) = warned
    assert str(warning.message) == f"The keyword argument {keyword!r} is unknown and has no effect.{hint}"
    assert warning.filename == __file__
    await twin.keep(client).complete(messages=MESSAGES)
    assert len(service.requests) == 1


async def test_load_client_warns_of_unknown_keywords_alone(twin):
    with pytest.warns(UserWarning, match="'nonsense'") as warned:
        await twin.load_client(temperature=0.5, nonsense=1)
    assert len(warned) == 1


async def test_options_of_policies_of_the_user_are_not_refused(twin, service):
    class Mine(SansIOHTTPPolicy):
        def on_request(self, request):
            request.http_request.headers["x-mine"] = request.context.options.pop("mine")

    await twin.chat(per_call_policies=[Mine()]).complete(messages=MESSAGES, mine="a")
    assert service.request.headers["x-mine"] == "a"


@pytest.mark.parametrize("options", [{"n": 2}, {"model_extras": {"n": 2}}])
async def test_keywords_of_newer_models_are_defaults_too(twin, service, options):
    client = twin.chat(n=3, max_completion_tokens=9)
    await client.complete(messages=MESSAGES)
    await client.complete(messages=MESSAGES, **options)
    assert [request.json["n"] for request in service.requests] == [3, 2]
    assert [request.json["max_completion_tokens"] for request in service.requests] == [9, 9]
    assert service.requests[0].headers["extra-parameters"] == "pass-through"


async def test_attributes_that_frameworks_read(twin, service):
    client = twin.chat(service.url + "/")
    assert client.raw._config.endpoint == service.url + "/"
    assert client.raw._config.api_version == "2024-05-01-preview"
    assert client.raw._client


@pytest.mark.parametrize("again", [copy.deepcopy, lambda client: pickle.loads(pickle.dumps(client))])
async def test_clients_can_be_pickled_and_copied(twin, service, again):
    chat = twin.keep(again(twin.chat(temperature=0.5).raw))
    await chat.complete(messages=MESSAGES)
    for client in (twin.embeddings(model="m"), twin.image_embeddings(model="m")):
        await twin.keep(again(client.raw)).embed(input=[])
    sent = [request.json for request in service.requests]
    assert sent == [{"messages": MESSAGES, "temperature": 0.5}, *[{"input": [], "model": "m"}] * 2]


class Ours(SansIOHTTPPolicy):
    """Says in a header that it was there."""

    def on_request(self, request):
        request.http_request.headers["x-ours"] = "1"


POLICIES = ("user_agent", "headers", "proxy", "logging", "http_logging", "custom_hook", "redirect", "retry")


@pytest.mark.parametrize("name", [*POLICIES, "authentication"])
async def test_a_policy_of_the_user_takes_the_place_of_that_of_the_client(twin, service, name):
    await twin.chat(**{f"{name}_policy": Ours()}).complete(messages=MESSAGES)
    headers = service.request.headers
    assert headers["x-ours"] == "1"
    assert ("api-key" in headers) == (name != "authentication")
    assert headers["user-agent"].startswith("azsdk") == (name != "user_agent")


async def test_a_retry_policy_of_the_user_decides_about_retries(twin, service):
    service.reply(json_reply({}, 503))
    with pytest.raises(HttpResponseError):
        await twin.chat(retry_policy=Ours(), retry_total=3).complete(messages=MESSAGES)
    assert len(service.requests) == 1


@pytest.mark.azure_core((1, 31), "it does not know the newer method")
async def test_a_credential_may_know_the_newer_method_alone(twin, service):
    info = SimpleNamespace(token="token-2", token_type="Bearer", expires_on=2**40, refresh_on=None)

    class Token:
        def get_token_info(self, *scopes, options=None):
            return info

    class AsyncToken:
        async def get_token_info(self, *scopes, options=None):
            return info

    credential = AsyncToken() if twin.mode == "async" else Token()
    await twin.chat(credential=credential).complete(messages=MESSAGES, enforce_https=False)
    assert service.request.headers["authorization"] == "Bearer token-2"
