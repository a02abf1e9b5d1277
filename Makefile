# The commands of the project. `make` alone lists them.
#
# Building, testing and measuring first install what is missing (scripts/install_dependencies.sh); nothing else touches
# the system.

PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)
export CMAKE_BUILD_PARALLEL_LEVEL = $(JOBS)

.PHONY: help dependencies build demo test check bench soak install clean

help:
	@echo 'make demo               install what is missing, build, and let a synthetic operator lead a simulated arm for 10 s'
	@echo 'make test               install what is missing, build, run the tests'
	@echo 'make build              install what is missing, build into build/release'
	@echo 'make check              format, lint, layers, headers, sanitizers, a short fuzzing run'
	@echo 'make bench [BENCH=name] measure, write bench/results/, renew the table in README.md'
	@echo 'make soak               long fuzzing and property campaigns (TAKT_SOAK_S seconds per fuzz target, default 600), all tests sanitized'
	@echo 'make install [PREFIX=]  install the program, the libraries, the headers and the CMake package'
	@echo 'make clean              remove build/'

dependencies:
	@scripts/install_dependencies.sh

build: dependencies
	@scripts/build.sh release

demo: build
	build/release/apps/takt/takt teleop examples/teleop/demo.toml

test: build
	@scripts/test.sh release

check:
	@scripts/install_dependencies.sh check
	@scripts/check.sh

bench: build
	@scripts/install_dependencies.sh bench
	@scripts/bench.sh $(BENCH)

soak:
	@scripts/install_dependencies.sh check
	@scripts/soak.sh

install: build
	DESTDIR='$(DESTDIR)' cmake --install build/release --prefix '$(PREFIX)'

clean:
	rm -rf build
