# Every target makes its own environment in .venv; all it needs is Python >= 3.11.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test spark check docs bench pages screens mutants dist installed clean

demo: $(VENV)/.installed  ## the two stories, scored and decided
	@$(BIN)/okrcore demo

test: $(VENV)/.test  ## all tests and all examples in the docs
	$(BIN)/python -m pytest -q -n auto --dist loadgroup

spark: $(VENV)/.spark  ## adds Spark, which needs Java, to the engines under test

check: $(VENV)/.check  ## format, lint, types, import floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.docs  ## the site of the docs, in build/site; warnings and links that lead nowhere are errors
	$(BIN)/python -m tools.links
	$(BIN)/sphinx-build -q -W --keep-going -b html -d build/doctrees docs build/site

bench: $(VENV)/.bench  ## ratios against peers, in one run
	@for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

pages: $(VENV)/.test  ## stubs, and the pages of names, keys, mappings, dialects and governance rules, and how often each fires
	$(BIN)/python tools/write_stubs.py
	$(BIN)/python -m tools.write_names
	$(BIN)/python -m tools.write_judgements
	$(BIN)/python -m tools.write_dialects
	$(BIN)/python -m tools.write_document_keys
	$(BIN)/python -m tools.write_mapping_keys
	$(BIN)/python tools/write_rules.py
	$(BIN)/python -m tools.rules_on_real_data

screens: $(VENV)/.test  ## pictures of reports and notebook outputs, in build/screens; needs a Chromium
	$(BIN)/python -m tools.screens

mutants: $(VENV)/.test  ## each governance rule without its body: does a test turn red?
	$(BIN)/python tools/mutate_rules.py

dist: $(VENV)/.release  ## wheel, sdist and bill of materials, in dist
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(BIN)/python -m uv venv -q --clear build/shipped
	$(BIN)/python -m uv pip install -q -p build/shipped dist/*.whl
	$(BIN)/cyclonedx-py environment build/shipped --output-reproducible -o dist/okrcore.cdx.json

installed: dist  ## tests against the installed wheel, lowest and newest versions, and of each extra alone
	$(BIN)/python -m tools.try_wheel
	$(BIN)/python -m tools.try_wheel --extras

clean:
	rm -rf $(VENV)

$(VENV)/.installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; install it, or run: make PYTHON=/path/to/python $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade "pip>=25.1"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.installed
	@$(PIP) --group test --group engines
	@touch $@

$(VENV)/.spark: $(VENV)/.test
	@$(PIP) --group spark
	@touch $@

$(VENV)/.check: $(VENV)/.test
	@$(PIP) --group check
	@touch $@

$(VENV)/.docs: $(VENV)/.installed
	@$(PIP) --group docs
	@touch $@

$(VENV)/.release: $(VENV)/.installed
	@$(PIP) --group release
	@touch $@

$(VENV)/.bench: $(VENV)/.installed
	@$(PIP) --group bench
	@touch $@
