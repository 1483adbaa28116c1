"""Find a title for a text. Its tests in test_titles.py show replies, retries and errors of a service."""

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.exceptions import HttpResponseError


def title(client: ChatCompletionsClient, text: str) -> str:
    """Return a title of the model, or the first words of a text that the content filter refuses."""
    messages = [SystemMessage("Answer with a title for the text, in at most five words."), UserMessage(text)]
    try:
        answer = client.complete(messages=messages, temperature=0, max_tokens=20)
    except HttpResponseError as error:
        if error.error is None or error.error.code != "content_filter":
            raise
        return " ".join(text.split()[:5])
    return answer.choices[0].message.content.strip(' ".')
