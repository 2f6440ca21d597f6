#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# setup.sh demo|test|cuda|web|lint|parity|bench|bench-web...: installs what these need, each part once. What is there already takes no time.
# SYNSIGHT_SKIP_PACKAGES=1 leaves the system's packages alone.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"

packages=(ca-certificates ccache clang-19 cmake doctest-dev libcli11-dev libexpected-dev lld-19 ninja-build
  nlohmann-json3-dev python3-venv xz-utils)
# Who has Node.js from elsewhere keeps it: Debian's npm does not go with it.
node_packages=()
command -v node >/dev/null || node_packages+=(nodejs)
command -v npm >/dev/null || node_packages+=(npm)
web_packages=(llvm-19 patchelf "${node_packages[@]}")
requirements=(models/requirements.txt)
needs_emscripten=0
needs_cuda=0
for purpose; do
  case $purpose in
    demo) ;;
    test)
      packages+=(chromium firefox-esr graphviz libclang-rt-19-dev webkit2gtk-driver xvfb "${web_packages[@]}")
      requirements+=(tests/requirements.txt models/requirements-keras.txt)
      needs_emscripten=1
      ;;
    cuda) needs_cuda=1 ;;
    web)
      packages+=("${web_packages[@]}")
      needs_emscripten=1
      ;;
    lint)
      packages+=(clang-format-19 clang-tidy-19 shellcheck "${node_packages[@]}")
      requirements+=(tools/requirements.txt)
      ;;
    parity)
      packages+=("${web_packages[@]}")
      requirements+=(tests/requirements.txt models/requirements-keras.txt)
      needs_emscripten=1
      ;;
    bench) requirements+=(tests/requirements.txt tests/benchmarks/requirements.txt) ;;
    bench-web)
      packages+=(chromium firefox-esr "${web_packages[@]}")
      requirements+=(tests/requirements.txt tests/benchmarks/web/requirements.txt)
      needs_emscripten=1
      ;;
    *) fail "setup.sh: unknown purpose \"$purpose\"" "known: demo test cuda web lint parity bench bench-web" ;;
  esac
done

if [[ ${SYNSIGHT_SKIP_PACKAGES:-} != 1 ]]; then tools/system_packages.sh "${packages[@]}"; fi
tools/library_sources.sh
if ((needs_emscripten)); then tools/emscripten.sh; fi
tools/python_env.sh "${requirements[@]}"
if ((needs_cuda)); then tools/cuda.sh; fi
