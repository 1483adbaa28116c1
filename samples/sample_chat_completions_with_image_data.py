"""Ask about an image in a file, which is sent in the request body.

    pip install .
    python samples/sample_chat_completions_with_image_data.py

AZURE_AI_CHAT_ENDPOINT: the URL of an endpoint whose model accepts images, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os
from pathlib import Path

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    ImageContentItem,
    ImageDetailLevel,
    ImageUrl,
    SystemMessage,
    TextContentItem,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential

IMAGE = Path(__file__).with_name("red_circle.png")


def main() -> None:
    """Ask about the image."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    image = ImageUrl.load(image_file=IMAGE, image_format="png", detail=ImageDetailLevel.LOW)
    question = TextContentItem(text="Which shape is this, and which colour does it have?")
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(
            messages=[
                SystemMessage("You describe images in one sentence."),
                UserMessage([question, ImageContentItem(image_url=image)]),
            ],
        )
    print(f"Answer: {response.choices[0].message.content}")


if __name__ == "__main__":
    main()
