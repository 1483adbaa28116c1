"""Ask about an image on the web, which the service downloads.

    pip install .
    python samples/sample_chat_completions_with_image_url.py

AZURE_AI_CHAT_ENDPOINT: the URL of an endpoint whose model accepts images, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ImageContentItem, ImageUrl, SystemMessage, TextContentItem, UserMessage
from azure.core.credentials import AzureKeyCredential

IMAGE = "https://upload.wikimedia.org/wikipedia/commons/4/47/PNG_transparency_demonstration_1.png"


def main() -> None:
    """Ask about the image."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    question = TextContentItem(text="How many things are in this picture, and what are they?")
    image = ImageContentItem(image_url=ImageUrl(url=IMAGE))
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(
            messages=[SystemMessage("You describe images in one sentence."), UserMessage([question, image])],
        )
    print(f"Answer: {response.choices[0].message.content}")


if __name__ == "__main__":
    main()
