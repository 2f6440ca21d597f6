#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# web.sh build|lint|format: what npm does in web/, after installing what that needs into web/node_modules. build bundles
# web/dist from the WebAssembly builds.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"
stamp=web/node_modules/.made-$(sha256sum web/package-lock.json | cut -c1-16)
if [[ ! -e $stamp ]]; then
  say "installing web/'s tools"
  # No package's scripts have to run: esbuild's program comes as a package of its own.
  logged npm npm ci --prefix web --ignore-scripts || fail "npm ci failed" "check the network, and run make again"
  touch "$stamp"
fi
exec npm run --silent --prefix web "$1"
