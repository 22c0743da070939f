# Two commands on a fresh machine: make demo, make test. Nothing but Python 3.11+ is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests run beside each other; worker tests and browser tests one at a time. BROWSERS=2 plays two files of the latter at
# once, each with a county of its own: two thirds of the time, on a machine with cores to spare.
PARALLEL ?= auto
BROWSERS ?= 0
# Each worker and each command that a test runs would compile the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo run shell test one test-services lint lint-js test-js hooks mutants bench torture vendor lock clean

$(VENV)/.run: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 以上：make demo PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "缺少 venv 模块：Debian/Ubuntu 请先安装 python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run
	@$(BIN)/python manage.py demo $(ARGS)

# For work on the code: the demo's data with Django's error pages, the debug toolbar and the reloader. Background work
# is done within the page that asks for it, and nothing goes by the clock; `FANGPIN_DEBUG=1 make demo` has both.
run: $(VENV)/.dev
	@$(BIN)/python manage.py demo --no-server
	FANGPIN_DEBUG=1 FANGPIN_EAGER=1 $(BIN)/python manage.py runserver $(ARGS)

# Python with all models, on the demo's data.
shell: $(VENV)/.dev
	@$(BIN)/python manage.py shell $(ARGS)

# make one T=tests/common/test_jobs.py::test_job_runs_once
one: $(VENV)/.dev
	@test -n "$(T)" || { echo "make one T=tests/common/test_jobs.py"; exit 1; }
	$(BIN)/python -m pytest -n 0 -x "$(T)" $(ARGS)

# Needs no service. DATABASE_URL in the environment runs the same tests against PostgreSQL.
test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(PARALLEL) --dist worksteal -m "not browser and not worker" $(ARGS)

# Needs PostgreSQL, Redis and Chromium: DATABASE_URL, REDIS_URL, CHROMIUM.
# What can't differ between the databases (tests/where.py) has been played by `make test`.
test-services: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(PARALLEL) --dist worksteal -m "not browser and not worker and not once" $(ARGS)
	$(BIN)/python -m pytest -m "worker" $(ARGS)
	DJANGO_ALLOW_ASYNC_UNSAFE=true $(BIN)/python -m pytest -n $(BROWSERS) --dist loadfile -m "browser" $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	FANGPIN_VAR=$$(mktemp -d) $(BIN)/python manage.py makemigrations --check --dry-run

# The scripts: biome's rules and layout, then the phone's outbox and vault with Node's own runner. Both need Node and npm.
lint-js: node_modules/.installed
	node_modules/.bin/biome ci --error-on-warnings

test-js: node_modules/.installed
	node --test tests/js/*.test.js

node_modules/.installed: package.json
	npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

# ruff before each commit, by .pre-commit-config.yaml.
hooks: $(VENV)/.dev
	$(BIN)/pre-commit install

# Mutants of the rules (docs/mutants.md): most of an hour on one core. What has not changed since the last run is not
# tested again. CHILDREN=4 tests four at once.
CHILDREN ?= 1
MUTATED := 'fangpin.*' 'households.*' 'screening.*' 'measures.*' 'funding.rules.*' 'funding.ledger.x_figures*' \
  'funding.ledger.x_differences*'
mutants: $(VENV)/.dev
	nice $(BIN)/mutmut run --max-children $(CHILDREN) $(MUTATED)
	$(BIN)/python tools/mutants.py

# Prints ratios measured in one run; needs PostgreSQL in DATABASE_URL. It is no test and fails nothing.
bench: $(VENV)/.dev
	$(BIN)/python -m bench $(ARGS)

# The same at full size: needs PostgreSQL and Redis, and its time.
torture: $(VENV)/.dev
	FANGPIN_LEDGER=20000 FANGPIN_ENTRIES=5000 $(BIN)/python -m pytest -s tests/funding/test_ledger_torture.py tests/handheld/test_torture.py
	FANGPIN_TORTURE_KILLS=200 $(BIN)/python -m pytest -m worker tests/worker/test_torture.py

vendor:
	$(PYTHON) tools/vendor.py

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) node_modules var staticfiles .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis mutants
