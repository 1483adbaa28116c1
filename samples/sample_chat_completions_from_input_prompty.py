"""Create a request from a prompty file, which contains the template and the model parameters.

    pip install '.[prompts]'
    python samples/sample_chat_completions_from_input_prompty.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.prompts import PromptTemplate
from azure.core.credentials import AzureKeyCredential


def main() -> None:
    """Render the template, and send the messages with the parameters of the file."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    template = PromptTemplate.from_prompty("sample1.prompty")  # relative to this file
    messages = template.create_messages(place="Bergen", days=3)  # `weather` has a default in the file
    print(f"{messages[-1]['content']}\n")
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(messages=messages, **template.parameters)
    print(f"Answer: {response.choices[0].message.content}")


if __name__ == "__main__":
    main()
