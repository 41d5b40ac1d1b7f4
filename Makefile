# mirrorc: `make help` lists the targets.
#
# All targets use a virtual environment in $(VENV), which is created on first use with $(PYTHON).

PYTHON ?= python3
VENV ?= .venv
OUT ?= rendered/north
RELEASE ?= 5.0
PYTEST_ARGS ?=
FUZZ_SECONDS ?= 60
FUZZ_ARGS ?=

python := $(VENV)/bin/python
installed := $(VENV)/.installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help example test test-here test-elsewhere coverage search fuzz lint format build release bench accept clean

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

example: $(installed) ## Compile the example repo for its cluster `north`, into $(OUT)
	$(VENV)/bin/mirrorc build fixtures/gitops-repo/base fixtures/gitops-repo/clusters/north -o $(OUT) --release $(RELEASE)

test: test-here test-elsewhere ## Run the tests under every Python that is here (PYTEST_ARGS="-k name" for some of them)

test-here: $(installed) ## Run the tests under $(PYTHON) alone
	$(python) -m pytest -n auto --dist loadgroup $(PYTEST_ARGS)

test-elsewhere: $(installed) ## Run the tests under the other Pythons, and with the lowest dependencies
	$(python) -m tests.everywhere $(PYTEST_ARGS)

coverage: $(installed) ## Run the tests and say which lines and branches none of them reaches
	$(python) -m pytest -n auto --dist loadgroup --cov --cov-report=term-missing $(PYTEST_ARGS)

search: $(installed) ## Run the property tests on thousands of new examples
	HYPOTHESIS_PROFILE=search $(python) -m pytest -n auto --dist loadgroup $(PYTEST_ARGS)

fuzz: $(installed) ## Run commands on inputs changed at random for FUZZ_SECONDS (FUZZ_ARGS="--seed 1 manifests"); keep what they do not survive
	$(python) -m fuzz.run --seconds $(FUZZ_SECONDS) $(FUZZ_ARGS)

lint: $(installed) ## Check format, style, types and the layers of the house
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	$(VENV)/bin/lint-imports --no-logo

format: $(installed) ## Format the code and apply automatic fixes
	$(python) -m ruff format .
	$(python) -m ruff check --fix .

build: $(installed) ## Build the wheel and the source distribution, into dist/
	rm -rf dist
	$(python) -m build --outdir dist

release: $(installed) ## Make the release VERSION=X.Y.Z: changelog, version, tag, dist/ and checksums; nothing is pushed
	$(python) .ci/release.py '$(VERSION)'

bench: $(installed) ## Measure time and memory relative to the minimum cost on this machine
	$(python) -m bench.run

accept: $(installed) ## Rewrite the expected output of the tests; review the diff before you commit it
	$(python) -m pytest -q -m golden --accept $(PYTEST_ARGS)

clean: ## Remove what was made here, the virtual environment too
	rm -rf $(VENV) .venv-* dist rendered .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(installed): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("mirrorc needs Python 3.11 or later: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(python) -m pip install --quiet --disable-pip-version-check --editable '.[dev,browser]'
	@touch $@
