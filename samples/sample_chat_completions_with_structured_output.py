"""Get a response in JSON that conforms to a schema.

    pip install .
    python samples/sample_chat_completions_with_structured_output.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import json
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import JsonSchemaFormat, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

REVIEW = "The kettle is quick and quiet, but its lid was cracked when I opened the box."
FORMAT = JsonSchemaFormat(
    name="review",
    description="What a customer says of a product",
    schema={
        "type": "object",
        "properties": {
            "opinion": {"type": "string", "enum": ["good", "mixed", "bad"]},
            "stars": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
            "damaged": {"type": "boolean"},
        },
        "required": ["opinion", "stars", "damaged"],
        "additionalProperties": False,
    },
    strict=True,
)


def main() -> None:
    """Extract data from the review."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    messages = [SystemMessage("Extract what the review says as JSON."), UserMessage(REVIEW)]
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(messages=messages, response_format=FORMAT, temperature=0)
    review = json.loads(response.choices[0].message.content)
    print(f"Opinion: {review['opinion']}, {review['stars']} of 5 stars")
    print("Send a new one." if review["damaged"] else "It came undamaged.")


if __name__ == "__main__":
    main()
