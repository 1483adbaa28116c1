import textwrap


def remove_leading_empty_space(multiline_str: str) -> str:
    """Take away the indentation that all lines share, and the empty lines around the text."""
    lines = multiline_str.splitlines()
    dedented = textwrap.dedent("\n".join(lines)).split("\n")
    # Lines of blanks keep what they have beyond the indentation; textwrap empties them.
    shared = max(
        (len(line) - len(rest) for line, rest in zip(lines, dedented, strict=False) if line.strip()), default=0
    )
    return "\n".join(line[shared:] for line in lines).strip("\n")
