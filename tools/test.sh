#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the tests of both builds, one ctest each: in a single one, tests of the same name would share their properties, and the
# release build's would run with the debug build's environment.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"
status=0
for build in debug release; do
  say "running the tests of build/$build"
  ctest --test-dir "build/$build" --output-on-failure --parallel "$(nproc)" "$@" || status=$?
done
exit "$status"
