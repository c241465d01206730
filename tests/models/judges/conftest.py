from collections.abc import Callable
from pathlib import Path

import pytest

from harness.models.model import Model
from harness.models.roster.roster import read_judges


@pytest.fixture
def make_judge(tmp_path: Path) -> Callable[[str], Model]:
    """Make a judge as a user does: from a roster's [judges.NAME], given as TOML."""

    def make(toml: str) -> Model:
        roster = tmp_path / "judges.toml"
        roster.write_text(f"[judges.mine]\n{toml}\n", encoding="utf-8")
        return read_judges([roster])["mine"].model

    return make
