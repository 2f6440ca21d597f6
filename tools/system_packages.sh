#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# system_packages.sh PACKAGE...: installs those of Debian's packages that are missing.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"

skip="or install what they hold in your own way and set SYNSIGHT_SKIP_PACKAGES=1"
command -v apt-get >/dev/null || fail "there is no apt-get here; these Debian packages are needed: $*" \
  "use Debian 12 or 13, $skip"

installed() { dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p'; }
mapfile -t missing < <(comm -23 <(printf '%s\n' "$@" | sort -u) <(installed "$@" | sort -u))
((${#missing[@]})) || exit 0

root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || fail "installing packages needs root, and there is no sudo" \
    "as root: apt-get update && apt-get install ${missing[*]}" "$skip"
  root=(sudo)
fi
apt() {
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"
}
install_missing() { apt install --yes --no-install-recommends "${missing[@]}"; }

say "installing system packages: ${missing[*]}"
if ((${#root[@]})); then sudo -v || fail "sudo was refused" "ask for: apt-get install ${missing[*]}"; fi
# The package lists may be absent, or older than the archive: then the first try fails.
logged apt install_missing 2>/dev/null && exit 0
logged apt-update apt update || fail "apt-get update failed" "check the network and /etc/apt, and run make again"
logged apt install_missing || fail "apt-get could not install ${missing[*]}" "see above; Debian 12 and 13 have all of them"
