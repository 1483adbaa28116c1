import textwrap


def remove_leading_empty_space(multiline_str: str) -> str:
    """Take away the indentation that all lines share, and the empty lines around the text."""
    return textwrap.dedent(multiline_str).strip("\n")
