from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import DataError, UsageError
from harness.files import shipped_path
from harness.models import KINDS, model_class
from harness.models.checkpoint.weights import FolderWeights, HubWeights
from harness.models.generative.causal import Causal
from harness.models.generative.seq2seq import Seq2Seq
from harness.models.model import Model
from harness.models.roster.roster import choose, read_rosters

ROSTERS = [shipped_path("models.toml"), shipped_path("models-hub.toml")]


def _read(tmp_path: Path, text: str) -> object:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return read_rosters([path])


def test_the_shipped_rosters_are_sound_and_every_kind_exists() -> None:
    entries = read_rosters(ROSTERS)
    assert {"lead-3", "random-3", "lexrank", "best-sentence", "minilm-lexrank", "smollm2-135m"} <= {
        *entries
    }
    # An endpoint is somebody's own server, and a file somebody's own: none can ship.
    assert {entry.kind for entry in entries.values()} == {*KINDS} - {"endpoint", "python"}
    for entry in read_rosters(ROSTERS[1:]).values():
        assert isinstance(entry.model.checkpoint, HubWeights), entry.name
        assert entry.licence, entry.name
        assert "from the Hugging Face Hub" in str(entry.model.network)


def test_a_hub_model_is_four_lines(tmp_path: Path) -> None:
    revision = "0" * 40
    path = tmp_path / "mine.toml"
    path.write_text(
        '[t5]\nkind = "seq2seq"\nprefix = "summarize: "\n'
        f'weights = {{ hub = "google-t5/t5-small", revision = "{revision}" }}\n',
        encoding="utf-8",
    )
    entry = read_rosters([path])["t5"]
    assert entry.tasks == ("summarize",)
    assert isinstance(entry.model, Seq2Seq)
    assert entry.model.identity("summarize")["weights"] == {
        "hub": "google-t5/t5-small",
        "revision": revision,
    }


def test_who_looks_for_a_prompt_s_key_is_told_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="max_new_tokens: unknown key of this kind; what is prompted"
    ):
        _read(tmp_path, '[m]\nkind = "causal"\nmax_new_tokens = 9\n')


@pytest.mark.parametrize("name", KINDS)
def test_unknown_keys_are_refused_by_every_kind(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"mine\.toml:3: m\.colour: unknown key; there are kind, "):
        _read(tmp_path, f'[m]\nkind = "{name}"\ncolour = 7\n')
    fields = model_class(name).model_fields.items()
    for key in [*(field.alias or key for key, field in fields), "licence"]:
        with pytest.raises(DataError, match=rf"m\.{key}x: unknown key; did you mean .*{key}"):
            _read(tmp_path, f'[m]\nkind = "{name}"\n{key}x = 1\n')


