"""Create the messages of a request from a template string.

    pip install '.[prompts]'
    python samples/sample_chat_completions_from_input_prompt_string.py

AZURE_AI_CHAT_ENDPOINT: the URL of the endpoint, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.prompts import PromptTemplate
from azure.core.credentials import AzureKeyCredential

# Three braces insert a value unchanged; two would escape HTML characters. No value can start another message, whatever
# it contains.
TEMPLATE = """
    system:
    You work at the desk of the hotel {{{hotel}}}. Answer guests in one or two sentences.
    {{#rules}}
    - {{{.}}}
    {{/rules}}

    user:
    {{{question}}}
"""
HOTEL = {"hotel": "Anchor & Crown", "rules": ["Breakfast is from 7 to 10.", "Rooms are free to enter from 15:00."]}


def main() -> None:
    """Insert the question of a guest into the template, and send the messages."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    template = PromptTemplate.from_string(TEMPLATE)
    messages = template.create_messages(HOTEL, question="When is breakfast?")
    for message in messages:
        print(f"{message['role']}: {message['content']}\n")
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(messages=messages, max_tokens=40)
    print(f"Answer: {response.choices[0].message.content}")


if __name__ == "__main__":
    main()
