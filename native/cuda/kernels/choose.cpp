// SPDX-License-Identifier: Apache-2.0
// Which of several ways a node is computed: a library's where it has a good one.
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/quantized_convolution.h"
#include "native/cuda/libraries.h"

namespace synsight::cuda {

namespace {

Result<std::unique_ptr<Kernel>> make_first(std::initializer_list<MakeKernel> makers,
                                           const Compilation& compilation, const Node& node) {
  for (const MakeKernel make : makers) {
    SYNSIGHT_TRY_ASSIGN(auto kernel, make(compilation, node));
    if (kernel) return kernel;
  }
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<Kernel>> make_convolution(const Compilation& compilation, const Node& node) {
  return make_first({make_depthwise, make_library_convolution, make_direct_convolution},
                    compilation, node);
}

Result<std::unique_ptr<Kernel>> make_product(const Compilation& compilation, const Node& node) {
  return make_first({make_library_product, make_direct_product}, compilation, node);
}

Result<std::unique_ptr<Kernel>> make_quantized_convolution(const Compilation& compilation,
                                                           const Node& conv,
                                                           const QuantizedLayer& layer) {
  SYNSIGHT_TRY_ASSIGN(auto kernel, make_library_quantized(compilation, conv, layer));
  if (kernel) return kernel;
  return make_own_quantized(compilation, conv, layer);
}

}  // namespace synsight::cuda
