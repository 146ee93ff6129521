# Two commands do everything: `make demo` and `make test`. Each makes the virtual environment on its first run
# (with uv where it is there, else with pip) and starts its job in seconds afterwards.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8080
UV     := $(shell command -v uv 2>/dev/null)

# "sync" installs a hashed lock and this project itself, without asking for anything that is not in the lock.
ifdef UV
sync = $(UV) pip install -q --python $(BIN)/python --require-hashes -r $(1) && \
       $(UV) pip install -q --python $(BIN)/python --no-deps -e .
else
sync = $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1) && \
       $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
endif

# Processes that run tests: one more than there are cores, since tests also wait for sockets and databases.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

# What decides every chance that `faults` and `fuzz` take; they print it, and SEED=… replays a run.
ifndef SEED
SEED := $(shell date +%s)
endif

.PHONY: demo test check audit bench pictures faults fuzz format lock clean help

help:            ## what can be made here
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: $(VENV)/.runtime         ## play a whole quarter in the browser (PORT=8080)
	@$(BIN)/quarterdeck demo --port $(PORT) $(DEMO)

test: $(VENV)/.dev             ## all tests
	@$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

check: $(VENV)/.dev            ## format, lint, types, the import contracts and the locked packages
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python .ci/audit.py

audit: $(VENV)/.dev            ## ask the package index and the database of vulnerabilities about every locked package
	@$(BIN)/python .ci/audit.py --online

bench: $(VENV)/.dev            ## a campaign in simulated time (OWNERS="100 1000"), reports of whole companies (PROJECTS="10 100")
	@$(BIN)/python -m tests.bench.campaign $(OWNERS)
	@$(BIN)/python -m tests.bench.compiling $(PROJECTS)
	@$(BIN)/python -m tests.bench.acks
	@$(BIN)/python -m tests.bench.starting

pictures: $(VENV)/.dev         ## take the pictures in docs/ anew from the demo's page (needs Chromium)
	@$(BIN)/python -m tests.pictures

faults: $(VENV)/.dev           ## the long form of kills, replicas, failing calls and lost databases (SEED=… replays a run)
	@echo "seed $(SEED)"
	@FAULTS=long SEED=$(SEED) $(BIN)/python -m pytest -n auto tests/faults tests/flow/test_deliver_killed.py

fuzz: $(VENV)/.dev             ## every payload, file and number that the bot reads (FUZZ=20 times as many examples as in test)
	@echo "seed $(SEED)"
	@FUZZ=$(or $(FUZZ),20) $(BIN)/python -m pytest -n auto --timeout 7200 --hypothesis-seed=$(SEED) \
		tests/faults/test_fuzz_payloads.py tests/intake/test_intake_fuzz.py tests/trackers/test_trackers_fuzz.py tests/test_locales.py

format: $(VENV)/.dev           ## write the format that check expects
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

lock:                          ## resolve the dependencies again (needs uv)
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --all-extras -o deploy/requirements.lock
	uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --all-extras -o deploy/requirements-dev.lock

clean:                         ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Quarterdeck needs Python 3.11 or newer; try make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml deploy/requirements.lock | $(BIN)/python
	@echo "Installing Quarterdeck into $(VENV) (first run only) …"
	@$(call sync,deploy/requirements.lock)
	@touch $@

$(VENV)/.dev: pyproject.toml deploy/requirements-dev.lock | $(BIN)/python
	@echo "Installing Quarterdeck and its development tools into $(VENV) (first run only) …"
	@$(call sync,deploy/requirements-dev.lock)
	@touch $@ $(VENV)/.runtime
