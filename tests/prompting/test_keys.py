from harness.prompting.keys import prompt_markdown, prompt_tables
from harness.prompting.prompt_file import FewShotKeys, PromptKeys


def test_every_key_is_told_with_its_meaning() -> None:
    prompt, few_shot = prompt_tables()
    assert [key.name for key in prompt.keys] == list(PromptKeys.model_fields)
    assert [key.name for key in few_shot.keys] == list(FewShotKeys.model_fields)
    for key in [*prompt.keys, *few_shot.keys]:
        assert key.description.endswith("."), f"{key.name} needs a docstring"
    assert "| `max_new_tokens` | whole number from 1 " in prompt_markdown()
