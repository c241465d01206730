from pathlib import Path

import pytest

from harness.models.roster.families import family, kin_cautions
from harness.models.roster.roster import read_judges, read_rosters

ROSTER = """\
[qwen-small]
kind = "causal"
weights = { hub = "Qwen/Qwen2.5-0.5B-Instruct", revision = "7ae557604adf67be50417f59c2c2f167def9a775" }
[bart]
kind = "seq2seq"
weights = { hub = "facebook/bart-large-cnn", revision = "37f520fa929c961707657b28798b30c003dd100b" }
[served]
kind = "endpoint"
url = "http://x/v1"
model = "Qwen/Qwen3-8B"
[lead]
kind = "lead"
[judges.qwen]
kind = "chat"
causal = { weights = { hub = "Qwen/Qwen2.5-0.5B-Instruct", revision = "7ae557604adf67be50417f59c2c2f167def9a775" } }
[judges.other]
kind = "chat"
endpoint = { url = "http://x/v1", model = "mistral-small" }
"""


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(ROSTER, encoding="utf-8")
    return path


def test_a_judge_of_a_model_s_own_weights_or_family_has_a_caution(roster: Path) -> None:
    models, judges = list(read_rosters([roster]).values()), read_judges([roster])
    same, kin = kin_cautions(judges["qwen"], models)
    assert same.startswith("has the weights of qwen-small, whose texts it judges")
    assert kin.startswith("is of the family of served (qwen), whose texts it judges")
    assert kin_cautions(judges["other"], models) == []
    assert [family(entry.model) for entry in models] == ["qwen", "bart", "qwen", None]
