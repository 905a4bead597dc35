# demo: the main job on a shipped example · test: everything · check: format, lint, types, layers, knowledge
# bench: speed, as ratios · campaign: what is too long for test · calibration: writes docs/calibration.md
PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
SITE = $$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

.PHONY: demo test check bench campaign calibration clean
.DELETE_ON_ERROR:

demo: .venv/.runtime
	@$(PY) -m leukon assess examples/agranulocytosis.yaml

test: check
	@$(PY) -m pytest

check: .venv/.dev
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@.venv/bin/pyright
	@.venv/bin/lint-imports --no-logo 2>/dev/null || .venv/bin/lint-imports
	@$(PY) -m leukon knowledge check

bench: .venv/.dev
	@$(PY) bench/speed.py
	@$(PY) -m bench.marrow

campaign: .venv/.dev
	@LEUKON_CAMPAIGN=1 $(PY) -m pytest

calibration: .venv/.runtime
	@$(PY) -m bench.calibration

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis src/leukon/knowledge/compiled.msgpack

.venv/bin/python:
	@$(PYTHON) -m venv .venv 2>/dev/null || { \
	  rm -rf .venv; \
	  if [ "$$(id -u)" != 0 ]; then echo "python3-venv is missing: sudo apt-get install python3-venv, then again"; exit 1; fi; \
	  apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv .venv; }

.venv/.runtime: requirements-demo.lock | .venv/bin/python
	@$(PIP) -r requirements-demo.lock
	@echo "$(CURDIR)/src" > "$(SITE)/leukon.pth"
	@touch $@

.venv/.dev: requirements.lock .venv/.runtime | .venv/bin/python
	@$(PIP) -r requirements.lock
	@touch $@
