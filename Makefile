# Everything a newcomer needs: `make demo`, `make test`. Both set up what they need in .venv, nothing outside.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
READY := $(VENV)/.ready
WATCHER := $(BIN)/watcher

.PHONY: demo test run real bench quality mail-check resilience soak lint types lock lock-check clean help deb systemd-test

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

demo: $(READY) ## Run the main job on the built-in publisher, in var/demo
	@$(WATCHER) demo --dir var/demo

run: $(READY) ## Run the main job on the live sources of sources.yaml: make run CONTACT=you@example.org
	@test -n "$(CONTACT)" || { echo "Say who is asking, so that publishers can write to you: make run CONTACT=you@example.org"; exit 2; }
	@WATCHER_CONTACT="$(CONTACT)" $(WATCHER) --home . poll --all || [ $$? -eq 1 ] # 1: some source failed, and was named
	@WATCHER_CONTACT="$(CONTACT)" $(WATCHER) --home . digest send veille || true
	@$(WATCHER) --home . digest preview veille --out var/spool

test: $(READY) ## Run every test; PostgreSQL comes with the development packages, no server to install
	@# Compiled modules are kept, whatever the shell says: the tests start many processes, which would compile all of them anew.
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 4

real: $(READY) ## Run the main job on real texts: make real DATA=../shared
	@$(BIN)/python -m benchmarks.real "$(DATA)"

bench: $(READY) ## Measure speed and memory as ratios, side by side
	$(BIN)/python -m benchmarks

quality: $(READY) ## Measure the themes on labelled texts, against pinned floors
	$(BIN)/python -m benchmarks.quality

resilience: $(READY) ## Kill each phase at the system calls that change something, and judge what is left: make resilience POINTS=30 for some of them
	@$(BIN)/python -m benchmarks.resilience $(if $(POINTS),--points $(POINTS))

soak: $(READY) ## Let a year pass in minutes, the service killed all the time, and account for every article and mail
	@$(BIN)/python -m benchmarks.soak

MAILS := $(wildcard tests/emails/*.html)

mail-check: ## Ask caniemail (through npm) and SpamAssassin, where there are, about the golden mails
	@command -v npm >/dev/null || { echo "mail-check needs npm. On Debian: apt install npm"; exit 1; }
	@mkdir -p $(VENV)/mail-check && echo '{"private": true}' > $(VENV)/mail-check/package.json
	@npm install --silent --no-fund --no-audit --prefix $(VENV)/mail-check caniemail@1
	@node tests/emails/check.mjs $(abspath $(VENV)/mail-check) $(MAILS)
	@command -v spamassassin >/dev/null || { echo "SpamAssassin is not here: its score was not looked at. On Debian: apt install spamassassin"; exit 0; }; \
	for mail in $(MAILS:.html=.eml); do \
	  score=$$(spamassassin --local -t < $$mail 2>/dev/null | sed -n 's/^X-Spam-Status:.* score=\([-0-9.]*\).*/\1/p' | head -1); \
	  echo "$$mail: SpamAssassin gives it $$score"; \
	  awk -v score="$$score" 'BEGIN { exit !(score != "" && score < 1) }' || { echo "$$mail: the score must be under 1"; exit 1; }; \
	done

lint: $(READY) ## Style, and which room may import which
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(READY) ## Types, strictly
	$(BIN)/pyright

LOCK := $(UV) pip compile pyproject.toml --quiet --all-extras --group dev --universal --generate-hashes --custom-compile-command "make lock"

lock: $(READY) ## Make requirements.lock anew from pyproject.toml
	$(LOCK) -o requirements.lock

lock-check: $(READY) ## Fail when pyproject.toml and requirements.lock disagree
	@cp requirements.lock $(VENV)/lock.txt && $(LOCK) -o $(VENV)/lock.txt
	@diff requirements.lock $(VENV)/lock.txt || { echo "pyproject.toml and requirements.lock disagree: make lock"; exit 1; }

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "watcher needs Python 3.11 or newer; say which: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment. On Debian: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.13.8"

$(READY): requirements.lock pyproject.toml | $(UV)
	@echo "Installing the locked packages into $(VENV) ..."
	@$(UV) pip sync --quiet --compile-bytecode requirements.lock
	@$(UV) pip install --quiet --no-deps -e .
	@touch $(READY)

deb: $(READY) ## Build dist/watcher_VERSION_ARCHITECTURE.deb for the Debian of this machine
	@UV="$(abspath $(UV))" deploy/deb.sh dist

systemd-test: $(READY) ## Boot a machine in a container and put the package through its life (root; skipped elsewhere)
	@$(BIN)/python -m tests.deploy.boot

clean: ## Remove what was made: the environment, the demo, caches
	rm -rf $(VENV) var .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist
