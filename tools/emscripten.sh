#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts Emscripten into .deps/emscripten/: `root` is its own folder, `config` its configuration. One that is on PATH and
# new enough is only linked to; else Debian 13's is unpacked there, with Debian 12's LLVM 19 beneath it.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source=tools/debian13.sh
source tools/debian13.sh

readonly oldest=3.1.60  # whose relaxed SIMD has the final opcodes
dir=$PWD/.deps/emscripten
stamp=$dir/.made-$(cat tools/emscripten.sh tools/debian13.sh | sha256sum | cut -c1-16)
[[ ! -e $stamp ]] || exit 0
rm -rf "$dir"
mkdir -p "$dir"

# write_config ROOT LLVM BINARYEN FROZEN
write_config() {
  ln -s "$1" "$dir/root"
  printf '%s\n' "EMSCRIPTEN_ROOT = '$1'" "LLVM_ROOT = '$2'" "BINARYEN_ROOT = '$3'" "NODE_JS = '$(command -v node)'" \
    "FROZEN_CACHE = $4" >"$dir/config"
}

command -v node >/dev/null || fail "there is no node, which Emscripten needs" "install Node.js 18 or newer"
if command -v emcc >/dev/null && version=$(emcc -dumpversion) &&
  [[ $(printf '%s\n' "$oldest" "$version" | sort -V | head -n 1) == "$oldest" ]]; then
  say "using Emscripten $version"
  write_config "$(em-config EMSCRIPTEN_ROOT)" "$(em-config LLVM_ROOT)" "$(em-config BINARYEN_ROOT)" False
else
  is_debian || fail "there is no Emscripten $oldest or newer on PATH" "install one from emscripten.org, and run make again"
  say "fetching Emscripten from Debian 13"
  open_debian13 deb
  packages=(emscripten binaryen libc6 libstdc++6 libgcc-s1 node-acorn)
  logged emscripten-download debian13_apt download "${packages[@]}" ||
    fail "Emscripten cannot be fetched" "check the network, and run make again"
  for package in "$debian13"/download/*.deb; do dpkg -x "$package" "$dir"; done
  close_debian13
  # More than a gigabyte of libraries for kinds of links that nobody here makes.
  rm -rf "$dir"/usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten/{lto,lto-pic,pic}
  # Binaryen's programs are of Debian 13, so they get that one's C library.
  libraries=$dir/usr/lib/$(uname -m)-linux-gnu
  for program in "$dir"/usr/bin/wasm*; do
    logged emscripten-patch patchelf --set-interpreter "$(echo "$libraries"/ld-linux-*.so.*)" \
      --set-rpath "$libraries" "$program" || fail "$program cannot be changed by patchelf"
  done
  ln -sfn nodejs "$dir/usr/share/node_modules"  # where acorn is looked for
  write_config "$dir/usr/share/emscripten" /usr/lib/llvm-19/bin "$dir/usr" True
fi
EM_CONFIG=$dir/config logged emscripten-version "$dir/root/emcc" --version ||
  fail "Emscripten does not start" "see above"
touch "$stamp"
