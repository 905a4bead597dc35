# demo: the main job on a shipped example · test: everything · check: format, lint, types, layers, knowledge
# bench: speed, as ratios · campaign: what is too long for test · calibration: writes docs/calibration.md
PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
SITE = $$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

.PHONY: demo test system check bench campaign calibration clean
.DELETE_ON_ERROR:

demo: .venv/.runtime
	@$(PY) -m leukon assess examples/agranulocytosis.yaml

test: check system
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
	@$(PY) -m bench.causes
	@$(PY) -m bench.grade 2
	@$(PY) -m bench.episodes 2
	@$(PY) -m bench.population 1

campaign: .venv/.dev system
	@LEUKON_CAMPAIGN=1 $(PY) -m pytest
	@$(PY) -m bench.grade 20
	@$(PY) -m bench.episodes 10
	@$(PY) -m bench.population 1 10 100
	@$(PY) -m bench.load

# what tests start that pip cannot bring: a browser, Java for Spark, a proxy; tests of what is missing are skipped
DEBIAN := chromium:chromium java:openjdk-17-jre-headless nginx:nginx-light
system:
	@missing=; for pair in $(DEBIAN); do command -v $${pair%%:*} >/dev/null || missing="$$missing $${pair##*:}"; done; \
	[ -z "$$missing" ] || { if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	  else echo "tests of$$missing are skipped: sudo apt-get install$$missing"; fi; }

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
