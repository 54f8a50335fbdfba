# Two commands are enough: `make run` and `make test`. Everything they need is installed into
# .venv and frontend/node_modules, and only once: a stamp named after the lock files says so.

SHELL := /bin/bash
VENV := .venv
PYTHON := $(VENV)/bin/python
PORT ?= 8600
N ?= 1000
SEED ?= 1
DJANGO := DJANGO_SETTINGS_MODULE=tests.settings $(PYTHON)
LOCKS := requirements/build.txt requirements/run.txt requirements/test.txt pyproject.toml
LOCKED := $(shell cat $(LOCKS) | cksum | tr ' ' '-')
PYTEST := $(PYTHON) -m pytest

.PHONY: run test story sim kill bench spec tidy pictures dist wheels prepare prepare-tests pages clean

run: prepare pages
	@exec $(VENV)/bin/fengsui up --demo --port $(PORT)

test: prepare-tests
	@make/test

# One promise of tests/stories, by name: make story NAME=wrong_number
story: prepare-tests
	@$(PYTEST) -q tests/stories -k "$(NAME)"

# The seeded simulation, from one integer: make sim SEED=42
sim: prepare-tests
	@$(VENV)/bin/fengsui sim --seed $(SEED)

# Kill -9 of any process, N times, under load.
kill: prepare-tests
	@make/kill-nine $(N)

bench: prepare-tests
	@make/bench

# Writes everything under spec/ and docs/ that is generated; the tests fail when it is stale.
spec: prepare-tests
	@make/spec

# Puts the code into shape and checks the house rules.
tidy: prepare-tests
	@$(VENV)/bin/ruff check --fix . && $(VENV)/bin/ruff format .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-cache
	@$(PYTEST) -q tests/architecture

# The pictures of the real screens in the README, made by the browser journeys.
pictures: prepare-tests pages
	@FENGSUI_PICTURES=docs/pictures $(PYTEST) -q -m journey tests/journeys

# What is handed out: the wheel, and the bundle that installs without a network (dist/).
# make dist ARCH=aarch64 PYTHONS="3.11 3.12 3.13"
ARCH ?= $(shell uname -m)
dist: prepare pages
	@$(PYTHON) -m tools.release bundle --architecture "$(ARCH)" $(if $(PYTHONS),--pythons "$(PYTHONS)")

# docs/wheels.md: that every locked dependency has a wheel for both machines.
wheels: prepare
	@$(PYTHON) -m tools.release wheels

prepare: $(VENV)/.run-$(LOCKED)
prepare-tests: $(VENV)/.test-$(LOCKED)

$(VENV)/.run-$(LOCKED):
	@make/install run && touch $@

$(VENV)/.test-$(LOCKED): $(VENV)/.run-$(LOCKED)
	@make/install test && touch $@

pages:
	@make/pages build

clean:
	rm -rf $(VENV) frontend/node_modules frontend/apps/*/dist frontend/.cache
