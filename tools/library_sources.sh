#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts the sources of XNNPACK, its three helpers and stb_image into .deps/, from Debian 13's archive, whose signed index
# vouches for them, by an apt configuration of our own: nothing of it touches the system's.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"

sources=(
  xnnpack=0.0~git20241108.4ea82e5
  pthreadpool=0.0~git20240616.560c60d
  fp16=0.0~git20200514.4dfe081
  fxdiv=0.0~git20200417.b408327
  stb=0.0~git20241109.5c20573+ds
)
stamp=.deps/.sources-$(sha256sum tools/library_sources.sh | cut -c1-16)
[[ ! -e $stamp ]] || exit 0

archive_url() {
  # Of the system's package sources, the one that is Debian's main archive: not security, updates or someone else's.
  # shellcheck disable=SC2016  # apt-get fills these in
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(CODENAME)|$(REPO_URI)' 'Created-By: Packages' |
    awk -F'|' '$1 == "Debian" && $2 == "Debian" && $3 == "main" && $4 !~ /-/ { print $5; exit }'
}

if ! grep -qs '^ID=debian' /etc/os-release || ! command -v apt-get >/dev/null; then
  say "not Debian: CMake will fetch XNNPACK's and stb's sources from their repositories"
  exit 0
fi

say "fetching the sources of XNNPACK, pthreadpool, FP16, FXdiv and stb"
url=$(archive_url)
if [[ -z $url ]]; then
  # What a source holds is known only once its lists are there.
  root=()
  if ((EUID != 0)); then root=(sudo); fi
  logged apt-update "${root[@]}" apt-get update || fail "apt-get update failed" "check the network and /etc/apt"
  url=$(archive_url)
fi
[[ -n $url ]] || fail "none of the package sources in /etc/apt is Debian's archive" \
  "add it, or put the source trees into .deps/xnnpack, pthreadpool, fp16, fxdiv and stb, and: touch $stamp"

apt_dir=$PWD/.deps/apt
rm -rf "$apt_dir"
mkdir -p "$apt_dir"/{lists/partial,cache/archives/partial,etc,download}
{
  printf '%s\n' 'Types: deb-src' "URIs: $url" 'Suites: trixie' 'Components: main'
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  if [[ -e $keyring ]]; then say "Signed-By: $keyring"; fi
} >"$apt_dir/etc/trixie.sources"
private_apt() {
  apt-get -o Dir::State::lists="$apt_dir/lists" -o Dir::Cache="$apt_dir/cache" -o Dir::Etc::sourcelist=/dev/null \
    -o Dir::Etc::sourceparts="$apt_dir/etc" -o Dir::Etc::preferences=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User=root "$@"
}
download() (cd "$apt_dir/download" && private_apt source --tar-only --download-only "$1")
logged sources-update private_apt update || fail "Debian 13's package index cannot be fetched" \
  "check the network; an old keyring is renewed by: apt-get install debian-archive-keyring"

for entry in "${sources[@]}"; do
  name=${entry%%=*} version=${entry#*=}
  package=${name/#stb/libstb}
  archive=${package}_$version.orig.tar.xz
  logged "source-$name" download "$package" ||
    fail "the source of $package cannot be fetched" "check the network, and run make again"
  [[ -f $apt_dir/download/$archive ]] || fail "Debian 13's archive has another version of $package, not $version" \
    "put the new one into tools/library_sources.sh, and test"

  # Some archives have one folder at their top, some have none.
  new=.deps/$name.new
  rm -rf "$new" ".deps/$name"
  mkdir -p "$new"
  tar -xf "$apt_dir/download/$archive" -C "$new"
  tops=("$new"/*)
  if ((${#tops[@]} == 1)); then
    mv "${tops[0]}" ".deps/$name"
    rmdir "$new"
  else
    mv "$new" ".deps/$name"
  fi
done
rm -rf "$apt_dir"
touch "$stamp"
