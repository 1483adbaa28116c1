"""Stream a completion from an OpenAI-compatible endpoint, with the keywords of newer models.

The URL ends in /v1: https://NAME.openai.azure.com/openai/v1, https://NAME.services.ai.azure.com/openai/v1, or the URL
of any other OpenAI-compatible server. No api-version is sent, and each request needs a model name.

    pip install .
    python samples/sample_chat_completions_openai_v1.py

AZURE_OPENAI_V1_ENDPOINT: the URL of the endpoint, up to /v1.
AZURE_OPENAI_V1_KEY: its key.
AZURE_OPENAI_V1_MODEL: the name of the model; on Azure, the name of the deployment.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import DeveloperMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

MESSAGES = [DeveloperMessage("Answer in two sentences."), UserMessage("Why do cats purr?")]


def main() -> None:
    """Send a question, and print the text and the token usage, which these endpoints send on request."""
    endpoint = os.environ["AZURE_OPENAI_V1_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_OPENAI_V1_KEY"])
    with ChatCompletionsClient(endpoint, credential, model=os.environ["AZURE_OPENAI_V1_MODEL"]) as client:
        stream = client.complete(
            messages=MESSAGES,
            stream=True,
            max_completion_tokens=60,
            stream_options={"include_usage": True},
        )
        with stream:
            for text in stream.text_deltas():
                print(text, end="", flush=True)
            completion = stream.get_final_completion()
    print(f"\n\nModel: {completion.model}, {completion.usage.total_tokens} tokens")


if __name__ == "__main__":
    main()
