#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the tests of both builds in one go, so that ctest's closing lines speak for both.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"
mkdir -p build/tests
printf 'subdirs("%s")\n' "$PWD/build/release" "$PWD/build/debug" >build/tests/CTestTestfile.cmake
say "running the tests"
exec ctest --test-dir build/tests --output-on-failure --parallel "$(nproc)" "$@"
