# `make help` lists the commands. Each makes the environment that it needs, and makes it again when what it stands on
# changed. Needed: python3 (3.10 or later) with venv, and make. Node.js comes as a Python package.

PYTHON ?= python3
PORT ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=

TEST := .venv-test
KERNEL6 := .venv-test-kernel6
CLASSIC := .venv-test-classic
WIDGETS := .venv-bench-widgets
DEMO := .venv-demo
MODULES := frontend/node_modules
WIDGETS_MODULES := benchmarks/node_modules

# What the distributions are made of. The list is a file, so that a source that was removed counts as a change.
SOURCES := $(shell find src frontend \( -name node_modules -o -name static -o -name __pycache__ \) -prune \
	-o -type f -print | LC_ALL=C sort) pyproject.toml hatch_build.py
SOURCE_LIST := build/sources.txt
$(shell mkdir -p build && echo '$(SOURCES)' | cmp -s - $(SOURCE_LIST) || echo '$(SOURCES)' > $(SOURCE_LIST))

# The tests are to find the wheel's modules, not the source tree's, nor the user's.
unexport PYTHONPATH
export PYTHONNOUSERSITE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where the end-to-end tests find a kernel of ipykernel 6, in an environment of its own.
export IPYMEDIA_KERNEL6_PYTHON := $(CURDIR)/$(KERNEL6)/bin/python
# Where they find classic Notebook with ipywidgets 7.
export IPYMEDIA_CLASSIC_PYTHON := $(CURDIR)/$(CLASSIC)/bin/python
# Where the benchmark finds the libraries whose widgets it captures.
export IPYMEDIA_WIDGETS_PYTHON := $(CURDIR)/$(WIDGETS)/bin/python

.PHONY: help build test test-setup lint test-frontend test-python test-e2e demo bench generate format clean
.DELETE_ON_ERROR:
# The steps are written for one at a time: the browsers need the cores.
.NOTPARALLEL:

help:  ## list the commands
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

build: dist/.built  ## make dist/*.whl and dist/*.tar.gz (the wheel from the sdist)

test: test-setup lint test-frontend test-python test-e2e  ## set up, check and test everything

test-setup: $(TEST)/.installed $(KERNEL6)/.installed $(CLASSIC)/.installed $(MODULES)/.installed
	@scripts/browsers.sh
	@scripts/brokers.sh

lint: $(TEST)/.dependencies $(MODULES)/.installed  ## check formatting, types and import rules, of Python and TypeScript
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .
	$(TEST)/bin/mypy
	PYTHONPATH=src $(TEST)/bin/lint-imports
	$(TEST)/bin/python scripts/npm.py run --silent typecheck
	$(TEST)/bin/python scripts/npm.py run --silent lint

test-frontend: $(TEST)/.dependencies $(MODULES)/.installed  ## run the TypeScript tests
	$(TEST)/bin/python scripts/npm.py run --silent test

test-python: $(TEST)/.installed  ## run the unit and contract tests
	@scripts/brokers.sh
	$(TEST)/bin/python -m pytest tests/unit tests/contract --reruns 1 $(PYTEST_ARGS)

test-e2e: test-setup  ## run the tests in JupyterLab and a browser; one of them: make test-e2e PYTEST_ARGS="-k swap"
	$(TEST)/bin/python -m pytest tests/e2e --reruns 1 $(PYTEST_ARGS)

demo: $(DEMO)/.installed  ## open JupyterLab on examples/live.ipynb (PORT=9999 for a port of your own)
	@scripts/demo.sh $(DEMO)/bin/python $(PORT)

bench: test-setup $(WIDGETS)/.installed $(WIDGETS_MODULES)/.installed  ## measure latency, rates and cost; see benchmarks/README.md
	$(TEST)/bin/python -m benchmarks $(BENCH_ARGS)

generate: $(TEST)/.dependencies  ## write frontend/src/protocol/messages.gen.ts from the Python messages
	PYTHONPATH=src $(TEST)/bin/python -m ipymedia.protocol.generate

format: $(TEST)/.dependencies  ## format the Python code
	$(TEST)/bin/ruff check --fix .
	$(TEST)/bin/ruff format .

clean:  ## remove what was built, and the environments
	rm -rf dist build src/ipymedia/static $(MODULES) $(WIDGETS_MODULES)
	rm -rf .venv-test .venv-test-kernel6 .venv-test-classic .venv-demo .venv-bench-widgets
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache test-results

