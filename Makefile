# Two commands matter: `make demo` and `make test`. The rest is for those who work on the project.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check lint types contracts wheel bench score conformance capture-conformance goldens examples clean

demo: $(VENV)/installed
	$(BIN)/aup demo demo/

test: $(VENV)/developed
	$(BIN)/pytest -q -n auto --dist loadgroup

# Everything that must hold before a change lands, besides the tests.
check: lint types contracts wheel

lint: $(VENV)/developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/developed
	$(BIN)/mypy

contracts: $(VENV)/developed
	$(BIN)/lint-imports

# sdist -> wheel -> new environment, no source tree in reach -> the demo.
wheel: $(VENV)/developed
	PYTHON=$(PYTHON) sh tests/wheel/check.sh $(BIN)/python

# CAPTURES is a folder of packet captures, read beside tshark.
bench: $(VENV)/developed
	$(BIN)/python -m tests.bench

# Invented weeks of a school, with planted incidents: what is found, missed and made up. SEEDS=11,12, SCALE=1.0; LISTS is a
# folder of downloaded lists, SHOW=1 tells what was missed and what was false, BANK=second or both draws from the phrases that
# those who write rules have not read (SHOW then tells numbers alone; UNSEAL=1 tells the phrases too).
score: $(VENV)/developed
	$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),11,12) --scale $(or $(SCALE),1.0) \
	    --bank $(or $(BANK),first) \
	    $(if $(LISTS),--lists $(LISTS)) $(if $(SHOW),--show) $(if $(UNSEAL),--unseal)

# Real logs of others, compared with what others read of them. SAMPLES is a folder of logs, each with its expected parse
# beside it; WRITE=1 keeps the figures that `aup formats` shows.
conformance: $(VENV)/developed
	$(BIN)/python -m tests.conformance $(SAMPLES) $(if $(WRITE),--write)

# Real captures of others, compared with what nDPI, JA4's own programs and tshark (Debian's tshark) read of them.
capture-conformance: $(VENV)/developed
	$(BIN)/python -m tests.capture_conformance $(SAMPLES)

goldens: $(VENV)/developed
	AUP_REFRESH_GOLDENS=1 $(BIN)/pytest -q || true
	git diff --stat

# What the program prints from sample_logs/, and its pictures (needs pdftoppm, Debian's poppler-utils).
examples: $(VENV)/installed
	sh reports/make_examples.sh $(BIN)/aup

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/pip pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/developed: $(VENV)/installed pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@

clean:
	rm -rf $(VENV) demo build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
