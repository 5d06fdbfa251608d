# Everything goes through .venv; a second call does only what changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

# Of hundreds of processes in the tests, each would compile all of the project anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check types-here types-windows light browser-inference mutants acceptance bench lock audit clean

run: $(VENV)/.run
	$(BIN)/streamlit run app.py --server.port $(PORT)

# Without npm, the tests of what runs in a browser are skipped. All tests are one schedule: what computes fills the time
# in which others wait for a page or a process, and each worker imports everything once.
test: check
	-@$(MAKE) --no-print-directory browser-inference
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory -j 2 types-here types-windows
	$(BIN)/lint-imports
	$(BIN)/oxlint dlcore tests

types-here:
	$(BIN)/mypy dlcore

# With a cache of its own: of another platform's, mypy would keep nothing.
types-windows:
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/windows dlcore

light: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not keras and not browser and not processes and not acceptance"

# What runs models in a visitor's browser: two files, fetched with npm and checked by their hashes.
browser-inference: $(VENV)/.run
	$(BIN)/python -m dlcore browser-inference

# Changes the code in 300 small ways and counts what the light tests notice: most of an hour. A part of it, or other
# changes: make mutants ONLY=dlcore/store SEED=2
SEED ?= 1
mutants: $(VENV)/.dev
	$(BIN)/python -m tests.mutants --seed $(SEED) --only "$(ONLY)"

# More than an hour on two cores; needs the real data.
acceptance: $(VENV)/.dev .acceptance/.done
	$(BIN)/python -m pytest -m acceptance -s

# About an hour on two cores; what trains on MNIST needs its file where Keras keeps it. Some alone: make bench
# NAMES=latency; those of curves and tables, beside MLflow, in six minutes: make bench NAMES=--brief
bench: $(VENV)/.bench .mlflow/.done
	$(BIN)/python -m benchmarks $(NAMES)

# Every package that a host installs, of one release and with its hashes, for all systems and Python 3.11 to 3.13.
# `make run` and `make test` take the direct ones alone from requirements.txt: so the tests meet new releases of the
# others before a host does, and both also work with an index that has builds of its own.
COMPILE := .audit/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock"

lock: .audit/.done
	$(COMPILE) requirements-hosted.txt --output-file requirements.lock
	$(COMPILE) requirements-hosted.txt requirements-gpu.txt --constraints requirements.lock --output-file requirements-gpu.lock

# Known vulnerabilities of what is locked, and its licences; what needs a network is skipped where there is none.
audit: $(VENV)/.run
	@if $(MAKE) --no-print-directory --silent .audit/.done; then .audit/bin/python -m deploy.audit $(BIN)/python; \
	else echo "audit: skipped, since its tools could not be installed; is there a network?"; fi

.audit/.done: requirements-audit.txt
	$(PYTHON) -m venv .audit
	.audit/bin/python -m pip install --quiet --disable-pip-version-check --timeout 15 --retries 1 -r requirements-audit.txt
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "DL Studio needs Python 3.11, 3.12 or 3.13, this is %d.%d. Call: make run PYTHON=python3.12" % v)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-export.txt requirements-hosted.txt requirements-mcp.txt requirements-members.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.run

$(VENV)/.bench: requirements-bench.txt requirements-dev.txt requirements-export.txt requirements-hosted.txt requirements-mcp.txt requirements-members.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@ $(VENV)/.dev $(VENV)/.run

# MLflow is measured beside, in an environment of its own: it needs an older pyarrow.
.mlflow/.done: requirements-mlflow.txt
	$(PYTHON) -m venv .mlflow
	.mlflow/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-mlflow.txt
	@touch $@

# Only read, never imported: what the packages need is left out.
.acceptance/.done: requirements-acceptance.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --upgrade --target .acceptance -r requirements-acceptance.txt
	@touch $@

clean:
	rm -rf $(VENV) .audit .mlflow .acceptance .mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis
