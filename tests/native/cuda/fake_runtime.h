// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace synsight::test {

struct FakeGpu {
  std::string name;
  int major = 0;
  int minor = 0;
};

/// A machine as CUDA's runtime shows it; fake_runtime.cpp is linked in the runtime's place and
/// answers from the one that lives. It computes nothing.
struct FakeRuntime {
  FakeRuntime();
  FakeRuntime(const FakeRuntime&) = delete;
  FakeRuntime& operator=(const FakeRuntime&) = delete;
  ~FakeRuntime();

  // What it answers.
  int driver_version = 13000;  // 0: there is no driver
  std::vector<FakeGpu> gpus = {{"Fake GPU", 9, 0}};
  size_t free_bytes = size_t{64} << 20;
  size_t pinnable_bytes = size_t{64} << 20;
  std::map<std::string, cudaError_t> failures;  // by the call's name

  // What it was asked.
  int device = -1;
  cudaError_t last_error = cudaSuccess;
  std::map<void*, std::string> alive;     // what was made and not yet given back, and its kind
  std::set<void*> busy;                   // queues that nobody waited for since their last work
  std::vector<std::string> mistakes;      // what a real runtime might not survive
  std::map<std::string, int> num_called;  // by the call's name
};

}  // namespace synsight::test
