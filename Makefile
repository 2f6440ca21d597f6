# SPDX-License-Identifier: Apache-2.0
# `make` says what there is. Each goal sets up what it needs first; the output of builds goes to build/log/.
MAKEFLAGS += --no-print-directory
PYTHON := .venv/bin/python
MODEL := efficientnet-lite0
PREFIX ?= /usr/local
TARGET := all

.PHONY: help demo test bench lint tidy format fuzz install clean release debug wasm wasm-relaxed web serve

help:
	@echo 'make demo      build, make the default model, classify sample photographs'
	@echo 'make test      build with and without sanitizers and for WebAssembly, run every test'
	@echo 'make serve     the demo page on this machine'
	@echo 'make web       build the package for web pages, web/dist'
	@echo 'make bench     time networks beside ONNX Runtime and OpenVINO, write build/bench.json'
	@echo 'make lint      formats and static checks of C++, Python, TypeScript and shell'
	@echo 'make tidy      the same with clang-tidy: a quarter of an hour'
	@echo 'make format    bring the formats in line'
	@echo 'make fuzz      every libFuzzer target for a minute (SECONDS_EACH=60)'
	@echo 'make install   program, library, headers and models below PREFIX (/usr/local)'
	@echo 'make clean     remove build/; .deps/ and .venv/ stay'

demo: SETUP := demo
demo: TARGET := bin/synsight
demo: release
	@$(PYTHON) -m models convert $(MODEL)
	@$(PYTHON) -m models pictures
	@build/release/bin/synsight classify build/pictures/*
	@echo
	@echo 'Next, with a picture of yours:  build/release/bin/synsight classify PICTURE'

test: SETUP := test
test: release debug web
	@for name in efficientnet-lite0 efficientnet-lite1 efficientnet-lite2; do $(PYTHON) -m models convert $$name || exit 1; done
	@$(PYTHON) -m models pictures
	@tools/site.sh $(MODEL)
	@tools/test.sh

WASM_TARGET := synsight_wasm
test: WASM_TARGET := all
web: SETUP := web
web: wasm wasm-relaxed
	@tools/logged.sh web 'building web/dist' tools/web.sh build

serve: web
	@$(PYTHON) -m models convert $(MODEL)
	@$(PYTHON) -m models pictures
	@tools/site.sh $(MODEL)
	@echo 'Open http://localhost:8000/ in a browser; Ctrl-C ends.'
	@$(PYTHON) -m http.server 8000 --bind 127.0.0.1 --directory build/site 2>/dev/null

bench: SETUP := bench
bench: release
	@$(PYTHON) -m models convert $(MODEL)
	@$(PYTHON) -m tests.benchmarks --output build/bench.json

wasm wasm-relaxed: setup
	@tools/logged.sh configure-$@ 'configuring build/$@' cmake --preset $@
	@tools/logged.sh build-$@ 'building build/$@' cmake --build --preset $@ --target $(WASM_TARGET)

release debug: setup
	@tools/logged.sh configure-$@ 'configuring build/$@' cmake --preset $@
	@tools/logged.sh build-$@ 'building build/$@' cmake --build --preset $@ --target $(TARGET)

.PHONY: setup
setup:
	@tools/setup.sh $(SETUP)

lint:
	@tools/setup.sh lint
	@tools/lint.sh

tidy:
	@tools/setup.sh lint
	@tools/lint.sh --tidy

format:
	@tools/setup.sh lint
	@tools/lint.sh --fix

fuzz:
	@tools/setup.sh test
	@tools/fuzz.sh

install: SETUP := demo
install: TARGET := synsight synsight_cli
install: release
	@tools/logged.sh install 'installing below $(PREFIX)' cmake --install build/release --prefix $(PREFIX)

clean:
	rm -rf build
