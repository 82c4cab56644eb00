# Every entry does its own set-up: a machine with Python 3.11 and make is enough.
SHELL := /bin/bash
PYTHON ?= python3.11
APP := .venvs/app/bin
SAM := .venvs/sam/bin
export UV_SYSTEM_CERTS ?= 1
export SAM_CLI_TELEMETRY := 0
export HUB_UV := $(CURDIR)/.venvs/uv/bin/uv

.DEFAULT_GOAL := help
.PHONY: test-alone test-on-the-stack help setup setup-sam setup-browser schema run up test lint format types fast contract simulate pressure mutate fuzz parity build bench webhooks lock clean

help: ## what can be done here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install what the commands below need (they do it themselves)
	@$(PYTHON) tools/setup.py app emulator

setup-sam: setup
	@$(PYTHON) tools/setup.py sam

setup-browser: setup
	@$(PYTHON) tools/setup.py browser

run: setup ## the main job on the local stack: approved returns to the warehouse and back
	@PYTHONPATH=layers/shared:. $(APP)/python -m local.run $(ARGS)

up: setup ## keep the local stack running; PARTNERS=off CONFIG=dir for partners of your own
	@PYTHONPATH=layers/shared:. $(APP)/python -m local.up $(if $(PARTNERS),--partners $(PARTNERS)) $(if $(CONFIG),--config $(CONFIG)) $(ARGS)

schema: setup
	@$(PYTHON) -m tools.redo_schema

# What needs no local stack runs on two cores at once; what runs on the stack, which has ports and a
# lock of its own, mostly waits, so it runs beside it, and is told when it has ended.
ON_THE_STACK := tests/component tests/kill tests/parity
test: setup-sam setup-browser schema lint types ## everything that has to hold
ifdef ARGS
	@$(APP)/pytest -q $(ARGS)
else
	@$(MAKE) --no-print-directory -j2 test-alone test-on-the-stack
endif

test-alone:
	@$(APP)/pytest -q -n 2 --dist worksteal $(addprefix --ignore=,$(ON_THE_STACK)) tests

test-on-the-stack:
	@mkdir -p .cache; $(APP)/pytest -q $(ON_THE_STACK) > .cache/on-the-stack.log 2>&1; ended=$$?; \
	  echo "tests on the local stack:"; cat .cache/on-the-stack.log; exit $$ended

fast: schema ## the tests that need no local stack
	@$(APP)/pytest -q tests/unit tests/flow tests/contract $(ARGS)

contract: schema ## hold the Redo adapter and simulator to Redo's official OpenAPI: NPM_REGISTRY=url
	@$(APP)/pytest -q tests/official tests/flow $(ARGS)

lint: setup
	@$(APP)/ruff check .
	@$(APP)/ruff format --check .
	@PYTHONPATH=layers/shared:. $(APP)/lint-imports

types: setup
	@$(APP)/mypy layers/shared/returns_hub local cli tools bench tests
	@for door in functions/*/app.py; do $(APP)/mypy $$door || exit 1; done

format: setup ## put the code into the house's format
	@$(APP)/ruff check -q --fix .
	@$(APP)/ruff format -q .

build: setup-sam ## build the application as it is deployed
	@$(SAM)/sam build

simulate: setup ## live through seeded runs with faults: SEED=n RUNS=n (default 500)
	@PYTHONPATH=layers/shared:. $(APP)/python -m tests.simulation $(if $(SEED),--seed $(SEED)) $(if $(RUNS),--runs $(RUNS)) $(ARGS)

pressure: setup ## a day without the warehouse and 10,000 returns waiting: RETURNS=n
	@PYTHONPATH=layers/shared:. $(APP)/python -m tests.simulation.pressure $(if $(RETURNS),--returns $(RETURNS)) $(ARGS)

mutate: schema ## put deliberate defects into copies of the code; each must be caught: ONLY=word
	@PYTHONPATH=layers/shared:. $(APP)/python -m tests.mutations $(if $(ONLY),--only "$(ONLY)") $(if $(JOBS),--jobs $(JOBS)) $(ARGS)

fuzz: setup ## feed every entry with malformed input: CASES=n (default 100000) SEED=n
	@PYTHONPATH=layers/shared:. $(APP)/python -m tests.fuzz $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED)) $(ARGS)

parity: setup-sam ## build and deploy with the real SAM CLI into the local AWS
	@$(APP)/pytest -q tests/parity

bench: setup ## measure; prints ratios from one run
	@PYTHONPATH=layers/shared:. $(APP)/python -m bench $(ARGS)

webhooks: setup ## deliver to the webhook's door for a minute; nothing may be lost: ARGS="--rate n"
	@PYTHONPATH=layers/shared:. $(APP)/python -m bench.webhooks $(ARGS)

lock: ## renew the hash locks from the .in files
	@$(PYTHON) -m tools.lock

clean: ## remove what was made here, environments included
	rm -rf .venvs .cache .local .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
