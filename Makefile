# Every target first sets up what it needs: system libraries, the virtual environment in .venv, pinned dependencies.
#   make run ARGS=scene.hdr   open the window              make test ARGS="-k roc"   run the tests
#   make screenshot           draw it without a display    make lint                 run every check but the tests
#   make docs                 write the generated pages    make bench                measure speed and memory
#   make wheel                build dist/*.whl             make clean                remove all that make created

PYTHON ?= python3
# Torch goes in first and pinned: left to itself, pip takes the newest CUDA build. For a computer without a GPU, once:
#   make run TORCH="torch --index-url CPU_INDEX"     with the address that PyTorch's install page names for "CPU"
TORCH ?= torch==2.13.0
# Tests run in this many processes; each may use some 1.5 GB of memory. 0 runs them in pytest's own, as a debugger wants it.
WORKERS ?= 2
ARGS ?=
OUT ?= screenshot.png

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --constraint packaging/constraints.txt
PYTEST := $(BIN)/python -m pytest

# An environment moved to another folder or left behind by a replaced Python is made anew; a half-made one has no stamp.
MADE := $(VENV)/made-$(firstword $(shell echo '$(CURDIR)' | cksum))
INSTALLED := $(VENV)/installed
USABLE := $(shell $(BIN)/python -c 'import pip' 2>/dev/null && echo yes)

# Compiled modules load twice as fast. Matrix libraries with a thread per core would slow down the tests, whose matrices are small.
unexport PYTHONDONTWRITEBYTECODE
test bench screenshot: export QT_QPA_PLATFORM ?= offscreen
test: export OMP_NUM_THREADS ?= 1
test: export OPENBLAS_NUM_THREADS ?= 1
test: export MKL_NUM_THREADS ?= 1
bench: export OMP_NUM_THREADS ?= 2
bench: export OPENBLAS_NUM_THREADS ?= 2
bench: export MKL_NUM_THREADS ?= 2
test bench: export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: run screenshot test bench lint docs wheel setup system display clean FORCE

run: setup $(if $(findstring --screenshot,$(ARGS)),,display)
	$(BIN)/hadviewer $(ARGS)

screenshot: setup
	$(BIN)/hadviewer --screenshot $(OUT) $(ARGS)

test: setup
	$(PYTEST) --numprocesses $(WORKERS) --dist loadfile $(ARGS)

# Benchmarks are files named bench_*.py, which the tests do not collect.
bench: setup
	$(PYTEST) -s -o python_files='bench_*.py' tests/bench $(ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m hadviewer.cli.docs --check

docs: setup
	$(BIN)/python -m hadviewer.cli.docs

wheel: setup
	$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

setup: system $(INSTALLED)

system:
	@command -v $(PYTHON) >/dev/null || { echo 'hadviewer needs Python 3.11 or newer; $(PYTHON) was not found.' >&2; exit 1; }
	@$(if $(USABLE),$(BIN)/python,$(PYTHON)) packaging/system_deps.py

$(INSTALLED): $(MADE) pyproject.toml packaging/constraints.txt
	$(INSTALL) --no-build-isolation --editable '.[dev]'
	@touch $@

$(MADE): $(if $(USABLE),,FORCE) | system
	@echo 'Setting up $(VENV): this takes a minute or two the first time.'
	$(PYTHON) -m venv --clear $(VENV)
	$(INSTALL) $(TORCH) hatchling editables setuptools wheel
	@touch $@

display: | setup
	@test "$$(uname)" != Linux || test -n "$$DISPLAY$$WAYLAND_DISPLAY$$QT_QPA_PLATFORM" || { \
	echo 'There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the window cannot open.' >&2; \
	echo 'It can be drawn into a picture: make screenshot, or $(BIN)/hadviewer --screenshot out.png' >&2; \
	exit 1; }

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
