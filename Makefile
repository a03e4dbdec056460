# make demo: a seamless material, made, rendered and saved in Blender.   make test: every check.
# make test-blenders: the Blender tests in Blender 4.2 LTS and 5.0, too.
# make test-gui: a windowed Blender is clicked through, on Debian, as root; minutes the first time. Pictures in dist/gui.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: demo test check test-core test-blender test-blenders test-gui clean

demo: $(READY)
	$(BIN)/python -m texgan_blender.development.demo demo

test: check test-core test-blender

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test-core: $(READY)
	timeout -k 10 1500 $(BIN)/python -m pytest --ignore tests/blender

test-blender: $(READY)
	timeout -k 10 1000 $(BIN)/python -m pytest tests/blender

# PyTorch comes first and alone, in the version whose plain build runs on the CPU everywhere.
$(READY): pyproject.toml requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $(READY)

# The Blender tests in the long-term versions beside the one that everything else is tested in; -j 2 does both at once.
OTHER_BLENDERS := 4.2.23 5.0.1
test-blenders: $(OTHER_BLENDERS:%=test-blender-%)

test-blender-%: .venv-%/ready
	timeout -k 10 900 .venv-$*/bin/python -m pytest tests/blender tests/test_rules.py

.PRECIOUS: .venv-%/ready
.venv-%/ready: requirements.txt
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/pip install -q --disable-pip-version-check torch==2.13.0
	.venv-$*/bin/pip install -q --disable-pip-version-check bpy==$* "numpy<2" openimageio pillow pytest safetensors
	touch $@

GUI_ROOT ?= /var/tmp/texgan-gui
test-gui: $(READY)
	$(BIN)/python -m texgan_blender.development.build dist
	tests/gui/run.sh $(GUI_ROOT) dist/texgan-*.zip dist/gui

clean:
	rm -rf $(VENV) .venv-* demo dist
