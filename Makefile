# `make demo` and `make test` need Python 3.11-3.13 with its venv module; everything else comes from requirements/ by hash.
VENV        ?= .venv
PYTEST_ARGS ?=
BIN         := $(VENV)/bin
UV          := $(BIN)/uv
INSTALL     := $(UV) pip install --quiet --python $(BIN)/python

SUITS  := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(if $(shell $(p) -c '$(SUITS)' 2>&1 || echo no),,$(p))))

unexport PYTHONDONTWRITEBYTECODE# without .pyc files every start doubles

.PHONY: demo test test-hf test-engines test-senders check bench lock docs clean

demo: $(VENV)/.run
	@$(BIN)/evalgate demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_ARGS)

test-hf: # PyTorch beside ONNX Runtime, about 1 GB in an environment of its own
	@$(MAKE) --no-print-directory VENV=.venv-hf .venv-hf/.hf
	.venv-hf/bin/python -m pytest tests/hf

test-engines: # Spark (which needs Java 17 or newer) and Ray, about 1.5 GB in an environment of its own
	@$(MAKE) --no-print-directory VENV=.venv-engines .venv-engines/.engines
	.venv-engines/bin/python -m pytest tests/engines

test-senders: $(VENV)/.dev .venv-senders/.senders # a real LiteLLM proxy and instruments, about 600 MB in environments of their own
	$(BIN)/python -m pytest tests/senders

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/hadolint Dockerfile
	bash -n .ci/run
	sh -n ci/gate.sh
	$(GUARD)
	@if [ -d tests/docs ]; then $(BIN)/python -m pytest -q -n 2 tests/docs; fi

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py

# ── environments: one stamp a step, so that a second run starts at once ──────────────────────────────────────────────
$(VENV)/.uv: requirements/uv.txt
	@$(or $(PYTHON),false) -c '$(SUITS)' 2>/dev/null || { echo "evalgate needs Python 3.11, 3.12 or 3.13 with its venv module;\
	 '$(or $(PYTHON),python3)' is $$($(or $(PYTHON),python3) --version 2>/dev/null || echo not there).\
	 On Debian or Ubuntu: apt install python3-venv. Elsewhere: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/uv.txt
	@touch $@

$(VENV)/.run: $(VENV)/.uv requirements/build.txt requirements/run.txt pyproject.toml
	$(INSTALL) --require-hashes -r requirements/build.txt -r requirements/run.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.hf: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'torch>=2.4' onnxscript
	@touch $@

$(VENV)/.engines: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pyspark>=4.0' 'pandas>=2.2,<3' 'ray[data]>=2.60'
	@touch $@

# Two environments: the instruments of OpenLLMetry and of OpenTelemetry itself register under one name.
.venv-senders/.senders: $(VENV)/.uv
	$(BIN)/python -m venv --clear .venv-senders
	$(BIN)/python -m venv .venv-senders/otel
	$(UV) pip install --quiet --python .venv-senders/bin/python --exclude-newer $(BEFORE) 'litellm[proxy]==1.106.2' \
	  opentelemetry-instrumentation-openai openinference-instrumentation-openai opentelemetry-exporter-otlp-proto-http
	$(UV) pip install --quiet --python .venv-senders/otel/bin/python --exclude-newer $(BEFORE) --prerelease allow 'openai<3' \
	  opentelemetry-instrumentation-openai-v2==2.4b0 opentelemetry-util-genai==0.4b0 opentelemetry-distro opentelemetry-exporter-otlp-proto-http
	@touch $@

# ── the lock: versions and hashes, never an address; nothing younger than a week enters it ───────────────────────────
# To move on: make lock UPGRADE=--upgrade BEFORE=<a date a week ago>, and write that date here.
BEFORE  ?= 2026-11-14T00:00:00Z
UPGRADE ?=
COMPILE  = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --exclude-newer $(BEFORE) \
           --custom-compile-command 'make lock' $(UPGRADE)
GUARD    = @! grep -nE '://|--(extra-)?index-url|--find-links|--trusted-host|file:| @ ' requirements/*.txt

lock: $(VENV)/.uv
	$(COMPILE) --group installer -o requirements/uv.txt
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) --group build -c requirements/run.txt -o requirements/build.txt
	$(COMPILE) pyproject.toml --extra parquet --extra postgres --extra server --extra oidc --extra code --extra student --extra local --extra otlp --extra objects -c requirements/run.txt -o requirements/image.txt
	$(COMPILE) pyproject.toml --extra parquet --extra postgres --extra server --extra oidc --extra code --extra student --extra local --extra otlp --extra objects --group build --group dev --group bench \
	  -c requirements/run.txt -c requirements/build.txt -o requirements/dev.txt
	$(GUARD)

clean:
	rm -rf $(VENV) .venv-hf .venv-engines .venv-senders build dist .grimp_cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find evalgate tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
