// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/backend/kernel.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/dtype.h"
#include "native/cuda/device.h"

namespace synsight::cuda {

struct Libraries;

/// What a kernel's maker may look at and use; the queue and the libraries outlive the kernel.
struct Compilation : synsight::Compilation {
  Queue& queue;          // kernels queue their work here
  Libraries* libraries;  // null in the tests' stand-in
  DType storage;         // of floating-point values between nodes: f32, f16 or bf16
  bool allows_tf32;      // f32 products may be of 10 bits
};

/// Makes a node's kernel and packs its constants; null where it cannot do this node.
using MakeKernel = Result<std::unique_ptr<Kernel>> (*)(const Compilation& compilation,
                                                       const Node& node);

}  // namespace synsight::cuda
