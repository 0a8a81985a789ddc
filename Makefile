# All that a machine needs: make, and python3 (3.11 or newer) with its venv module.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FUZZ_MINUTES ?= 30

.PHONY: help install demo test check lock replay kill kill-mail soak fuzz bench words clean

help:            ## say what there is
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: $(VENV)/.run  ## the whole chain on invented news, in under a minute
	$(BIN)/python run_monitor.py demo

install: $(VENV)/.run  ## the environment, and nothing else

test: $(VENV)/.dev  ## every test
	$(BIN)/pytest -q

check: $(VENV)/.dev  ## lint, types, import contract, sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

replay: $(VENV)/.dev  ## play every recorded poll sequence (needs ../shared/data)
	$(BIN)/python -m tests.replay --set all

kill: $(VENV)/.dev  ## kill -9 at random moments, in polls, sends and edits
	$(BIN)/pytest -q -m kill -s tests/kill

kill-mail: $(VENV)/.dev  ## kill -9 while a server that refuses, drops and hangs takes 1,000 digests: half an hour
	$(BIN)/pytest -q -m kill_mail -s tests/kill

soak: $(VENV)/.dev  ## half an hour of polls (SOAK_MINUTES) of feeds that often fail: memory, descriptors, losses
	$(BIN)/pytest -q -m soak -s tests/soak

fuzz: $(VENV)/.fuzz  ## half an hour of fuzzing (FUZZ_MINUTES) over parsing, dates, addresses, lists and pages
	$(BIN)/python -m tests.fuzz --minutes $(FUZZ_MINUTES)

bench: $(VENV)/.bench  ## every benchmark, with its peers
	for name in forms match rules parse poll scale store past mail quality_match; do $(BIN)/python -m benchmarks.$$name || exit 1; done

lock: $(VENV)/.dev  ## resolve the dependencies anew
	$(BIN)/pip install --quiet --upgrade uv
	for extra in "" "-dev --extra dev" "-bench --extra dev --extra bench"; do set -- $$extra; name=requirements$$1.lock; [ $$# -gt 0 ] && shift; \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --upgrade "$$@" pyproject.toml --output-file $$name; done

words: $(VENV)/.dev  ## collect the texts that readers see into templates/locale, for translation
	$(BIN)/pybabel -q extract -F pyproject.toml -k say -k count:1,2 --sort-output --add-location=file --project="Ukraine monitor" \
	  -o var/words.pot .
	for file in templates/locale/*.po; do $(BIN)/pybabel -q update -i var/words.pot -o $$file -l $$(basename $$file .po) \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date || exit 1; done

clean:           ## remove what make made
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.run: requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

$(VENV)/.dev: requirements-dev.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@ $(VENV)/.run

$(VENV)/.bench: requirements-bench.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	touch $@ $(VENV)/.dev $(VENV)/.run

$(VENV)/.fuzz: $(VENV)/.dev
	$(BIN)/pip install --quiet --disable-pip-version-check "$$($(BIN)/python -c 'import tomllib; \
	  print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["fuzz"])')"
	touch $@
