"""What people type that the command line does not have, and what was probably meant."""

# What people type for a verb of another name.
OTHER_WORDS = {
    "run": "`harness eval` runs models",
    "predict": "`harness eval` runs models",
    "rouge": "`harness score` scores outputs that you have",
    "serve": "`harness view` serves the page of a run",
    "list": "`harness models` lists models, `harness articles` the suite's articles",
    "diff": "`harness compare` compares two runs",
}
_RUN_ITSELF = "name the run itself, without a flag"
# Spellings that a verb does not have, with what it has in their place.
OTHER_FLAGS = {
    ("compare", "--baseline"): "name the run that came before first: compare BASE RUN",
    ("report", "--compare"): "name the run that came before with --baseline BASE",
    ("eval", "--data"): "--suite data:FILE runs a data set",
    ("eval", "--dataset"): "--suite data:FILE runs a data set",
    ("eval", "--metrics"): "all metrics of a task are computed; --with NAMES adds further ones",
    ("score", "--baseline"): "name it in --predictions too: every two systems are compared",
    ("gate", "--models"): "every row of both runs is judged",
    **{
        (verb, flag): _RUN_ITSELF
        for verb in ("compare", "gate", "verify", "show", "report", "view", "plan")
        for flag in ("--run", "--head")
    },
    **{
        (verb, "--out"): f"{_RUN_ITSELF}; nothing is written"
        for verb in ("compare", "gate", "verify", "show", "view", "plan")
    },
}

# What a word that stands alone was probably meant for.
NAMED_BY = {
    "--suite": "--suite names a suite",
    "--models": "--models names models",
    "--model": "--model names a model",
    "--roster": "--roster a roster",
    "--baseline": "--baseline the run before",
    "--references": "--references names what is right",
    "--predictions": "--predictions what is scored",
    "--out": "--out where to write",
}
