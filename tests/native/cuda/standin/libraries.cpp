// SPDX-License-Identifier: Apache-2.0
// Without NVIDIA's libraries, all work is that of our own kernels.
#include "native/cuda/libraries.h"

namespace synsight::cuda {

struct Libraries {};

void CloseLibraries::operator()(Libraries* libraries) const { delete libraries; }

std::string library_versions() { return "no libraries"; }

Result<OpenLibraries> open_libraries(const Queue& /*queue*/, const CompileOptions& /*options*/) {
  return nullptr;
}

Result<std::unique_ptr<Kernel>> make_library_convolution(const Compilation& /*compilation*/,
                                                         const Node& /*node*/) {
  return nullptr;
}

Result<std::unique_ptr<Kernel>> make_library_product(const Compilation& /*compilation*/,
                                                     const Node& /*node*/) {
  return nullptr;
}

Result<std::unique_ptr<Kernel>> make_library_quantized(const Compilation& /*compilation*/,
                                                       const Node& /*conv*/,
                                                       const QuantizedLayer& /*layer*/) {
  return nullptr;
}

}  // namespace synsight::cuda
