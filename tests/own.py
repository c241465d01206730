"""A model and a metric of one's own, each in a file, as the pages show them."""

from pathlib import Path

MODEL = """\
class FirstWords:
    tasks = ("summarize",)

    def __init__(self, words=30):
        self.words = words

    def predict(self, queries):
        print("said on stdout")
        return [" ".join(query.context.split()[: self.words]) for query in queries]
"""
METRIC = """\
class Brevity:
    version = 1
    name = "brevity"

    def score(self, prediction, references):
        return min(1.0, 20 / max(1, len(prediction.split())))
"""


def roster(folder: Path, model: str = MODEL, more: str = "") -> Path:
    """Write a model of one's own and the roster that names it."""
    (folder / "my_model.py").write_text(model, encoding="utf-8")
    path = folder / "models.toml"
    path.write_text(
        f'[mine]\nkind = "python"\nfile = "my_model.py"\nclass = "FirstWords"\n{more}', "utf-8"
    )
    return path


def metric(folder: Path, text: str = METRIC) -> Path:
    """Write a metric of one's own."""
    path = folder / "my_metric.py"
    path.write_text(text, encoding="utf-8")
    return path
