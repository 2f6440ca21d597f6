#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts the demo page into build/site, as a server would give it: the page, the package, the default model and the samples.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"
rm -rf build/site
mkdir -p build/site
cp -r web/demo/. build/site/
cp -r web/dist build/site/dist
cp -r build/pictures build/site/pictures
cp "build/models/$1.onnx" build/site/
