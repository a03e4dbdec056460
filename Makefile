# make demo: a seamless material, made, rendered and saved in Blender.   make test: every check.
# make test-gui: a windowed Blender is clicked through, on Debian, as root; minutes the first time. Pictures in dist/gui.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: demo test check test-gui clean

demo: $(READY)
	$(BIN)/python -m texgan_blender.development.demo demo

test: check
	timeout -k 10 1500 $(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# PyTorch comes first and alone, in the version whose plain build runs on the CPU everywhere.
$(READY): pyproject.toml requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $(READY)

GUI_ROOT ?= /var/tmp/texgan-gui
test-gui: $(READY)
	$(BIN)/python -m texgan_blender.development.build dist
	tests/gui/run.sh $(GUI_ROOT) dist/texgan-*.zip dist/gui

clean:
	rm -rf $(VENV) demo dist
