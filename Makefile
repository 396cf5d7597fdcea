# The daily commands; `make` alone lists them. Every step may be repeated: what is up to date is not done again.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Cargo is parallel by itself and locks its directory: two steps at once only wait for each other.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory --no-builtin-rules

PORT ?= 8080
PYTHON ?= python3

# Outside a terminal's habits: the same directory whatever cargo is told elsewhere, and a module that leaves
# Python's symbols to the Python that loads it.
export PYO3_BUILD_EXTENSION_MODULE := 1
ifdef CI
export CARGO_INCREMENTAL := 0
export CARGO_TERM_COLOR := never
endif

TARGET := $(or $(CARGO_TARGET_DIR),target)
STAMPS := $(TARGET)/stamps
VENV := .venv
BIN := $(VENV)/bin
MDBOOK := $(or $(shell command -v mdbook 2>/dev/null),$(TARGET)/tools/bin/mdbook)
CHROMIUM ?= $(firstword $(shell command -v chromium google-chrome chromium-browser 2>/dev/null) /usr/bin/chromium)
export CHROMIUM

# What the wheel is made of.
WHEEL_SOURCES := Cargo.toml Cargo.lock py/Cargo.toml py/pyproject.toml py/README.md engine/Cargo.toml \
  $(shell find engine/src py/src py/python -type f -not -path '*/__pycache__/*' 2>/dev/null)

say = @printf '\n== %s\n' "$(1)"

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name text; do \
	  printf '  make %-10s %s\n' "$$name" "$$text"; done

.PHONY: play
play: web serve ## build the playground and serve it on http://127.0.0.1:8080 (PORT=N: another port)

.PHONY: serve
serve: ## serve the playground as last built
	@$(PYTHON) web/toolchain/serve.py dist --port $(PORT)

.PHONY: test
test: rust web py book browser ## everything that has to hold; installs what it needs
	$(call say,all checks passed)

.PHONY: rust
rust: ## Rust: format, lints, tests, documentation
	$(call say,rust: format)
	@cargo fmt --all --check
	$(call say,rust: lints)
	@cargo clippy --locked --workspace --all-targets -- -D warnings
	$(call say,rust: tests)
	@cargo test --locked
	$(call say,rust: documentation)
	@RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

.PHONY: web
web: ## WebAssembly: the playground, into dist/
	$(call say,web: build the page)
	@web/toolchain/build.sh

.PHONY: py
py: $(STAMPS)/wheel ## Python: wheel, types, stubs, tests
	$(call say,py: types)
	@cd py && ../$(BIN)/mypy python tests
	@$(BIN)/mypy --strict --python-version 3.11 web/toolchain
	@MYPYPATH=web/toolchain $(BIN)/mypy --strict --python-version 3.11 web/tests
	$(call say,py: stubs against the module)
	@cd py && ../$(BIN)/python -m mypy.stubtest s390_iommu
	$(call say,py: tests)
	@cd py && ../$(BIN)/python -m pytest -q

.PHONY: venv
venv: $(STAMPS)/venv ## Python: the environment .venv with all tools

.PHONY: book
book: $(MDBOOK) ## the book, into book/book
	$(call say,book: build)
	@$(MDBOOK) build book

.PHONY: browser
browser: $(STAMPS)/venv $(CHROMIUM) ## browser tests of the page in dist/
	@[ -e dist/index.html ] || $(MAKE) web
	$(call say,browser: tests)
	@$(BIN)/python -m pytest -q -c web/tests/pytest.ini web/tests

.PHONY: bench
bench: ## measurements of the engine
	@cargo bench --locked -p s390-iommu

.PHONY: fuzz
fuzz: ## fuzz everything that reads input, a minute each (needs a nightly compiler and cargo-fuzz)
	@cd engine && for target in $$(cargo fuzz list); do cargo +nightly fuzz run "$$target" -- -max_total_time=60; done

.PHONY: clean
clean: ## remove everything that was built or installed here
	rm -rf $(TARGET) dist dist.new book/book $(VENV) web/toolchain/node_modules

$(STAMPS):
	@mkdir -p $@

# An interrupted install leaves no stamp and is begun anew.
$(STAMPS)/venv: py/requirements-dev.txt | $(STAMPS)
	$(call say,py: environment $(VENV))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || web/toolchain/apt.sh python3-venv
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r $<
	@touch $@

# The wheel is installed, not linked: what the tests import is what a user gets.
$(STAMPS)/wheel: $(STAMPS)/venv $(WHEEL_SOURCES) | $(STAMPS)
	$(call say,py: build and install the wheel)
	@rm -rf $(TARGET)/wheel-dev
	@$(BIN)/maturin build -q --release --locked --manifest-path py/Cargo.toml --out $(TARGET)/wheel-dev
	@$(BIN)/python -m pip install -q --disable-pip-version-check --force-reinstall --no-deps $(TARGET)/wheel-dev/*.whl
	@touch $@

# Only reached when no mdbook is installed.
$(TARGET)/tools/bin/mdbook:
	$(call say,book: install mdbook (two minutes, once))
	@cargo install --locked --root $(TARGET)/tools mdbook@0.5.4

# Only reached when no browser is installed.
/usr/bin/chromium:
	$(call say,browser: install chromium)
	@web/toolchain/apt.sh chromium
