#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# setup.sh demo|test|lint|bench...: installs what these need, each part once. What is there already takes no time.
# SYNSIGHT_SKIP_PACKAGES=1 leaves the system's packages alone.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"

packages=(ca-certificates ccache clang-19 cmake doctest-dev libcli11-dev libexpected-dev lld-19 ninja-build
  nlohmann-json3-dev python3-venv xz-utils)
requirements=(models/requirements.txt)
for purpose; do
  case $purpose in
    demo) ;;
    test)
      packages+=(libclang-rt-19-dev)
      requirements+=(tests/requirements.txt)
      ;;
    lint)
      packages+=(clang-format-19 clang-tidy-19 shellcheck)
      requirements+=(tools/requirements.txt)
      ;;
    bench) requirements+=(tests/requirements.txt tests/benchmarks/requirements.txt) ;;
    *) fail "setup.sh: unknown purpose \"$purpose\"" "known: demo test lint bench" ;;
  esac
done

if [[ ${SYNSIGHT_SKIP_PACKAGES:-} != 1 ]]; then tools/system_packages.sh "${packages[@]}"; fi
tools/library_sources.sh
tools/python_env.sh "${requirements[@]}"
