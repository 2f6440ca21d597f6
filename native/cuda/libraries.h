// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/backend/backend.h"
#include "core/backend/kernel.h"
#include "core/base/result.h"
#include "native/cuda/kernel.h"
#include "native/cuda/quantized_groups.h"

/// NVIDIA's libraries, as far as kernels use them. The tests' stand-in has none.
namespace synsight::cuda {

/// cuDNN's and cuBLASLt's handles, and the plans that are known.
struct Libraries;

struct CloseLibraries {
  void operator()(Libraries* libraries) const;
};
using OpenLibraries = std::unique_ptr<Libraries, CloseLibraries>;

/// Their versions, for people: `cuDNN 9.13.0, cuBLASLt 13.0.2`.
std::string library_versions();

/// Null where there are none. Errors: kDevice.
Result<OpenLibraries> open_libraries(const Queue& queue, const CompileOptions& options);

/// Conv by cuDNN, and Gemm and MatMul by cuBLASLt; null for what they do not do, or do badly.
Result<std::unique_ptr<Kernel>> make_library_convolution(const Compilation& compilation,
                                                         const Node& node);
Result<std::unique_ptr<Kernel>> make_library_product(const Compilation& compilation,
                                                     const Node& node);
/// The same for a quantised group of that Conv: sums of 8-bit integers by either.
Result<std::unique_ptr<Kernel>> make_library_quantized(const Compilation& compilation,
                                                       const Node& conv,
                                                       const QuantizedLayer& layer);

}  // namespace synsight::cuda
