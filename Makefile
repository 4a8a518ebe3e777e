# Everything is installed into .venv; the embedded database stands in instance/. Needs Python 3.11+ (with venv), make and git.

PORT ?= 8000
# Two workers suit two cores; a file stays on one worker, so that its database is built once. tests/conftest.py says which come first.
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder -p randomly --randomly-seed=20261123
LOCALES := nl nl_BE
POT := app/translations/messages.pot

BIN := .venv/bin
digest = $(firstword $(shell cat $(1) | cksum))
# A stamp names the requirements it stands for, so that a changed file installs again and an unchanged one costs nothing.
RUNTIME := .venv/.installed-$(call digest,requirements.txt)
DEV := .venv/.installed-dev-$(call digest,requirements.txt requirements-dev.txt)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard app/translations/*/LC_MESSAGES/*.po))
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes

export PORT

.DEFAULT_GOAL := help
.PHONY: help venv install run test bench lint browser messages migration-check lock clean

help:
	@echo 'make run      install, then start the portal with the demonstration bond on http://127.0.0.1:$(PORT)'
	@echo 'make test     install everything, check the code, run all tests, real browser included'
	@echo 'make install  install only; commands are then $(BIN)/flask --app wsgi ...'
	@echo 'make bench    measure statements, bytes and CPU time per page'
	@echo 'make lint     style, types, templates, security'
	@echo 'make messages collect the texts to translate; make lock: renew the pinned requirements; make clean'

install: $(RUNTIME) $(CATALOGUES)

run: install
	@mkdir -p instance
	@exec env DEMO=1 $(BIN)/flask --app wsgi run-demo

test: install lint browser
	$(BIN)/python -m pytest $(PYTEST_ARGS)

bench: install $(DEV)
	$(BIN)/python -m tests.bench

lint: $(DEV)
	$(BIN)/ruff check app tests
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/bandit --quiet --recursive --severity-level medium --configfile pyproject.toml app

browser: $(DEV)
	@$(BIN)/python -m tests.e2e.browser_path --install

messages: $(DEV)
	@mkdir -p app/translations
	$(BIN)/pybabel -q extract --ignore-dirs '.venv' --mapping-file pyproject.toml --keywords lazy_gettext --keywords _l --add-location file --sort-by-file \
		--project Bewezen --version 1 --copyright-holder Bewezen --output-file $(POT) .
	for locale in $(LOCALES); do \
		[ -e app/translations/$$locale/LC_MESSAGES/messages.po ] || \
			$(BIN)/pybabel -q init -i $(POT) -d app/translations -l $$locale || exit 1; \
		$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-pot-creation-date -i $(POT) -d app/translations -l $$locale || exit 1; \
	done

migration-check: $(DEV)
	$(BIN)/python -m pytest tests/house/test_migrations.py

# No address of a package index may reach these files: uv writes none unless asked to.
lock: $(DEV)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --custom-compile-command 'make lock' --python-version 3.11 \
		pyproject.toml --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --custom-compile-command 'make lock' --python-version 3.11 \
		pyproject.toml --group dev --constraints requirements.txt --output-file requirements-dev.txt

# The data in instance/ stays.
clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage artefacts
	find app tests \( -name __pycache__ -o -name '*.mo' \) -prune -exec rm -rf {} +

$(RUNTIME):
	@echo 'Installing the portal into .venv ...'
	@$(PIP) -r requirements.txt
	@rm -f .venv/.installed-[0-9]*
	@touch $@

$(DEV): | $(RUNTIME)
	@echo 'Installing what the tests need into .venv ...'
	@$(PIP) -r requirements-dev.txt
	@rm -f .venv/.installed-dev-*
	@touch $@

# A virtual environment that was never made, was moved, or whose Python has gone, is made afresh.
USABLE := $(shell [ -x .venv/bin/python ] && grep -qsF "$$(cd .venv && pwd -P)/" .venv/bin/pip && echo yes)
ifeq ($(USABLE),)
$(RUNTIME) $(DEV): venv
endif

venv:
	@chosen=''; bare=''; \
	for python in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then chosen="$$python"; break; fi; \
		bare="$$python"; \
	done; \
	if [ -n "$$chosen" ]; then \
		exec "$$chosen" -m venv --clear "$$(pwd -P)/.venv"; \
	elif [ -n "$$bare" ]; then \
		echo "$$bare cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; \
	else \
		echo "Python 3.11 or newer is needed; found: $$(python3 --version 2>/dev/null || echo none)." >&2; \
		echo "Name another one with: make PYTHON=/path/to/python3" >&2; \
	fi; \
	exit 1

# A catalogue that is wholly in doubt (fuzzy) yields no file, and the tests say so.
%.mo: %.po | $(RUNTIME)
	@$(BIN)/pybabel -q compile -i $< -o $@
