# SPDX-License-Identifier: Apache-2.0
# `make` says what there is. Each goal sets up what it needs first; the output of builds goes to build/log/.
MAKEFLAGS += --no-print-directory
PYTHON := .venv/bin/python
MODEL := efficientnet-lite0
PREFIX ?= /usr/local
TARGET := all

.PHONY: help demo test bench lint tidy format fuzz install clean release debug wasm wasm-relaxed wasm-threads wasm-relaxed-threads web page serve bench-web parity cuda cuda-test

help:
	@echo 'make demo      build, make the default model, classify sample photographs, make a page that does'
	@echo 'make test      build with and without sanitizers and for WebAssembly, run every test'
	@echo 'make cuda      build the program for NVIDIA GPUs, build/cuda/bin/synsight; needs the CUDA toolkit 13'
	@echo 'make serve     the demo page on this machine'
	@echo 'make web       build the package for web pages, web/dist'
	@echo 'make parity    every network of keras.applications, converted, beside Keras itself: an hour'
	@echo 'make bench     time networks beside ONNX Runtime and OpenVINO, write build/bench.json'
	@echo 'make bench-web the same in browsers, beside their engines, write build/bench-web.json (OPTIONS=--quick)'
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
	@echo
	@$(MAKE) page

# The default model and a picture in one HTML file.
page: SETUP := web
page: wasm wasm-relaxed
	@tools/logged.sh page 'building what the page is made of' tools/web.sh build:page
	@$(PYTHON) -m models convert $(MODEL) --weights int8
	@$(PYTHON) -m models pictures
	@node web/dist/cli.js bundle build/models/$(MODEL)-int8.onnx -o build/synsight.html \
	  --image build/pictures/coffee.png --title 'What is in the picture?'

test: SETUP := test
test: release debug cuda-test web
	@for name in efficientnet-lite0 efficientnet-lite1 efficientnet-lite2; do $(PYTHON) -m models convert $$name || exit 1; done
	@for kind in f16 int8; do $(PYTHON) -m models convert $(MODEL) --weights $$kind || exit 1; done
	@$(PYTHON) -m models pictures
	@$(PYTHON) -m tools.site
	@tools/test.sh

WASM_TARGET := synsight_wasm
test: WASM_TARGET := all
web: SETUP := web
web: wasm wasm-relaxed wasm-threads wasm-relaxed-threads
	@tools/logged.sh web 'building web/dist' tools/web.sh build

serve: web
	@for kind in f16 int8 f32; do $(PYTHON) -m models convert $(MODEL) --weights $$kind || exit 1; done
	@$(PYTHON) -m models pictures
	@$(PYTHON) -m tools.site --serve 8000

# All networks of the sizes they were made for; `make test` has a part of them, of smaller pictures.
# Its own set-up comes first: that of web is a part of it.
parity: SETUP := parity
parity: TARGET := bin/synsight
parity: setup release web
	@$(PYTHON) -m models pictures
	@$(PYTHON) tests/models/keras/parity.py $(OPTIONS)

bench: SETUP := bench
bench: release
	@$(PYTHON) -m models convert $(MODEL)
	@$(PYTHON) -m tests.benchmarks --output build/bench.json

# Its own set-up comes first: that of web is a part of it.
bench-web: SETUP := bench-web
bench-web: setup web
	@tools/npm_packages.sh tests/benchmarks/web
	@$(PYTHON) -m tests.benchmarks.web $(OPTIONS)

wasm wasm-relaxed wasm-threads wasm-relaxed-threads: setup
	@tools/logged.sh configure-$@ 'configuring build/$@' cmake --preset $@
	@tools/logged.sh build-$@ 'building build/$@' cmake --build --preset $@ --target $(WASM_TARGET)

release debug: setup
	@tools/logged.sh configure-$@ 'configuring build/$@' cmake --preset $@
	@tools/logged.sh build-$@ 'building build/$@' cmake --build --preset $@ --target $(TARGET)

cuda: SETUP := cuda
cuda: setup
	@tools/logged.sh configure-$@ 'configuring build/$@' cmake --preset $@
	@tools/logged.sh build-$@ 'building build/$@' cmake --build --preset $@ --target synsight_cli

# For one architecture, and only what tests without a GPU need; tools/test.sh says where it was skipped.
cuda-test: setup
	@if tools/cuda.sh --ready; then \
	  tools/logged.sh configure-$@ 'configuring build/$@' cmake --preset $@ && \
	  tools/logged.sh build-$@ 'building build/$@' cmake --build --preset $@ --target cuda_tests; fi

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
