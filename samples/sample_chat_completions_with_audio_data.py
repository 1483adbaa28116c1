"""Ask about a recording in a file, which is sent in the request body.

    pip install .
    python samples/sample_chat_completions_with_audio_data.py

AZURE_AI_CHAT_ENDPOINT: the URL of an endpoint whose model accepts audio, without the route.
AZURE_AI_CHAT_KEY: its key.
"""

import os
from pathlib import Path

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    AudioContentFormat,
    AudioContentItem,
    InputAudio,
    SystemMessage,
    TextContentItem,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential

RECORDING = Path(__file__).with_name("three_tones.wav")


def main() -> None:
    """Ask about the recording."""
    endpoint = os.environ["AZURE_AI_CHAT_ENDPOINT"]
    credential = AzureKeyCredential(os.environ["AZURE_AI_CHAT_KEY"])
    recording = InputAudio.load(audio_file=RECORDING, audio_format=AudioContentFormat.WAV)
    question = TextContentItem(text="How many tones do you hear, and do they rise or fall?")
    with ChatCompletionsClient(endpoint, credential) as client:
        response = client.complete(
            messages=[
                SystemMessage("You describe recordings in one sentence."),
                UserMessage([question, AudioContentItem(input_audio=recording)]),
            ],
        )
    print(f"Answer: {response.choices[0].message.content}")


if __name__ == "__main__":
    main()
