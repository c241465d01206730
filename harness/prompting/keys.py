"""The keys of a prompt's file, told from the code."""

from harness.prompting.prompt_file import FewShotKeys, PromptKeys
from harness.validation.key_formats import keys_markdown
from harness.validation.key_tables import KeyTable, key_table


def prompt_tables() -> list[KeyTable]:
    """Return the tables of a prompt's file."""
    return [
        key_table("A prompt: prompts/NAME.toml", PromptKeys),
        key_table("A [[few_shot]] of a prompt", FewShotKeys),
    ]


def prompt_markdown() -> str:
    """Return them as Markdown: a heading and a table each."""
    return keys_markdown(prompt_tables())
