# Binbang. `make` alone prints this menu. Needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
PY := .venv/bin/python
LOCAL := @$(PYTHON) -I airbnb/embedded/bootstrap.py requirements-local.lock
DEV := @$(PYTHON) -I airbnb/embedded/bootstrap.py requirements-dev.lock
STACK := $(PY) -m airbnb.embedded
TEMPLATES := --tabwidth 2 templates
TESTS ?= tests
SECONDS ?= 60
WORKERS ?= 2
MINUTES ?= 5

# Valid in form, worth nothing: production settings must accept them and pass Django's own check.
PRODUCTION := ENVIRONMENT=production \
	SECRET_KEY=check-only-8f3b1c6de0a94f7d8a52c1e7b9406d3f5e2a7c9b1d8e4f60 \
	BASE_URL=https://check.example ALLOWED_HOSTS=check.example \
	STRIPE_SECRET_KEY=sk_live_check STRIPE_WEBHOOK_SECRET=whsec_check EMAIL_URL=smtp://mail.example:25

.PHONY: help breaker run test sweep sim chaos storm bench-live bench-invariants check fmt shell env reset messages lock
.DEFAULT_GOAL := help

help: ## print this menu
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile
	@echo "  PORT, DATA_DIR (default .data/) and DEMO=0 change what make run starts; PYTHON names another python3."

run: ## install, start everything, print the address
	$(LOCAL)
	@exec $(STACK) run --tied

test: ## run the tests (own throw-away servers; TESTS=tests/rooms for a part)
	$(LOCAL)
	@$(PY) -m pytest -n $(WORKERS) $(TESTS)

sweep: ## kill every operation at every statement and line, and see what is left (half an hour)
	$(LOCAL)
	@$(PY) -m tests.sweep

sim: ## simulate SEEDS=300 afternoons from FROM=0 on, or replay one with SEED=n
	$(LOCAL)
	@SEEDS="$(SEEDS)" FROM="$(FROM)" SEED="$(SEED)" $(PY) -m tests.sim

chaos: ## kill everything under load for MINUTES=5 and compare what was promised with what is there (SEED=n)
	$(LOCAL)
	@$(PY) -m benchmarks.chaos --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

bench-live: ## how soon open pages and gateways are answered, Redis or not, and what an open page's question costs
	$(LOCAL)
	@$(PY) -m benchmarks.live

breaker: ## a sick payment gateway under load: what guests feel and how soon it heals (SECONDS=60 a fault, SEED=n)
	$(LOCAL)
	@$(PY) -m benchmarks.breaker --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

storm: ## the storms in their long form (SEED=n replays one, STORM_SECONDS for the timed ones, STORMS=… for a part)
	$(LOCAL)
	@STORM_SIZE=long $(if $(SEED),STORM_SEED=$(SEED)) \
		$(PY) -m pytest -s -q $(or $(STORMS),tests/storms)

bench-invariants: ## whether all invariants hold, and in time, over RESERVATIONS=100000
	$(LOCAL)
	@$(STACK) with-test-servers $(PY) -m benchmarks.invariants $(or $(RESERVATIONS),100000)

check: ## lint, types, borders, templates, migrations, production settings, translations
	$(DEV)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m djhtml --check $(TEMPLATES)
	.venv/bin/lint-imports
	$(PY) -m mypy .
	$(PY) manage.py messages --check
	$(STACK) with-test-servers $(MAKE) --no-print-directory check-database

.PHONY: check-database
check-database:
	$(PY) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

fmt: ## format code and templates
	$(DEV)
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .
	$(PY) -m djhtml $(TEMPLATES)

shell: ## a Python shell inside the running stack
	$(LOCAL)
	@$(STACK) exec $(PY) manage.py shell

env: ## print KEY=VALUE of the running stack
	$(LOCAL)
	@$(STACK) env

reset: ## throw the local data away, after asking
	$(LOCAL)
	@$(STACK) reset

messages: ## collect texts for translation and compile the catalogues
	$(LOCAL)
	@$(PY) manage.py messages
	@$(PY) manage.py compile_messages

lock: ## write the hash-locked files again from the three requirements files (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		requirements.txt -o requirements.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		requirements-local.txt -c requirements.lock -o requirements-local.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		requirements-dev.txt -c requirements-local.lock -o requirements-dev.lock
