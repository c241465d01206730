"""How long a number may be, as it is written."""

# As Python has it for a text that becomes an integer; ijson's part in C breaks down above it.
MOST_DIGITS = 4300


def parser_told(error: Exception) -> str:
    """Return what a parser says is wrong, on a line.

    Of a number that is too long Python advises programmers to allow it.
    """
    text = " ".join(str(error).split())
    if "set_int_max_str_digits" in text:
        return f"it holds a number of more than {MOST_DIGITS} digits"
    return text