# The tools first, the package later: linting needs no build.
$(TEST)/.dependencies: pyproject.toml scripts/requirements.py
	$(PYTHON) -m venv --clear $(TEST)
	$(TEST)/bin/python -m pip install --quiet --upgrade pip
	$(TEST)/bin/python scripts/requirements.py test dev > $(TEST)/requirements.txt
	$(TEST)/bin/python -m pip install --quiet --requirement $(TEST)/requirements.txt
	@touch $@

$(MODULES)/.installed: frontend/package.json frontend/package-lock.json frontend/.npmrc | $(TEST)/.dependencies
	$(TEST)/bin/python scripts/npm.py ci
	@touch $@

# What some widgets' own code would take off the network.
$(WIDGETS_MODULES)/.installed: benchmarks/package.json benchmarks/package-lock.json frontend/.npmrc | $(TEST)/.dependencies
	$(TEST)/bin/python scripts/npm.py ci --prefix ../benchmarks 
	@touch $@

# After the npm packages, which the build would otherwise install without those of the tests.
dist/.built: $(SOURCES) $(SOURCE_LIST) | $(TEST)/.dependencies $(MODULES)/.installed
	rm -rf dist
	$(TEST)/bin/python -m build --outdir dist .
	@touch $@

$(TEST)/.installed: dist/.built $(TEST)/.dependencies
	$(TEST)/bin/python -m pip install --quiet --force-reinstall --no-deps dist/*.whl
	@touch $@

$(KERNEL6)/.dependencies: pyproject.toml scripts/requirements.py | $(TEST)/.dependencies
	$(PYTHON) -m venv --clear $(KERNEL6)
	$(KERNEL6)/bin/python -m pip install --quiet --upgrade pip
	$(TEST)/bin/python scripts/requirements.py > $(KERNEL6)/requirements.txt
	$(KERNEL6)/bin/python -m pip install --quiet --requirement $(KERNEL6)/requirements.txt "ipykernel<7"
	@touch $@

$(KERNEL6)/.installed: dist/.built $(KERNEL6)/.dependencies
	$(KERNEL6)/bin/python -m pip install --quiet --force-reinstall --no-deps dist/*.whl
	@touch $@

# itkwidgets on its own: it refuses Notebook 6.5, which it works in.
$(CLASSIC)/.dependencies: pyproject.toml scripts/requirements.py tests/classic-requirements.txt | $(TEST)/.dependencies
	$(PYTHON) -m venv --clear $(CLASSIC)
	$(CLASSIC)/bin/python -m pip install --quiet --upgrade pip
	$(TEST)/bin/python scripts/requirements.py > $(CLASSIC)/requirements.txt
	$(CLASSIC)/bin/python -m pip install --quiet --no-compile --requirement $(CLASSIC)/requirements.txt \
		--requirement tests/classic-requirements.txt
	$(CLASSIC)/bin/python -m pip install --quiet --no-compile --no-deps itkwidgets==0.32.6
	@touch $@

$(CLASSIC)/.installed: dist/.built $(CLASSIC)/.dependencies
	$(CLASSIC)/bin/python -m pip install --quiet --force-reinstall --no-deps dist/*.whl
	@touch $@

$(WIDGETS)/.dependencies: pyproject.toml scripts/requirements.py benchmarks/widgets-requirements.txt | $(TEST)/.dependencies
	$(PYTHON) -m venv --clear $(WIDGETS)
	$(WIDGETS)/bin/python -m pip install --quiet --upgrade pip
	$(TEST)/bin/python scripts/requirements.py > $(WIDGETS)/requirements.txt
	$(WIDGETS)/bin/python -m pip install --quiet --requirement $(WIDGETS)/requirements.txt \
		--requirement benchmarks/widgets-requirements.txt
	# The last one whose parquet-wasm is to be had (0.17 wants 0.9.0); it asks for an older anywidget than we do, and works with ours.
	$(WIDGETS)/bin/python -m pip install --quiet --no-deps "lonboard==0.16.0"
	@touch $@

$(WIDGETS)/.installed: dist/.built $(WIDGETS)/.dependencies
	$(WIDGETS)/bin/python -m pip install --quiet --force-reinstall --no-deps dist/*.whl
	@touch $@

$(DEMO)/.installed: $(SOURCES) $(SOURCE_LIST)
	@echo "Making the demo's environment in $(DEMO); this takes a minute or two, once."
	test -x $(DEMO)/bin/python || $(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --upgrade pip
	$(DEMO)/bin/python -m pip install --quiet ".[demo]"
	@touch $@
