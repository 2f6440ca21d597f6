#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced after common.sh, by the scripts that take something from Debian 13's archive on Debian 12 or 13: by an apt
# configuration of our own, so that nothing of it touches the system's, and its signed index vouches for what comes.

is_debian() { grep -qs '^ID=debian' /etc/os-release && command -v apt-get >/dev/null; }

archive_url() {
  # Of the system's package sources, the one that is Debian's main archive: not security, updates or someone else's.
  # shellcheck disable=SC2016  # apt-get fills these in
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(CODENAME)|$(REPO_URI)' 'Created-By: Packages' |
    awk -F'|' '$1 == "Debian" && $2 == "Debian" && $3 == "main" && $4 !~ /-/ { print $5; exit }'
}

# open_debian13 deb|deb-src: makes debian13_apt ready, and the empty folder $debian13.
open_debian13() {
  local url
  url=$(archive_url)
  if [[ -z $url ]]; then
    # What a source holds is known only once its lists are there.
    local root=()
    if ((EUID != 0)); then root=(sudo); fi
    logged apt-update "${root[@]}" apt-get update || fail "apt-get update failed" "check the network and /etc/apt"
    url=$(archive_url)
  fi
  [[ -n $url ]] || fail "none of the package sources in /etc/apt is Debian's archive" "add it, and run make again"

  debian13=$PWD/.deps/apt
  rm -rf "$debian13"
  mkdir -p "$debian13"/{lists/partial,cache/archives/partial,etc,download}
  {
    printf '%s\n' "Types: $1" "URIs: $url" 'Suites: trixie' 'Components: main'
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    if [[ -e $keyring ]]; then say "Signed-By: $keyring"; fi
  } >"$debian13/etc/trixie.sources"
  logged debian13-update debian13_apt update || fail "Debian 13's package index cannot be fetched" \
    "check the network; an old keyring is renewed by: apt-get install debian-archive-keyring"
}

# debian13_apt ARGUMENTS...: apt-get in $debian13/download.
debian13_apt() (
  cd "$debian13/download" || exit
  apt-get -o Dir::State::lists="$debian13/lists" -o Dir::Cache="$debian13/cache" -o Dir::Etc::sourcelist=/dev/null \
    -o Dir::Etc::sourceparts="$debian13/etc" -o Dir::Etc::preferences=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User=root "$@"
)

close_debian13() { rm -rf "$debian13"; }
