# mirrorc: `make help` lists the targets.
#
# All targets use a virtual environment in $(VENV), which is created on first use with $(PYTHON).

PYTHON ?= python3
VENV ?= .venv
OUT ?= rendered/north
RELEASE ?= 5.0
PYTEST_ARGS ?=

python := $(VENV)/bin/python
installed := $(VENV)/.installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help example test coverage search lint format build bench accept clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

example: $(installed) ## Compile the example repo for its cluster `north`, into $(OUT)
	$(VENV)/bin/mirrorc build fixtures/gitops-repo/base fixtures/gitops-repo/clusters/north -o $(OUT) --release $(RELEASE)

test: $(installed) ## Run the tests (PYTEST_ARGS="-k name" for some of them)
	$(python) -m pytest -n auto --dist loadgroup $(PYTEST_ARGS)

coverage: $(installed) ## Run the tests and report lines and branches without coverage
	$(python) -m pytest -n auto --dist loadgroup --cov --cov-report=term-missing $(PYTEST_ARGS)

search: $(installed) ## Run the property tests on thousands of new examples
	HYPOTHESIS_PROFILE=search $(python) -m pytest -n auto --dist loadgroup $(PYTEST_ARGS)

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

bench: $(installed) ## Measure time and memory relative to the minimum cost on this machine
	$(python) -m bench.run

accept: $(installed) ## Rewrite the expected output of the tests; review the diff before you commit it
	$(python) -m pytest -q -m golden --accept $(PYTEST_ARGS)

clean: ## Remove all generated files and the virtual environment
	rm -rf $(VENV) dist rendered .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(installed): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("mirrorc needs Python 3.11 or later: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(python) -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
