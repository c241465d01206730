"""Where lm-evaluation-harness is, if it is anywhere."""

import os
from pathlib import Path


def python() -> str | None:
    """Return the Python that has it: LM_EVAL_PYTHON, or that of build/lm-eval."""
    made = Path(__file__).parent.parent.parent / "build" / "lm-eval" / "bin" / "python"
    named = os.environ.get("LM_EVAL_PYTHON")
    return named or (str(made) if made.is_file() else None)
