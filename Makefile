# Groundswell. `make help` lists what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install install-dev run live test check lint types train bench fmt clean

# The first Python that is new enough; name another with PYTHON=...
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; \
	done || echo python3)
ARGS ?=
BIN := .venv/bin

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## make .venv with what Groundswell runs on
	@$(or $(PYTHON),python3) bootstrap.py requirements.txt

install-dev:
	@$(or $(PYTHON),python3) bootstrap.py requirements-dev.txt

run: install ## start everything, replay the demo, serve until Ctrl-C (ARGS=--once ends after the story)
	@$(BIN)/groundswell run $(ARGS)

live: install ## start everything and listen: to Bluesky, and to X and Mastodon where tokens are set
	@$(BIN)/groundswell live $(ARGS)

test: install-dev ## run every test
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: install-dev lint types test ## style, types, floor plan and tests

lint: install-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: install-dev
	@$(BIN)/mypy

train: install-dev ## train the shipped classifier anew from the corpus in data/
	@$(BIN)/groundswell train --shipped

bench: install-dev ## measure matching, classification, counting and the whole stack
	@$(BIN)/python -m benchmarks $(ARGS)

fmt: install-dev ## put the code into its usual form
	@$(BIN)/ruff check --fix-only -q .
	@$(BIN)/ruff format -q .

clean: ## remove .venv and everything that was kept in var/
	rm -rf .venv var build *.egg-info .mypy_cache .ruff_cache .hypothesis
