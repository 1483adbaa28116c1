"""Fuzz templates: any template renders, or is refused by a ValueError, and a value adds no message.

pip install atheris
python tests/fuzz/fuzz_templates.py -max_total_time=60 tests/fuzz/templates
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["azure.ai.inference"]):
    from azure.ai.inference.prompts import PromptTemplate

SEEDS = [
    "system:\nYou are {{name}}.\n{{#items}}{{.}}, {{/items}}{{^items}}none{{/items}}\nuser:\n{{{value}}} {{&value}}",
    "{{=<% %>=}}<%! a comment %>\n<%#outer%><%inner.value%><%/outer%>",
]


def test_one_input(data):
    provider = atheris.FuzzedDataProvider(data)
    value = provider.ConsumeUnicodeNoSurrogates(200)
    template = provider.ConsumeUnicode(len(data))

    def roles(value):
        values = {"name": value, "value": value, "items": [value], "outer": {"inner": {"value": value}}}
        prompt = PromptTemplate.from_string(prompt_template=template)
        return [message["role"] for message in prompt.create_messages(**values)]

    try:
        found = roles(value or "x")
    except ValueError:
        return
    if found != roles("x"):
        raise AssertionError(f"the value {value!r} changes the roles of {template!r}")


def seed(folder):
    """Write the templates to the corpus folder."""
    folder.mkdir(exist_ok=True)
    for number, template in enumerate(SEEDS):
        (folder / str(number)).write_text(f"{'x' * 200}{template}")


if __name__ == "__main__":
    seed(Path(__file__).with_name("templates"))
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
