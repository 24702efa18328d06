# A thin front: meson does the work. `make` or `make help` lists what there is.

export JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
# Below PREFIX; found by ld.so and pkg-config everywhere, while what meson guesses depends on
# which packages are there.
LIBDIR ?= lib
# The test builds treat warnings as errors; the release build only where this is true (.ci/run
# does), so that a newer compiler's new warnings keep nobody from building.
export WERROR ?= false
# Seconds for each target of `make fuzz`.
FUZZ_SECONDS ?= 60
export PYTEST_ARGS ?=
SERVER_ARGS ?=
BENCH_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test test-long build wheel demo bench lint fuzz install clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: build ## Set up, build and serve on http://127.0.0.1:5000
	@exec build/millstream server $(SERVER_ARGS)

test: ## Set up, build with sanitizers, run every test
	@tools/setup build ui test browser
	@tools/ui-packages
	@tools/run-tests

test-long: ## The tests with many more rounds of the random ones, then fuzzing
	@tools/setup build ui test lint browser
	@tools/ui-packages
	@MILL_TEST_LONG=1 tools/run-tests
	@tools/fuzz $(FUZZ_SECONDS)

build: build/release/build.ninja ## Release build: build/millstream and build/libmillstream.so
	@tools/ui-packages
	@ninja -C build/release -j$(JOBS)
	@ln -sfn release/src/millstream build/millstream
	@for name in libmillstream.so libmillstream.so.0; do ln -sfn release/src/$$name build/$$name; done

build/release/build.ninja:
	@tools/setup build ui
	@tools/ui-packages
	@meson setup build/release --prefix=$(abspath $(PREFIX)) --libdir=$(LIBDIR) -Dbuildtype=release \
		-Doptimization=2 -Db_lto=true -Dtests=false -Dwerror=$(WERROR)

wheel: ## The Python wheel and the source distribution, in dist/
	@tools/setup build ui wheel
	@tools/ui-packages
	@tools/wheel

demo: build ## Train a model against a fresh server and show its runs
	@tools/setup demo
	@tools/demo

bench: build ## Measure beside the official server, print one table
	@tools/setup bench
	@bench/run $(BENCH_ARGS)

lint: ## Format, layers, static analysis
	@tools/setup build test lint
	@tools/lint

fuzz: ## Fuzz every parser for FUZZ_SECONDS
	@tools/setup build test lint
	@tools/fuzz $(FUZZ_SECONDS)

install: build ## Install below DESTDIR and PREFIX
	@meson configure build/release -Dprefix=$(abspath $(PREFIX)) -Dlibdir=$(LIBDIR)
	@ninja -C build/release -j$(JOBS)
	@meson install -C build/release --no-rebuild $(if $(DESTDIR),--destdir "$(abspath $(DESTDIR))")

clean: ## Remove everything that was built
	rm -rf build dist
