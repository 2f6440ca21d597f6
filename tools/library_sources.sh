#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts the sources of XNNPACK, its three helpers and stb_image into .deps/, from Debian 13's archive.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source=tools/debian13.sh
source tools/debian13.sh

sources=(
  xnnpack=0.0~git20241108.4ea82e5
  pthreadpool=0.0~git20240616.560c60d
  fp16=0.0~git20200514.4dfe081
  fxdiv=0.0~git20200417.b408327
  stb=0.0~git20241109.5c20573+ds
)
stamp=.deps/.sources-$(sha256sum tools/library_sources.sh | cut -c1-16)
[[ ! -e $stamp ]] || exit 0

if ! is_debian; then
  say "not Debian: CMake will fetch XNNPACK's and stb's sources from their repositories"
  exit 0
fi

say "fetching the sources of XNNPACK, pthreadpool, FP16, FXdiv and stb"
open_debian13 deb-src
for entry in "${sources[@]}"; do
  name=${entry%%=*} version=${entry#*=}
  package=${name/#stb/libstb}
  archive=${package}_$version.orig.tar.xz
  logged "source-$name" debian13_apt source --tar-only --download-only "$package" ||
    fail "the source of $package cannot be fetched" "check the network, and run make again"
  [[ -f $debian13/download/$archive ]] || fail "Debian 13's archive has another version of $package, not $version" \
    "put the new one into tools/library_sources.sh, and test"

  # Some archives have one folder at their top, some have none.
  new=.deps/$name.new
  rm -rf "$new" ".deps/$name"
  mkdir -p "$new"
  tar -xf "$debian13/download/$archive" -C "$new"
  tops=("$new"/*)
  if ((${#tops[@]} == 1)); then
    mv "${tops[0]}" ".deps/$name"
    rmdir "$new"
  else
    mv "$new" ".deps/$name"
  fi
done
close_debian13
touch "$stamp"
