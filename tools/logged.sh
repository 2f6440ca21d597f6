#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# logged.sh NAME LINE COMMAND...: prints LINE, runs the command with its output in build/log/NAME.log.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"
say "$2"
logged "$1" "${@:3}" || fail "failed: ${*:3}"
