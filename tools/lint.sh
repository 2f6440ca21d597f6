#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lint.sh [--fix|--tidy]: checks the formats and runs the static checks, with --tidy clang-tidy too, which takes a quarter of an
# hour; with --fix brings the formats in line instead.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"

# Ours, committed or not: what git ignores is not.
mapfile -t files < <(git ls-files --cached --others --exclude-standard)
pick() { printf '%s\n' "${files[@]}" | grep -E "$1" | while read -r file; do if [[ -f $file ]]; then echo "$file"; fi; done; }
mapfile -t sources < <(pick '\.(h|c|cpp|cu)$')
mapfile -t scripts < <(pick '\.sh$|^\.ci/run$')

if [[ ${1:-} == --fix ]]; then
  clang-format-19 -i "${sources[@]}"
  .venv/bin/ruff format --quiet .
  .venv/bin/ruff check --quiet --fix .
  tools/web.sh format
  exit 0
fi

failed=0
check() {
  tools/logged.sh "lint-$1" "checking: $2" "${@:3}" || failed=1
}
check format "format of C++ (make format mends it)" clang-format-19 --dry-run -Werror "${sources[@]}"
check ruff-format "format of Python (make format mends it)" .venv/bin/ruff format --check .
check ruff "Python" .venv/bin/ruff check .
check web "TypeScript" tools/web.sh lint
check shell "shell" shellcheck -x "${scripts[@]}"

if [[ ${1:-} == --tidy ]]; then
  tools/logged.sh configure-debug "configuring build/debug" cmake --preset debug
  # Headers are checked where they are included.
  check tidy "C++ (clang-tidy)" run-clang-tidy-19 -quiet -p build/debug -j "$(nproc)" \
    "^$PWD/(core|native|tests)/.*\\.(c|cpp)\$"
  if tools/cuda.sh --ready; then
    tools/logged.sh configure-cuda-test "configuring build/cuda-test" cmake --preset cuda-test
    check tidy-cuda "C++ of native/cuda (clang-tidy)" run-clang-tidy-19 -quiet -p build/cuda-test -j "$(nproc)" \
      "^$PWD/(native|tests/native)/cuda/.*\\.cpp\$"
  else
    say "skipped: clang-tidy for native/cuda, which needs nvcc and what tools/setup.sh cuda installs"
  fi
fi
((!failed)) || fail "lint found something"
