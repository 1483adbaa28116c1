"""The tests of titles.py: run `pytest samples/testing`."""

import pytest
from azure.ai.inference.testing import FakeService
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

from samples.testing.titles import title

TEXT = "The moon pulls the sea, and twice a day the water rises."


def test_the_title_has_no_quotes(inference_service: FakeService) -> None:
    inference_service.answers('"Moon and Sea."')
    assert title(inference_service.chat_client(), TEXT) == "Moon and Sea"


def test_the_text_is_sent_with_a_limit(inference_service: FakeService) -> None:
    inference_service.answers("Moon and Sea")
    title(inference_service.chat_client(model="small"), TEXT)
    (request,) = inference_service.requests
    assert request.messages[1] == {"role": "user", "content": TEXT}
    assert request.keywords == {"max_tokens": 20, "model": "small", "temperature": 0}


def test_a_busy_service_is_asked_again(inference_service: FakeService) -> None:
    inference_service.fails(429, retry_after=20).fails(ConnectionError).answers("Moon and Sea")
    assert title(inference_service.chat_client(), TEXT) == "Moon and Sea"
    assert inference_service.waits[0] == 20  # no test waits that long


def test_a_refused_text_gets_its_first_words(inference_service: FakeService) -> None:
    inference_service.filters_content("violence")
    assert title(inference_service.chat_client(), TEXT) == "The moon pulls the sea,"


def test_other_errors_are_raised(inference_service: FakeService) -> None:
    inference_service.fails(401).fails(ConnectionError, times=4)
    client = inference_service.chat_client()
    with pytest.raises(ClientAuthenticationError):
        title(client, TEXT)
    with pytest.raises(ServiceRequestError):
        title(client, TEXT)
