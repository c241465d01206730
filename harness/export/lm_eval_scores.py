"""What an exported task calls within lm-evaluation-harness: our scores of a reply."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.errors import DataError
from harness.files import shipped_path
from harness.leaderboard.suite_line import OptionsLine
from harness.metrics.options import MetricOptions, task_metrics
from harness.metrics.scorer import score_text
from harness.models.roster.encoders import with_answer_judge, with_encoder
from harness.prompting.prompts import read_prompt

if TYPE_CHECKING:
    from harness.records import Task


class Scores:
    """Scores the replies of one task, as the run that was exported was scored."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Take what `harness export` wrote; raise DataError for a prompt that has changed since."""
        task: Task = settings["task"]
        chosen = OptionsLine.model_validate(settings["options"]).model_dump()
        further = chosen["further"] and tuple(chosen["further"])
        options = with_answer_judge(with_encoder(MetricOptions(**chosen | {"further": further})))
        self._family = task_metrics(task, options, **settings["more"])
        self._prompt = read_prompt(shipped_path("prompts") / f"{settings['prompt']}.toml")
        if self._prompt.sha256 != settings["prompt_sha256"]:
            raise DataError(f"the prompt {settings['prompt']} has changed; export the run again")

    def __call__(self, doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, float]:
        """Return each metric's score of a reply; a partial one may be left out."""
        text = self._prompt.postprocess(results[0])
        return score_text(self._family, text, doc["references"], doc["article"])
