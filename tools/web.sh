#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# web.sh build|lint|format: what npm does in web/, after installing what that needs into web/node_modules. build bundles
# web/dist from the WebAssembly builds.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"
tools/npm_packages.sh web
exec npm run --silent --prefix web "$1"