@pytest.mark.parametrize("name", KINDS)
def test_code_from_a_checkpoint_is_never_run_whatever_the_roster_says(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(DataError, match=r"m\.trust_remote_code: code from a checkpoint is never"):
        _read(tmp_path, f'[m]\nkind = "{name}"\ntrust_remote_code = true\n')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the roster names no model"),
        ("x = 1", r"x: must be a table; write \[x\]"),
        # TOML 1.0, keys: "Dotted keys are a sequence of bare or quoted keys joined with a dot".
        (
            '[qwen2.5-0.5b]\nkind = "lead"',
            r'qwen2\.5-0\.5b: is a table in a table, .* write \["qwen2\.5-0\.5b"\]',
        ),
        (
            '[a]\nkind = "lead"\n[a.v2]\nkind = "lead"',
            r'a\.v2: is a table in a table, .* write \["a\.v2"\]',
        ),
        (
            '[t5.1]\nweights = { folder = "a" }',
            r't5\.1: is a table in a table, .* write \["t5\.1"\]',
        ),
        ("[my model]", r"not valid TOML: .*; a name with a space or a dot is in quotes"),
        ('[m]\nkind = "bart"', r"m\.kind: there is no kind 'bart'; did you mean seq2seq\?"),
        ('[m]\nkind = "OpenAI"', r"m\.kind: there is no kind 'OpenAI'; did you mean endpoint\?"),
        ("[m]", r'm\.kind: is missing; add something like  kind = "seq2seq"'),
        ('[m]\nkind = "leed"', r"m\.kind: there is no kind 'leed'; did you mean lead\?"),
        (
            '[m]\nkind = "lead"\nsentences = 0',
            r"mine\.toml:3: m\.sentences: must be 1 or more, not 0$",
        ),
        ('[m]\nkind = "lead"\ntasks = ["answer"]', r"m\.tasks: must be a list .*: summarize"),
        (
            '[m]\nkind = "seq2seq"\nbeams = true\nweights = { folder = "x" }',
            r"m\.beams: must be a number, not true",  # which would be 1
        ),
        ('[m]\nkind = "lead"\nlicence = 1', r"m\.licence: must be a text in quotes, not 1"),
        (
            '[m]\nkind = "causal"',
            r'm\.weights: is missing; add something like  weights = { hub = "facebook/bart-large-cnn", ',
        ),
        ('[m]\nkind = "causal"\nweights = "gpt2"', r"m\.weights: needs one of the keys"),
        (
            '[m]\nkind = "causal"\nweights = { hub = "a/b", revison = "0000000" }',
            r"m\.weights\.revison: unknown key; did you mean revision\?",
        ),
        (
            '[m]\nkind = "causal"\nweights = { hub = "a/b", revision = "main" }',
            r'm\.weights\.revision: must be a commit; "main" is none and can move; pin it: '
            r"harness models --roster FILE --pin$",
        ),
        (
            '[m]\nkind = "causal"\nweights = { pakage = "a", version = "1", file = "f", sha256 = "'
            + "0" * 64
            + '" }',
            r"m\.weights\.pakage: unknown key; did you mean package\?$",
        ),
        (
            '[m]\nkind = "causal"\nweights = { hub = "a/b" }',
            r'm\.weights\.revision: is missing; add something like  revision = "37f520fa.*"  '
            r"or let `harness models --roster FILE --pin` write it$",
        ),
        (
            '[m]\nkind = "causal"\nweights = { folder = "x" }\nprompts = { answer = "answer-spam" }',
            r"m\.prompts\.answer: there is no prompt 'answer-spam'; did you mean answer-span",
        ),
        (
            '[m]\nkind = "causal"\nweights = { folder = "x" }\nprompts = { chat = "answer-span" }',
            r"m\.prompts\.chat: unknown key; there are summarize, answer",
        ),
        (
            '[m]\nkind = "causal"\nweights = { folder = "x" }\n'
            'prompts = { summarize = "answer-span" }',
            r"m\.prompts: the prompt 'answer-span' is one to answer, not to summarize",
        ),
    ],
)
def test_a_wrong_roster_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        _read(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_prompts_beside_the_roster_come_before_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "answer-span.toml").write_text(
        'name = "answer-span"\nversion = 7\ntask = "answer"\nmax_new_tokens = 4\n'
        'user = "{question} {article}"\n',
        encoding="utf-8",
    )
    path = tmp_path / "mine.toml"
    path.write_text('[m]\nkind = "causal"\nweights = { folder = "x" }\n', encoding="utf-8")
    model = read_rosters([path])["m"].model
    assert isinstance(model, Causal)
    assert model.prompts["answer"].version == 7
    assert model.prompts["summarize"].name == "summarize-brief"
    assert isinstance(model.weights, FolderWeights)
    assert model.weights.folder == tmp_path / "x"


