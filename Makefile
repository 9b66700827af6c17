# Everything a developer does here. `make help` prints the list.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
PY := $(BIN)/python
STAMP := .venv/installed-$(shell cksum requirements-dev.lock | cut -d' ' -f1)
UV_COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url --no-header
TEST = $(PY) -m pytest -q -n 3 --dist worksteal $(args)
args ?=

# Each process that a test or `make run` starts would compile the whole of it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run worker test test-core test-row-security test-unplanned test-twice test-backwards plans check lint types contracts drift check-long audit bench lock migration schema docs

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-18s %s\n' "$$name" "$$text"; done

setup: $(STAMP) ## make .venv with exactly what requirements-dev.lock names

$(STAMP): requirements-dev.lock
	@test -n "$(PYTHON)" || { echo "setup: Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "setup: $(PYTHON) is older than 3.11"; exit 1; }
	test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements-dev.lock
	@rm -f .venv/installed-* && touch $@

run: setup ## start everything: servers, migrations, sample data, API and worker (Ctrl-C ends it)
	@exec $(PY) cli.py dev

worker: setup ## start one more worker beside make run (or against DATABASE_URL and REDIS_URL)
	@if test -f .run/env; then . ./.run/env; fi; exec $(PY) cli.py worker

test: setup ## the default suite (args='-k name' to choose)
	$(TEST)

test-core: setup ## the suite with graphql-core executing everything
	COSELL_TEST_EXECUTOR=core $(TEST)

test-row-security: setup ## the suite with every read in a transaction under row-level security
	COSELL_TEST_READS=row-security $(TEST)

test-unplanned: setup ## the suite with no page planned and rows read by the ORM
	COSELL_TEST_PLANNED=off $(TEST)

test-twice: setup ## the suite with every query compared with graphql-core's answer from the ORM's rows
	COSELL_TEST_TWICE=on $(TEST)

test-backwards: setup ## the suite with rows turned round wherever a statement asks for no order
	COSELL_TEST_ROWS=backwards $(TEST)

plans: setup ## write the plans of the golden documents again (tests/contracts/golden_plans)
	COSELL_WRITE_PLANS=1 $(PY) -m pytest -q tests/contracts/test_golden_plans.py

check: lint types contracts drift test ## everything that must hold before a commit lands

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy .

contracts: setup
	@$(BIN)/lint-imports --no-cache

drift: setup
	$(PY) -m scripts.check_migrations
	$(PY) -m scripts.pages --check

check-long: setup ## the long suite: races at 200, faults, stateful runs
	$(PY) -m pytest -q -n 2 --dist worksteal -m long $(args) || test $$? -eq 5

audit: setup ## the official GraphQL-over-HTTP audits, where Node.js is present
	@$(PY) -m scripts.audit $(args)

bench: setup ## the product beside its peers (args='--only Q2,Q4 --servers product,limit_rows --rounds 1')
	@$(PY) -m benchmarks.side_by_side $(args)

lock: setup ## compile both locks again from pyproject.toml (args=--upgrade for newer versions)
	$(UV_COMPILE) $(args) -o requirements.lock
	$(UV_COMPILE) $(args) --extra dev -o requirements-dev.lock

migration: setup ## write the next migration: make migration name='what it does'
	@test -n "$(name)" || { echo "say what it does: make migration name='add the customers table'"; exit 1; }
	@$(PY) -m scripts.make_migration "$(name)"

schema: setup ## write schema.graphql again
	@$(PY) -m scripts.pages schema.graphql

docs: setup ## write every generated page again
	@$(PY) -m scripts.pages
