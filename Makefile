# GNU make. Everything runs in .venv, which is made on first use from the lock files.
#
#   make run ARGS="--seconds 20"        arguments for the command behind a target
#   make test PYTHON=/path/to/python    the Python to create .venv with (3.11 or 3.12)

PYTHON ?=
ARGS ?=
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help run test soak bench bench-long bench-growth bench-latency audit check format lint types imports lock native proto clean venv venv-dev

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: venv ## the whole flow on this machine, with a broker and traffic of its own
	$(BIN)/chatflow demo $(ARGS)

test: venv-dev ## the tests; those that need Kafka fetch it once and leave it in var/
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

soak: venv-dev ## the faults for long: 1,000 kills on a real Kafka, ten million damaged records
	$(BIN)/python -m tests.faults.soak $(ARGS)
	CHATFLOW_LOCK_SECONDS=60 $(BIN)/python -m pytest tests/faults/test_database.py -k hold
	CHATFLOW_SOAK=1 $(BIN)/python -m pytest tests/faults/test_brokers.py -k without_brokers
	$(BIN)/python -c "import atheris" 2>/dev/null || $(BIN)/uv pip install --python $(BIN)/python --group fuzz
	$(BIN)/python -m tests.faults.fuzz_decoder --runs 10000000

bench: venv-dev ## the flow beside its limit and its peers on a real Kafka, published; takes minutes
	$(BIN)/python -m benchmarks.suite --publish $(ARGS)
	$(BIN)/python -m benchmarks.profile --publish
	$(BIN)/python -m benchmarks.sizing --publish

bench-long: venv-dev ## the same with all events for the slow peers too, and more runs
	$(BIN)/python -m benchmarks.suite --publish --peer-events 2000000 --repeat 5 $(ARGS)
	$(BIN)/python -m benchmarks.sizing --publish

bench-growth: venv-dev ## what an event costs with many users, groups and rows, published; takes minutes
	$(BIN)/python -m benchmarks.growth --publish $(ARGS)

bench-latency: venv-dev ## how long live records take to be seen, published
	$(BIN)/python -m benchmarks.latency --publish $(ARGS)

audit: venv-dev ## known vulnerabilities of the locked dependencies; needs the network
	$(BIN)/python deploy/audit.py requirements.lock $(ARGS)

check: lint types imports test ## everything that has to hold before a change is merged

format: venv-dev ## format the code and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: venv-dev ## formatting and lint rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: venv-dev ## static types
	$(BIN)/mypy .

imports: venv-dev ## the direction of imports
	$(BIN)/lint-imports

lock: venv-dev ## renew the lock files from pyproject.toml (ARGS=--upgrade for newer versions)
	$(LOCK) --group build -o requirements.lock pyproject.toml
	$(LOCK) --group build --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	$(LOCK) --group compiler -o requirements-compiler.lock

native: venv-dev ## compile the C files again, after a change of one
	$(BIN)/python -m native.build

proto: venv-dev ## generate the Python module of schemas/message.proto
	$(BIN)/python -m grpc_tools.protoc -I . --python_out=. --pyi_out=. schemas/message.proto

clean: ## remove everything that can be made again; var/ stays
	rm -rf .venv build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

venv: # what `run` needs
	@deploy/venv requirements.lock $(PYTHON)

venv-dev: # what the developer needs besides
	@deploy/venv requirements-dev.lock $(PYTHON)