def test_two_rosters_join_and_may_not_share_a_name(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text('[a]\nkind = "lead"\n', encoding="utf-8")
    two.write_text('[b]\nkind = "lead"\nsentences = 1\n', encoding="utf-8")
    assert list(read_rosters([one, two])) == ["a", "b"]
    with pytest.raises(DataError, match=r"one\.toml: a: another roster has this name"):
        read_rosters([one, one])
    with pytest.raises(
        DataError, match=r"three\.toml: there is no such roster; --roster takes a TOML file"
    ):
        read_rosters([tmp_path / "three.toml"])


def test_choosing_models() -> None:
    entries = read_rosters(ROSTERS[:1])
    assert [e.name for e in choose(entries, ["lexrank", "lead-3"])] == ["lead-3", "lexrank"]
    assert len(choose(entries, None)) == len(entries)
    with pytest.raises(UsageError, match=r"no model 'lexrnk'; did you mean lexrank"):
        choose(entries, ["lead-3", "lexrnk"])


def test_identities_differ_by_every_option(make_model: Callable[[str], Model]) -> None:
    """A key that can change an output and is not in the identity would serve a wrong cache."""
    options = {
        "lead": ["", "sentences = 2"],
        "random": ["", "sentences = 2", "seed = 1"],
        "lexrank": ["", "sentences = 2", "threshold = 0.2", "damping = 0.5"],
        "best-sentence": [""],
        "no-answer": [""],
    }
    identities = []
    for name, variants in options.items():
        for variant in variants:
            model = make_model(f'kind = "{name}"\n{variant}')
            identities.append(str(sorted(model.identity(model.tasks[0]).items())))
    assert len(set(identities)) == len(identities)


def test_all_mistakes_of_all_rosters_and_of_their_prompts_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    prompt = tmp_path / "prompts" / "mine.toml"
    prompt.write_text(
        'name = "mine"\nversion = 1\ntask = "answer"\nmax_new_tokens = 4\nuser = "{article}"\n'
    )
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text(
        '[a]\nknd = "lead"\n'
        '[b]\nkind = "causal"\nweights = { hub = "x", revison = "main" }\nlicens = "MIT"\n'
        'prompts = { answr = "answer-span", answer = "mine" }\n'
    )
    two.write_text('x = 1\n[c]\nkind = "lead"\ntasks = ["answer"]\n[d]\nkind = "lead"\nseed = 1\n')
    with pytest.raises(DataError) as caught:
        read_rosters([one, two, tmp_path / "three.toml"])
    told = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    assert told[0] == "10 problems in 4 files"
    assert [line.removeprefix("  ") for line in told[1:]] == [
        "one.toml:2: a.knd: unknown key; did you mean kind?",
        "one.toml:5: b.weights.revison: unknown key; did you mean revision?",
        "one.toml:5: b.weights.hub: must be OWNER/NAME, as the Hub shows it, such as "
        'facebook/bart-large-cnn, not "x"',
        "one.toml:6: b.licens: unknown key; did you mean licence?",
        "one.toml:7: b.prompts.answr: unknown key; did you mean answer?",
        "prompts/mine.toml:5: user: the placeholder {question} is missing; the model must see it",
        "two.toml:1: x: must be a table; write [x] and its keys below",
        "two.toml:4: c.tasks: must be a list of what this model can do: summarize",
        "two.toml:7: d.seed: unknown key; there are kind, tasks, licence, trained_on, resources, sentences",
        "three.toml: there is no such roster; --roster takes a TOML file, or shipped or "
        "shipped:hub",
    ]


@pytest.mark.parametrize("value", ["true", "false"])
def test_a_truth_is_no_number(tmp_path: Path, value: str) -> None:
    """Python takes true for 1: a model would say one sentence."""
    roster = tmp_path / "r.toml"
    roster.write_text(f'[a]\nkind = "lead"\nsentences = {value}\n', encoding="utf-8")
    with pytest.raises(DataError, match=f"a.sentences: must be a number, not {value}"):
        read_rosters([str(roster)])


def test_resources_are_read_and_are_no_part_of_the_key(tmp_path: Path) -> None:
    """A gigabyte is 10^9 bytes, a gibibyte 2^30 (IEC 80000-13)."""
    path = tmp_path / "models.toml"
    path.write_text(
        '[a]\nkind = "lead"\n[b]\nkind = "lead"\n'
        '[b.resources]\ncpus = 2\ngpus = 0.5\nmemory = "1.5 GiB"\n'
        '[c]\nkind = "lead"\nresources = { memory = "8GB" }\n',
        encoding="utf-8",
    )
    a, b, c = read_rosters([path]).values()
    assert a.resources is None
    assert b.resources is not None
    assert (b.resources.cpus, b.resources.gpus, b.resources.memory) == (2, 0.5, 1_610_612_736)
    assert c.resources is not None
    assert c.resources.memory == 8_000_000_000
    assert a.model.identity("summarize") == b.model.identity("summarize")


def test_resources_that_cannot_be_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text('[a]\nkind = "lead"\nresources = { memory = "much" }\n', encoding="utf-8")
    with pytest.raises(DataError, match=r'a\.resources\.memory: must be a size such as "8 GB"'):
        read_rosters([path])
