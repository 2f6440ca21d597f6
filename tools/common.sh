# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scripts here: they run in the project's root, stop at the first error, and speak in single lines.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*"; }

# fail WHAT [WHAT TO DO]...
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  if (($#)); then printf '  %s\n' "$@" >&2; fi
  exit 1
}

# logged NAME COMMAND...: runs it with its output in build/log/NAME.log, and shows the end of that where it fails.
logged() {
  local log=build/log/$1.log
  shift
  mkdir -p build/log
  "$@" >"$log" 2>&1 </dev/null || {
    tail -n 40 "$log" >&2
    say "(the whole output: $log)" >&2
    return 1
  }
}
