#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sanitize.sh TOOL PROGRAM [ARGUMENT...]: runs a test program for a GPU under NVIDIA's compute-sanitizer with that tool. Exits
# with 1 where it finds anything, as the program does where a test fails, and with 77, ctest's SKIP_RETURN_CODE, where
# compute-sanitizer or a GPU is missing.
set -uo pipefail
readonly skipped=77

tool=$1
program=$2
shift 2

# The toolkit's folder, as CMake looks for nvcc.
PATH=$PATH:${CUDA_PATH:-/usr/local/cuda}/bin
if ! command -v compute-sanitizer >/dev/null; then
  echo "skipped: $tool, because there is no compute-sanitizer, which is part of NVIDIA's CUDA toolkit"
  exit $skipped
fi

# It says itself why there is no GPU, which compute-sanitizer might tell as an error.
"$program" --count
status=$?
((status == 0)) || exit $status

# What a call to the driver answers is the program's to judge: some only ask what the device can do.
compute-sanitizer --tool "$tool" --error-exitcode 1 --report-api-errors no "$program" "$@"
status=$?
# The program does not skip any more, so that code would be a failure's.
((status != skipped)) || status=1
exit $status
