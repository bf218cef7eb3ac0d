# The whole contributor interface. PYTHON=/path/to/python3 chooses the Python that makes .venv.
.PHONY: setup demo redash-env check test bench soak mutants

setup: ## make .venv with the commands tts-app, tts-etl, tts-redash and voxmeter
	@MAKE_GOAL=setup scripts/setup app,preview

demo: ## speak, load and show dashboards (ONCE=1: check everything, then stop)
	@MAKE_GOAL=demo scripts/setup app,preview
	@.venv/bin/voxmeter demo $(if $(ONCE),--once)

redash-env: ## secrets for docker-compose.redash.yml into .env (FORCE=1: new ones)
	@scripts/redash-env $(if $(FORCE),--force)

check: ## style, types, layers, migrations
	@MAKE_GOAL=check scripts/setup app,preview,dev
	@scripts/check

test: check ## everything: check, then all tests
	@.venv/bin/pytest -n 2 --dist loadfile

bench: ## speed and memory against their floors (BENCH=small: minutes; full: ten million lines, can be resumed; speaking, line, planning: of these)
	@MAKE_GOAL=bench scripts/setup app,preview,dev
	@.venv/bin/python -m bench$(addprefix .,$(filter speaking line planning,$(BENCH)))

soak: ## kill importers between live writers and rotations, on each database for SOAK=10m (SEED=n)
	@MAKE_GOAL=soak scripts/setup app,preview,dev
	@.venv/bin/python -m tests.soak --length $(or $(SOAK),10m) $(if $(SEED),--seed $(SEED))

mutants: ## make each mistake the loader and the sync with Redash may make, in a copy: each must turn a test red
	@MAKE_GOAL=mutants scripts/setup app,preview,dev
	@.venv/bin/python -m tests.mutants
