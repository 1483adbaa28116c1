"""The Python examples of two public documents run unchanged, section by section."""

import logging
import re
import sys
from pathlib import Path

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError
from loopback import COMPLETION, Reply, json_reply

DOCUMENTS = Path(__file__).with_name("data") / "documents"
HEADING = re.compile(r"^#+ (.*?)$|^ *```python\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)

REPLACED = {
    # host names
    '"https://models.inference.ai.azure.com"': "endpoint",
    # the download of the picture
    "https://news.microsoft.com/source/wp-content/uploads/2024/04/The-Phi-3-small-language-models-with-big-potential-1-"
    "1900x1069.jpg": "{service}/picture.jpg",
    "import requests\nimport IPython.display as Disp\n\nDisp.Image(requests.get(image_url).content)": "",
    # shell commands in a Python block
    "pip install azure.identity": "",
    # a missing comma
    "AzureKeyCredential(key)\n    temperature": "AzureKeyCredential(key),\n    temperature",
    # arguments that do not match the schema
    "loc_origin": "origin_city",
    "loc_destination": "destination_city",
    # missing imports
    "AssistantMessage, UserMessage, SystemMessage\n": "AssistantMessage, UserMessage, SystemMessage\n"
    "from azure.core.exceptions import HttpResponseError\n",
    'with open("sample1.png", "rb") as f:': 'import base64\nwith open("sample1.png", "rb") as f:',
    # dots in place of values of the reader
    "client.complete( ... )": "client.complete(messages=[UserMessage('hi')])",
}

TOOL_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_flight_info", "arguments": '{"origin_city": "Miami", "destination_city": "Seattle"}'},
}
TOOL_ANSWER = {
    **COMPLETION,
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]},
        }
    ],
}
FILTERED = {"error": {"code": "content_filter", "message": "The prompt was filtered.", "status": 400}}
REPLIES = {
    "Use tools": [json_reply(TOOL_ANSWER)],
    "Apply content safety": [json_reply(FILTERED, 400)],
    "Exceptions": [json_reply({"error": {"code": "401", "message": "Unauthorized"}}, 401)],
    "Use chat completions with images": [Reply([b"JPEG"], content_type="image/jpeg", framing="length")],
}
"""The first replies of the service in a section."""

ROLE = "ChatRole.ASSISTANT" if sys.version_info >= (3, 11) else "assistant"
"""The role of a message in an f-string."""

PRINTED = {
    "Create a chat completion request": ["Response: ok", "Model: m", "Total tokens: 3"],
    "Stream content": ["ok"],
    "Use tools": ["Finish reason: CompletionsFinishReason.TOOL_CALLS", "Calling function `get_flight_info`", "-> {"],
    "Apply content safety": ["Your request triggered an content_filter error:\n\t The prompt was filtered."],
    "Use chat completions with images": [f"{ROLE}:\n\tok", "Completion tokens: 2"],
    "Create and authenticate clients using `load_client`": ["Created client of type `ChatCompletionsClient`."],
    "Get AI model information": ["Model name: m", "Model provider name: p", "Model type: "],
    "Chat completions example": ["ok"],
    "Streaming chat completions example": ["ok"],
    "Text Embeddings example": ["data[0]: length=2, [0.25, -1, ..., 0.25, -1]"],
    "Image Embeddings example": ["data[0]: length=2"],
    "Exceptions": ["Status code: 401 (Unauthorized)"],
}
RAISED = {"Apply content safety": HttpResponseError}
REQUESTS = {
    "how_to_chat_completions": {
        "Create a chat completion request": 1,
        "Stream content": 1,
        "Explore more parameters supported by the inference client": 1,
        "Create JSON outputs": 1,
        "Pass extra parameters to the model": 1,
        "Use tools": 2,
        "Apply content safety": 1,
        "Use chat completions with images": 2,
    },
    "readme": {
        "Create and authenticate clients using `load_client`": 1,
        "Get AI model information": 1,
        "Chat completions example": 2,
        "Streaming chat completions example": 1,
        "Chat completions with additional model-specific parameters": 1,
        "Text Embeddings example": 1,
        "Image Embeddings example": 1,
        "Exceptions": 1,
    },
}


def sections(document):
    """Return the Python blocks of a document, by section."""
    heading, found = "", {}
    for title, block in HEADING.findall((DOCUMENTS / f"{document}.md").read_text(encoding="utf-8")):
        if title:
            heading = title
        else:
            found.setdefault(heading, []).append(block)
    return found


def prepared(block, service):
    for text, other in REPLACED.items():
        block = block.replace(text, other.replace("{service}", service.url))
    if block.startswith("    "):  # a block within a list
        block = "if True:\n" + block
    return block


@pytest.fixture
def namespace(service, tmp_path, monkeypatch):
    """The preconditions of the documents: an endpoint, a key, files, and a client in each section."""
    (tmp_path / "sample1.png").write_bytes(b"\x89PNG")
    (tmp_path / "sample2.png").write_bytes(b"\x89PNG")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", service.url)
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", "key-1")
    logger = logging.getLogger("azure")
    monkeypatch.setattr(logger, "handlers", [])
    level = logger.level
    yield {
        "endpoint": service.url,
        "key": "key-1",
        "github_token": "key-1",
        "SystemMessage": SystemMessage,
        "UserMessage": UserMessage,
    }
    logger.setLevel(level)


@pytest.mark.parametrize("document", REQUESTS)
async def test_examples_run(document, service, namespace, capsys):
    requests = {}
    for section, blocks in sections(document).items():
        service.requests.clear()
        service.reply(*REPLIES.get(section, []))
        namespace["client"] = ChatCompletionsClient(service.url, AzureKeyCredential("key-1"))
        made, raised = [namespace["client"]], None
        try:
            for block in blocks:
                exec(compile(prepared(block, service), f"{document}: {section}", "exec"), namespace)
                made.append(namespace["client"])
        except HttpResponseError as error:
            raised = error
        assert isinstance(raised, RAISED.get(section, type(None)))
        for client in made:
            closing = client.close()
            if closing is not None:
                await closing
        printed = capsys.readouterr().out
        assert [text for text in PRINTED.get(section, []) if text not in printed] == [], section
        if service.requests:
            requests[section] = len(service.requests)
    assert requests == REQUESTS[document]
