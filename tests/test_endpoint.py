"""What the URL of an endpoint says."""

import pytest
from azure.ai.inference._endpoint import parse_endpoint

PREVIEW = "2024-05-01-preview"
FOUNDRY = "https://ai.azure.com/.default"
COGNITIVE = "https://cognitiveservices.azure.com/.default"
ML = "https://ml.azure.com/.default"


@pytest.mark.parametrize(
    ("endpoint", "api_version", "scope"),
    [
        ("https://a.openai.azure.com/openai/v1", None, FOUNDRY),
        ("https://a.openai.azure.com/openai/v1/", None, FOUNDRY),
        ("https://a.services.ai.azure.com/openai/v1", None, FOUNDRY),
        ("http://127.0.0.1:8080/v1", None, ML),
        ("https://api.example.com/v1", None, ML),
        ("https://a.openai.azure.com/openai/deployments/gpt", PREVIEW, COGNITIVE),
        ("https://a.openai.azure.com", PREVIEW, COGNITIVE),
        ("https://A.OpenAI.Azure.com", PREVIEW, COGNITIVE),
        ("https://a.cognitiveservices.azure.com", PREVIEW, COGNITIVE),
        ("https://a.services.ai.azure.com/models", PREVIEW, COGNITIVE),
        ("https://a.eastus2.models.ai.azure.com", PREVIEW, ML),
        ("https://a.eastus2.inference.ml.azure.com/score", PREVIEW, ML),
        ("https://models.inference.ai.azure.com", PREVIEW, ML),
        ("https://openai.azure.com.example.com", PREVIEW, ML),
        ("https://example.com/v1beta", PREVIEW, ML),
    ],
)
def test_rows_of_the_table(endpoint, api_version, scope):
    parsed = parse_endpoint(endpoint)
    assert (parsed.url, parsed.api_version, parsed.scope) == (endpoint, api_version, scope)


@pytest.mark.parametrize(
    ("endpoint", "url", "api_version"),
    [
        ("https://a.com/chat/completions", "https://a.com", PREVIEW),
        ("https://a.com/x/embeddings/", "https://a.com/x", PREVIEW),
        ("https://a.com/x/images/embeddings", "https://a.com/x", PREVIEW),
        ("https://a.com/v1/chat/completions", "https://a.com/v1", None),
        ("https://a.com/x?api-version=1", "https://a.com/x", "1"),
        ("https://a.com/v1?api-version=1", "https://a.com/v1", "1"),
        ("https://a.com/x?key=s3#y", "https://a.com/x", PREVIEW),
        (" https://a.com/x ", "https://a.com/x", PREVIEW),
        ("https://a.com/myembeddings", "https://a.com/myembeddings", PREVIEW),
    ],
)
def test_what_was_pasted_along_is_removed(endpoint, url, api_version):
    assert parse_endpoint(endpoint)[:2] == (url, api_version)
