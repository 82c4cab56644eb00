# Every entry does its own set-up: a machine with Python 3.11 and make is enough.
SHELL := /bin/bash
PYTHON ?= python3.11
APP := .venvs/app/bin
SAM := .venvs/sam/bin
WITH_SOURCES := PYTHONPATH=layers/shared:.
export UV_SYSTEM_CERTS ?= 1
export SAM_CLI_TELEMETRY := 0
export HUB_UV := $(CURDIR)/.venvs/uv/bin/uv

.DEFAULT_GOAL := help

# A line with ##@ begins a section of `make help`; what stands behind ## is told there.
.PHONY: help
help:
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-16s%s\n", $$1, $$2 }' Makefile
	@printf '\nTimes are of a machine with two cores. The first time, each installs what it needs (minutes).\n'
	@printf 'ARGS="…" goes to the program behind: make deploy ARGS=--help\n'

##@ Try it on this machine, without an AWS account
.PHONY: run up test test-alone test-on-the-stack
run: setup ## the main job, every flow, against simulated partners; ends by itself, in minutes
	@$(WITH_SOURCES) $(APP)/python -m local.run $(ARGS)

up: setup ## keep the local stack running until Ctrl-C; PARTNERS=off CONFIG=dir for partners of your own
	@$(WITH_SOURCES) $(APP)/python -m local.up $(if $(PARTNERS),--partners $(PARTNERS)) $(if $(CONFIG),--config $(CONFIG)) $(ARGS)

# What needs no local stack runs on two cores at once; what runs on the stack, which has ports and a
# lock of its own, mostly waits, so it runs beside it, and is told when it has ended.
ON_THE_STACK := tests/component tests/kill tests/parity
# What functions and verbs ask of AWS in a whole run; judged at its end against their policies.
PRIVILEGE := $(CURDIR)/.cache/privilege
test: setup-sam setup-browser setup-sbom schema lint ## everything that has to hold, in minutes; some of it: ARGS=tests/unit/cli
ifdef ARGS
	@$(MAKE) --no-print-directory types
	@$(APP)/pytest -q $(ARGS)
else
	@rm -rf $(PRIVILEGE); mkdir -p $(PRIVILEGE)
	@HUB_PRIVILEGE_RECORD=$(PRIVILEGE) $(MAKE) --no-print-directory -j3 types test-alone test-on-the-stack
	@$(WITH_SOURCES) $(APP)/python -m tests.privilege judge
endif

test-alone:
	@HUB_SUITE_SHARE=alone $(APP)/pytest -q -n 2 --dist worksteal $(addprefix --ignore=,$(ON_THE_STACK)) tests

test-on-the-stack:
	@mkdir -p .cache; HUB_SUITE_SHARE=on-the-stack $(APP)/pytest -q $(ON_THE_STACK) > .cache/on-the-stack.log 2>&1; ended=$$?; \
	  echo "tests on the local stack:"; cat .cache/on-the-stack.log; exit $$ended

##@ Run it in your AWS account (docs/deploy.md); each asks before it changes anything
.PHONY: deploy rollback undeploy
DEPLOY = $(WITH_SOURCES) $(APP)/python -m tools.deploy
WHERE = $(if $(ENV),--env $(ENV)) $(if $(PROFILE),--profile $(PROFILE)) $(if $(REGION),--region $(REGION))

deploy: setup-sam ## deploy, or see what would change: ENV=dev|staging|prod REGION=eu-west-1 PROFILE=name ARGS=--dry-run
	@$(DEPLOY) deploy $(WHERE) $(ARGS)

rollback: setup-sam ## deploy the release before again: ENV=dev TO=commit
	@$(DEPLOY) rollback $(WHERE) $(if $(TO),--to $(TO)) $(ARGS)

undeploy: setup ## take it down; tells what goes and what stays, and has its name typed: ENV=dev
	@$(DEPLOY) undeploy $(WHERE) $(ARGS)

##@ Change it; `make test` has to hold in the end
.PHONY: setup fast format lint types build lock clean
setup: ## install what most of these need; they do it themselves, the command ./hub does not
	@$(PYTHON) tools/setup.py app emulator

fast: schema ## the tests that need no local stack: ARGS="-k word"
	@$(APP)/pytest -q tests/unit tests/flow tests/contract $(ARGS)

