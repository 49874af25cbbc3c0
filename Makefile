# Each target's line after ## is its help.
BIN := .venv/bin
REPORTS := reports

.DEFAULT_GOAL := help
.PHONY: help check test notebooks benchmarks lock

help:  ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

check: $(BIN)/ruff  ## Check style, types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test:  ## Run the tests
	python3 bootstrap.py test

notebooks: $(BIN)/jupyter  ## Strip the notebooks' outputs, then run them on both examples
	$(BIN)/jupyter nbconvert --log-level WARN --clear-output --inplace notebooks/*.ipynb
	$(BIN)/gradex demo --out $(REPORTS)/example
	$(BIN)/gradex demo --clinic --out $(REPORTS)/example_clinic

benchmarks: $(BIN)/python  ## Run every benchmark
	@for benchmark in benchmarks/*.py; do echo "== $$benchmark"; $(BIN)/python "$$benchmark" || exit 1; done

lock:  ## Make requirements.lock again from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header \
		--all-extras --group dev --output-file requirements.lock

$(BIN)/%:
	@echo "There is no .venv yet; make it with: python3 bootstrap.py test" >&2; exit 1
