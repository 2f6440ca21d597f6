#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# npm_packages.sh FOLDER: what FOLDER's package-lock.json names, into its node_modules.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"
stamp=$1/node_modules/.made-$(sha256sum "$1/package-lock.json" | cut -c1-16)
[[ ! -e $stamp ]] || exit 0
say "installing npm packages: $1"
# No package's scripts have to run: esbuild's program comes as a package of its own.
logged npm npm ci --prefix "$1" --ignore-scripts || fail "npm ci failed" "check the network, and run make again"
touch "$stamp"