format: setup ## put the code into the house's format
	@$(APP)/ruff check -q --fix .
	@$(APP)/ruff format -q .

lint: setup ## rules of style, and which room may import which
	@$(APP)/ruff check .
	@$(APP)/ruff format --check .
	@$(WITH_SOURCES) $(APP)/lint-imports

types: setup ## mypy, strictly, over everything
	@$(APP)/mypy layers/shared/returns_hub local cli tools bench tests
	@for door in functions/*/app.py; do $(APP)/mypy $$door || exit 1; done

build: setup-sam ## build the application as it is deployed; 15 s
	@$(SAM)/sam build

lock: ## renew the hash locks from requirements/*.in, by the package index
	@$(PYTHON) -m tools.lock

clean: ## remove what was made here, environments included; answers to `make deploy` stay in .deploy
	rm -rf .venvs .cache .local .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

##@ Prove it: more of what `make test` does a part of
.PHONY: simulate pressure fuzz mutate contract parity check-template sbom
simulate: setup ## live through seeded runs with faults: SEED=n RUNS=n (500)
	@$(WITH_SOURCES) $(APP)/python -m tests.simulation $(if $(SEED),--seed $(SEED)) $(if $(RUNS),--runs $(RUNS)) $(ARGS)

pressure: setup ## a day without the warehouse, and what waits then; two minutes: RETURNS=n (10,000)
	@$(WITH_SOURCES) $(APP)/python -m tests.simulation.pressure $(if $(RETURNS),--returns $(RETURNS)) $(ARGS)

fuzz: setup ## feed every entry with malformed input; minutes: CASES=n (100,000) SEED=n
	@$(WITH_SOURCES) $(APP)/python -m tests.fuzz $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED)) $(ARGS)

mutate: schema ## put deliberate defects into copies of the code; each must be caught; all take long: ONLY=word JOBS=n
	@$(WITH_SOURCES) $(APP)/python -m tests.mutations $(if $(ONLY),--only "$(ONLY)") $(if $(JOBS),--jobs $(JOBS)) $(ARGS)

contract: schema ## hold the Redo adapter and simulator to Redo's official OpenAPI: NPM_REGISTRY=url
	@$(APP)/pytest -q tests/official tests/flow $(ARGS)

parity: setup-sam ## build, deploy, upgrade and take down with the real SAM CLI in the local AWS
	@PARITY=whole $(APP)/pytest -q tests/parity

check-template: setup-check ## template.yaml under cfn-lint and checkov; what is found is explained or fails
	@$(WITH_SOURCES) $(APP)/python -m tools.check_template

sbom: setup-sbom ## write what ships, with hashes and licences, as CycloneDX: OUT=file (.local/sbom.cdx.json)
	@$(WITH_SOURCES) $(APP)/python -m tools.sbom $(or $(OUT),.local/sbom.cdx.json)

##@ Measure it
.PHONY: bench bench-cold scale webhooks
bench: setup ## throughput beside other ways, and every flow; long, with ARGS=--quick half a minute
	@$(PYTHON) tools/setup.py rivals
	@$(WITH_SOURCES) $(APP)/python -m bench.throughput $(ARGS)
	@$(WITH_SOURCES) $(APP)/python -m bench $(ARGS)

bench-cold: setup-sam ## cold start of each door beside a plain handler: ARGS="--doors x --runs n"
	@$(WITH_SOURCES) $(APP)/python -m bench.cold $(ARGS)

scale: setup ## measure one merchant, live through days of 500, price a month; two minutes; writes docs/scale.md
	@$(PYTHON) tools/setup.py plots
	@$(WITH_SOURCES) $(APP)/python -m bench.scale --write $(ARGS)

webhooks: setup ## deliver to the webhook's door for a minute; nothing may be lost: ARGS="--rate n"
	@$(WITH_SOURCES) $(APP)/python -m bench.webhooks $(ARGS)

# What the entries above do by themselves.
.PHONY: setup-sam setup-browser setup-check setup-sbom schema
setup-sam: setup
	@$(PYTHON) tools/setup.py sam

setup-browser: setup
	@$(PYTHON) tools/setup.py browser

setup-check: setup-sam
	@$(PYTHON) tools/setup.py checkov

setup-sbom: setup
	@$(PYTHON) tools/setup.py sbom

schema: setup
	@$(PYTHON) -m tools.redo_schema
