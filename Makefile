PYTHON ?= python3
BIN = .venv/bin

.PHONY: run test check lives bench help

run: .venv/runs  ## everything from nothing, then the app on http://127.0.0.1:8000
	@exec $(BIN)/python wsgi.py

test: .venv/tests  ## everything from nothing, then every check
	@sh tests/machine.sh
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/pytest tests -n 2 --dist loadgroup -m "not alone and not long"
	@$(BIN)/pytest tests -m alone

check: .venv/tests  ## the fast part: no browser, no killed processes
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/pytest tests -n 2 --dist loadgroup -m "not slow and not alone and not long"

lives: .venv/tests  ## two members' lives in any order, thousands of them, and defects that this must find
	@$(BIN)/pytest tests/machine -n 2 -m long

bench: .venv/tests  ## what the README's figures come from
	@$(BIN)/python -m tests.bench

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Same Side needs Python 3.11 or newer.") if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -m venv .venv

.venv/runs: requirements.txt .venv/bin/python
	@$(BIN)/pip install --quiet --no-compile --disable-pip-version-check -r requirements.txt
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -c "import app.server"  # compiles what is used, and nothing else
	@touch $@

.venv/tests: tests/requirements.txt .venv/runs
	@$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt && touch $@
