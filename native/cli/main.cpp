// SPDX-License-Identifier: Apache-2.0
#include "core/backend/reference/reference_backend.h"
#include "core/backend/xnnpack/xnnpack_backend.h"
#include "native/cli/command_line.h"

int main(int argc, char** argv) {
  const synsight::XnnpackBackend xnnpack;
  const synsight::ReferenceBackend reference;
  return synsight::cli::run_command_line(argc, argv, {&xnnpack, &reference});
}
