#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the tests of all builds, one ctest each: in a single one, tests of the same name would share their properties, and one
# build's would run with another's environment.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"
builds=(debug release wasm)
if (($(node -p 'process.versions.node.split(".")[0]') >= 20)); then
  builds+=(wasm-relaxed)
else
  say "skipped: build/wasm-relaxed, whose relaxed SIMD needs Node.js 20; this is $(node --version)"
fi
status=0
if tools/cuda.sh --ready; then
  # Only what needs no GPU is built for it, beside what other builds test already.
  say "running the tests of build/cuda-test"
  ctest --test-dir build/cuda-test --output-on-failure --parallel "$(nproc)" -L cuda "$@" || status=$?
else
  say "skipped: build/cuda-test, which needs nvcc and what tools/setup.sh cuda installs"
fi
for build in "${builds[@]}"; do
  say "running the tests of build/$build"
  ctest --test-dir "build/$build" --output-on-failure --parallel "$(nproc)" "$@" || status=$?
done
exit "$status"
