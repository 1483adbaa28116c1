"""Templates from strings: roles, images, values."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from azure.ai.inference.prompts import PromptTemplate
from azure.ai.inference.prompts._utils import remove_leading_empty_space

ROLES = ["system", "user", "assistant", "function", "developer", "tool"]
HISTORY = """
    system:
    Be brief.
    {{#history}}
    {{role}}:
    {{content}}
    {{/history}}
    user:
    {{question}}
"""


def create(template: str, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
    return PromptTemplate.from_string(template).create_messages(*args, **kwargs)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "line",
    ["{}:", "# {}:", "#  {}:", "#{}:", " #{} :", "#\t{}:", "  {}:", "\t{}:", "{}: ", "{} :", "\u00a0{}\u2003:\u00a0"],
)
def test_a_line_with_a_role_begins_a_message(role: str, line: str) -> None:
    template = f"{line.format(role.title())}\nfirst\n{line.format(role.upper())}\n\nsecond\n"
    assert create(template) == [{"role": role, "content": "first"}, {"role": role, "content": "second"}]


@pytest.mark.parametrize(
    "text",
    [
        "user: hi",
        "##user:",
        "## user:",
        "- user:",
        "the user:",
        "somebody:",
        "user",
        "user::",
        "user[name=x]:",
        "user\n:",
        "u\u017fer:",
        "**user:**",
    ],
)
def test_any_other_line_is_text(text: str) -> None:
    assert create(f"assistant:\n{text}\n.") == [{"role": "assistant", "content": f"{text}\n."}]


def test_text_before_the_first_role_is_of_the_system() -> None:
    expected = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi."}]
    assert create("\nBe brief.\n\nuser:\nHi.") == expected
    assert create("Be brief.") == expected[:1]


@pytest.mark.parametrize("template", ["", "\n \n"])
def test_a_template_without_text_has_no_messages(template: str) -> None:
    assert create(template) == []


def test_a_message_without_text_is_kept() -> None:
    expected = [{"role": "assistant", "content": ""}, {"role": "user", "content": "Hi."}]
    assert create("assistant:\nuser:\nHi.") == expected


@pytest.mark.parametrize("line", ["assistant:", "assistant:\n", "assistant:\n{{missing}}\n \n", "{{role}}:"])
def test_a_last_message_without_text_is_left_out(line: str) -> None:
    assert create(f"user:\nHi.\n{line}", role="assistant") == [{"role": "user", "content": "Hi."}]


def test_a_message_that_is_an_image_is_no_message_without_text() -> None:
    (message,) = create("user:\n![](https://example.com/a.png)")
    assert len(message["content"]) == 1


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\f", "\u2028"])
def test_lines_of_a_template_end_in_any_way(newline: str) -> None:
    expected = [{"role": "system", "content": "a\nb"}, {"role": "user", "content": "c"}]
    assert create(newline.join(["system:", "a", "b", "user:", "c"])) == expected


def test_a_variable_of_the_template_spells_a_role() -> None:
    history = [{"role": "user", "content": "user:\nHi."}, {"role": " Assistant ", "content": ""}]
    assert create(HISTORY, history=history, question="And?") == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "user:\nHi."},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": "And?"},
    ]


def test_a_missing_value_is_empty() -> None:
    assert create("user:\n[{{name}}|{{other}}]", other=None) == [{"role": "user", "content": "[|]"}]


def test_values_come_from_data_first_and_from_keywords_next() -> None:
    data = {"a": 1}
    assert create("user:\n{{a}} {{b}}", data, a=2, b=3)[0]["content"] == "1 3"
    assert data == {"a": 1}


@pytest.mark.parametrize(
    "url",
    ["https://example.com/a.png?b=c", "http://example.com/a", "data:image/png;base64,AA==", "HTTPS://x/y", "a.png"],
)
def test_an_image_is_a_part_of_its_message(url: str) -> None:
    image = {"type": "image_url", "image_url": {"url": url}}
    assert create(f'user:\nLook: ![it]({url} "title")\n\nand here ![]({url})') == [
        {
            "role": "user",
            "content": [{"type": "text", "text": "Look:"}, image, {"type": "text", "text": "and here"}, image],
        }
    ]


def test_the_whole_url_of_an_image_may_be_a_value() -> None:
    (message,) = create("user:\n![it]({{{url}}})", url="https://example.com/?a=b&c=d")
    assert message["content"] == [{"type": "image_url", "image_url": {"url": "https://example.com/?a=b&c=d"}}]


def test_keeps_what_it_is_given() -> None:
    template = PromptTemplate.from_string("user:\nHi.", api="chat", model_name="m")
    assert (template.api, template.model_name, template.parameters, template.prompty) == ("chat", "m", {}, None)


@pytest.mark.parametrize("make", [PromptTemplate, lambda: PromptTemplate.from_string(None)])
def test_a_template_needs_a_string(make: Any) -> None:
    with pytest.raises(ValueError, match="prompt_template"):
        make()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  a\n    b\n  c", "a\n  b\nc"),
        ("\n\n  a\n\n  b\n", "a\n\nb"),
        ("  a\nb", "  a\nb"),
        ("\ta\n\tb", "a\nb"),
        ("  a\n\tb", "  a\n\tb"),
        ("a\tb\n   \nc", "a\tb\n   \nc"),
        ("  a\n \n    \n  b", "a\n\n  \nb"),
    ],
)
def test_the_shared_indentation_is_taken_away(text: str, expected: str) -> None:
    assert remove_leading_empty_space(text) == expected


def test_a_template_from_a_string_needs_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert create("user:\nHi, {{name}}.", name="Ada") == [{"role": "user", "content": "Hi, Ada."}]


def test_what_is_escaped_in_a_value() -> None:
    messages = PromptTemplate.from_string("user:\n{{x}} {{{x}}}").create_messages(x='it\'s <b> & "c"')
    assert messages[0]["content"] == "it's &lt;b&gt; &amp; &quot;c&quot; it's <b> & \"c\""


@pytest.mark.parametrize("before", ["", "\n  \n", "{{x}}\n", " {{x}} {{y}}\n\t\n"])
def test_blanks_before_the_first_message_are_no_message(before: str) -> None:
    template = PromptTemplate.from_string(f"{before}user:\nhi")
    assert template.create_messages(x=" \n ", y="\t") == [{"role": "user", "content": "hi"}]
