"""The tests of search.py: run `pytest samples/testing`."""

import asyncio

from azure.ai.inference.testing import FakeService

from samples.testing.search import nearest

DOCUMENTS = ["a lighthouse on a rock", "the price of potatoes"]


def test_the_nearest_document_is_found(inference_service: FakeService) -> None:
    # The requests are concurrent, so that rules are used in place of an order.
    inference_service.embeds([1.0, 0.0], when=lambda request: "rock" in request.input[0])
    inference_service.embeds([0.0, 1.0], when=lambda request: "price" in request.input[0])
    inference_service.embeds([0.2, 0.9], when=lambda request: request.input == ["What do they cost?"])
    client = inference_service.async_embeddings_client()
    assert asyncio.run(nearest(client, "What do they cost?", DOCUMENTS)) == "the price of potatoes"


def test_a_document_is_nearest_to_itself(inference_service: FakeService) -> None:
    inference_service.embeds(dimensions=16, times=3)  # equal texts get equal vectors
    client = inference_service.async_embeddings_client()
    assert asyncio.run(nearest(client, DOCUMENTS[0], DOCUMENTS)) == DOCUMENTS[0]
    assert len(inference_service.requests) == 3
