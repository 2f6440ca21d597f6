#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# python_env.sh REQUIREMENTS...: a Python environment in .venv that has them.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"

# A virtual environment names the interpreter it was made with; the system's stays where it is.
if ! .venv/bin/python -c '' 2>/dev/null; then
  python=
  for candidate in /usr/bin/python3 python3; do
    if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
  [[ -n $python ]] || fail "no Python 3 that can make a virtual environment" "on Debian: apt-get install python3-venv"
  say "making a Python environment in .venv"
  rm -rf .venv
  logged venv "$python" -m venv .venv || fail "the virtual environment cannot be made"
fi

for file; do
  stamp=.venv/.installed-$(basename "$(dirname "$file")")-$(sha256sum "$file" | cut -c1-16)
  [[ ! -e $stamp ]] || continue
  say "installing Python packages: $file"
  logged pip .venv/bin/python -m pip install --disable-pip-version-check --quiet -r "$file" ||
    fail "pip could not install $file" "check the network, and run make again"
  touch "$stamp"
done
