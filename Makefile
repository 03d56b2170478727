# Everything one does with this project. "make" alone lists it.

VENV ?= .venv
# Which Pythons to try, best first; PYTHON=/path/to/python takes yours.
PYTHON ?= python3.13 python3.12 python3.11 python3.14 python3
# How many processes share the tests, and what else to tell pytest or manage.py: make test ARGS="-k promise".
WORKERS ?= 2
ARGS ?=
# Databases and brokers that "make test-services" brings together.
PAIRS ?= postgres+redis postgres+rabbitmq mariadb+redis mariadb+rabbitmq
# Tests that never ask a database or broker of the settings, so that "make test-services" would only repeat them.
NO_SERVICES := tests/test_architecture.py tests/test_packaging.py tests/test_demo.py tests/test_docs.py tests/test_charts.py tests/backtest \
	tests/shipping/engine tests/shipping/test_quote_benchmark.py \
	$(wildcard $(patsubst %,tests/messaging/test_%.py,hostile texts translating layout own_layout segments script linting facts linked calendar \
	markdown mime plain quick localise rendering words))
# What "make chaos" plays: database and broker ("none": workers without Celery), facts, faults, and the seed of their order.
CHAOS_PAIRS ?= postgres+redis postgres+rabbitmq sqlite+none
CHAOS_EVENTS ?= 10000
CHAOS_FAULTS ?= 50
CHAOS_SEED ?= 1

PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet install
PYTEST := $(PY) -m pytest -n $(WORKERS)

# A stamp in the virtualenv holds the checksum of what was installed, not a time: another checkout that shares the virtualenv (by a link or
# by VENV=) has the same requirements with other times, and must not install them again.
sum = $(shell cat $(1) | cksum | tr -d ' ')
stale = $(if $(filter $(2),$(shell cat $(1) 2>/dev/null)),,FORCE)
SUM := $(call sum,requirements.txt setup.cfg pyproject.toml)
SUM_DEV := $(SUM)$(call sum,requirements-dev.txt)
SUM_BENCH := $(SUM_DEV)$(call sum,requirements-bench.txt)

.DEFAULT_GOAL := help
.PHONY: FORCE help demo demo-story test test-browser test-services chaos bench lint matrix clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/.ready ## set everything up and open the example shop
	@$(PY) manage.py demo $(ARGS)

demo-story: $(VENV)/.ready ## the same, and watch an order's whole life pass in minutes
	@$(PY) manage.py demo --story $(ARGS)

test: $(VENV)/.ready ## run the tests on what Python brings along: SQLite, no broker
	@echo "Running the tests on SQLite in $(WORKERS) processes."
	@$(PYTEST) $(ARGS)

test-services: $(VENV)/.ready-dev ## run the tests on PostgreSQL and MariaDB, with Redis and RabbitMQ
	@$(PY) -m tests.services $(subst +, ,$(PAIRS))
	@set -e; for pair in $(PAIRS); do \
		echo "Running the tests on $$pair."; \
		COMMS_TEST_DATABASE=$${pair%+*} COMMS_TEST_BROKER=$${pair#*+} $(PYTEST) -m "not browser" \
			$(NO_SERVICES:%=--ignore=%) $(ARGS); \
	done

test-browser: $(VENV)/.ready-dev ## run the tests that look at the example shop in Chromium
	@echo "Running the tests in Chromium."
	@$(PYTEST) -m browser tests/browser $(ARGS)

chaos: $(VENV)/.ready-dev ## kill, freeze and cut off everything while a shop goes on, and compare the books; half an hour
	@set -e; for pair in $(CHAOS_PAIRS); do \
		$(PY) -m tests.chaos.run --events $(CHAOS_EVENTS) --faults $(CHAOS_FAULTS) --database $${pair%+*} --broker $${pair#*+} \
			--calm 1000 --seed $(CHAOS_SEED) --report docs/reference/chaos.md $(ARGS); \
	done

bench: $(VENV)/.ready-bench ## compare speed and safety with other ways to send; an hour, or make bench ARGS="--messages 1000"
	@$(PY) -m benchmarks.delivery $(ARGS)

lint: $(VENV)/.ready-dev ## check style (ruff), types (mypy) and which module imports which (import-linter)
	@echo "Style:"; $(PY) -m ruff check .
	@echo "Types:"; $(PY) -m mypy
	@echo "Imports:"; $(PY) -c "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"

matrix: $(VENV)/.ready-dev ## run the tests on every Python and Django that the project promises, and on the lowest versions
	@$(PY) -m nox $(ARGS)

clean: ## remove what make made: the virtualenv, caches, builds and the example shop's data
	rm -rf $(VENV) .nox .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage build dist var *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtualenv is made once; a changed requirement brings it up to date, and otherwise it is left alone.
$(VENV)/.ready: $(call stale,$(VENV)/.ready,$(SUM))
	@if ! $(PY) -m pip --version >/dev/null 2>&1; then \
		for python in $(PYTHON) ""; do \
			$${python:-false} -c "import sys, venv, ensurepip, sqlite3; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1 && break; \
		done; \
		if [ -z "$$python" ]; then \
			echo "This needs Python 3.11 or newer with venv and sqlite3; tried: $(PYTHON)."; \
			echo "Install one (Debian: apt install python3 python3-venv), or name yours: make PYTHON=/path/to/python."; \
			exit 1; \
		fi; \
		echo "Making $(VENV) with $$($$python --version)."; \
		$$python -m venv --clear $(VENV); \
	fi
	@echo "Installing what requirements.txt names into $(VENV); once, about half a minute."
	@$(PIP) -r requirements.txt
	@$(PIP) --no-build-isolation --no-deps -e .
	@echo $(SUM) > $@

$(VENV)/.ready-dev: $(call stale,$(VENV)/.ready-dev,$(SUM_DEV)) | $(VENV)/.ready
	@echo "Installing what requirements-dev.txt names into $(VENV); once, about a minute."
	@$(PIP) -r requirements-dev.txt
	@echo $(SUM_DEV) > $@

$(VENV)/.ready-bench: $(call stale,$(VENV)/.ready-bench,$(SUM_BENCH)) | $(VENV)/.ready-dev
	@echo "Installing what requirements-bench.txt names into $(VENV); once, about half a minute."
	@$(PIP) -r requirements-bench.txt
	@echo $(SUM_BENCH) > $@
