#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and runs every libFuzzer target (bin/*_fuzz) for SECONDS_EACH seconds, a minute where that is not set.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"
tools/logged.sh configure-fuzz "configuring build/fuzz" cmake --preset fuzz
tools/logged.sh build-fuzz "building build/fuzz" cmake --build --preset fuzz

found=0
for target in build/fuzz/bin/*_fuzz; do
  [[ -x $target ]] || fail "there are no libFuzzer targets in build/fuzz/bin"
  name=$(basename "$target")
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  seeds=()
  if [[ -d build/fuzz/seeds/$name ]]; then seeds=("build/fuzz/seeds/$name"); fi
  # A bound on memory, so that a size that was not checked shows.
  tools/logged.sh "$name" "fuzzing $name" "$target" -max_total_time="${SECONDS_EACH:-60}" -rss_limit_mb=2048 \
    -timeout=10 -artifact_prefix="build/fuzz/$name-" -print_final_stats=1 "$corpus" "${seeds[@]}" || found=1
  grep -h '^stat::number_of_executed_units' "build/log/$name.log" | sed 's/.*: */  runs: /' || true
done
((!found)) || fail "the fuzzer found something" "build/fuzz/NAME-crash-... holds the input"
say "no finding"
