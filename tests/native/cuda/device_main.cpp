// SPDX-License-Identifier: Apache-2.0
// Where there is no GPU, all tests are skipped, aloud.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

#include "native/cuda/cuda_backend.h"
#include "native/cuda/device.h"

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;  // ctest's SKIP_RETURN_CODE
  const auto devices = synsight::cuda::list_devices();
  if (!devices) {
    std::printf("skipped: %s\n", devices.error().message.c_str());
    return kSkipped;
  }
  const auto device = synsight::CudaBackend().describe_device(0);
  std::printf("on %s\n", device ? device->c_str() : device.error().message.c_str());
  return doctest::Context(argc, argv).run();
}
