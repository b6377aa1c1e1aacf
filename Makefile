# Every target sets up what it needs. PYTHON chooses the interpreter of the virtual environment.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
TESTS ?= tests
# Servers are started by the hundred: they need not compile everything each time.
unexport PYTHONDONTWRITEBYTECODE

BROWSERS := chromium chromium-browser google-chrome

.PHONY: help setup browser readers demo serve test lint format fire bench docs lock clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## Make .venv with everything in it

$(STAMP): pyproject.toml requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip --version | grep -qE 'pip (2[4-9]|[3-9][0-9])' || $(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $(STAMP)

demo: setup ## Narrate articles with a real voice on a temporary server
	$(BIN)/inhouse demo

serve: setup ## Run a server on ./inhouse-data
	$(BIN)/inhouse serve

# It never fails: without a browser the player's tests skip and say so.
browser: ## Install Debian's Chromium for the player's tests, where root and apt-get are at hand
	@for name in $(INHOUSE_TEST_BROWSER) $(BROWSERS); do command -v "$$name" >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the player's tests"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0; \
	fi; \
	echo "The player's tests in a browser will be skipped: install chromium, or name one in INHOUSE_TEST_BROWSER."

readers: .readers/.installed ## Install s3fs and PyTorch for the tests that read with them, in .readers

# It never fails either.
.readers/.installed: tests/readers.lock
	@test -x .readers/bin/python || $(PYTHON) -m venv .readers
	@if .readers/bin/python -m pip install --quiet --requirement tests/readers.lock; then touch $@; else \
		rm -rf .readers; echo "The tests with s3fs and PyTorch will be skipped: they could not be installed."; fi

test: setup browser readers ## Run all tests
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(TESTS)

lint: setup ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Let ruff format and fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

fire: setup ## Narrate 50 times while everything is killed; ROUNDS=5 for fewer
	$(BIN)/python -m tests.solutions.narration.fire

bench: setup ## Measure against peers; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

docs: setup ## Generate docs/reference from the code
	$(BIN)/python -m docs.generate

lock: ## Write requirements.lock from pyproject.toml, in a fresh environment
	rm -rf .lock && $(PYTHON) -m venv .lock
	.lock/bin/pip install --quiet --upgrade pip
	.lock/bin/pip install --quiet ".[speech,vision,dev]"
	.lock/bin/pip freeze --exclude inhouse > requirements.lock
	rm -rf .lock

clean: ## Remove what make made
	rm -rf .venv .readers .lock demo-output
