// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "core/graph/attributes.h"
#include "core/ops/gemm.h"
#include "core/ops/matmul.h"
#include "core/ops/strided.h"
#include "native/cuda/functors/matrix_product.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"
#include "native/cuda/kernels/matrix_product.h"
#include "native/cuda/upload.h"

namespace synsight::cuda {

namespace {

/// What both operators come to.
struct Product {
  int64_t batch = 1;
  int64_t m = 0;
  int64_t k = 0;
  int64_t n = 0;
  StridedMap a_batch;
  StridedMap b_batch;
  StridedMap c_elements;
  bool is_a_transposed = false;
  bool is_b_transposed = false;
  float alpha = 1;
  float beta = 1;
};

Result<Product> find_gemm(const Node& node, std::span<const Operand> inputs) {
  SYNSIGHT_TRY_ASSIGN(const ops::GemmParams params,
                      ops::parse_gemm(node, inputs[0].info.shape, inputs[1].info.shape));
  Product product;
  product.m = params.m;
  product.k = params.k;
  product.n = params.n;
  product.is_a_transposed = params.is_a_transposed;
  product.is_b_transposed = params.is_b_transposed;
  product.alpha = params.alpha;
  product.beta = params.beta;
  if (inputs.size() > 2 && inputs[2].exists()) {
    const Shape output{params.m, params.n};
    product.c_elements = map_of(output, ops::broadcast_strides(inputs[2].info.shape, output));
  }
  return product;
}

Result<Product> find_matmul(std::span<const Operand> inputs) {
  SYNSIGHT_TRY_ASSIGN(const ops::MatMulParams params,
                      ops::parse_matmul(inputs[0].info.shape, inputs[1].info.shape));
  Product product;
  product.batch = static_cast<int64_t>(params.batch.num_elements());
  product.m = params.m;
  product.k = params.k;
  product.n = params.n;
  product.a_batch = map_of(params.batch, ops::broadcast_strides(params.a_batch, params.batch),
                           params.m * params.k);
  product.b_batch = map_of(params.batch, ops::broadcast_strides(params.b_batch, params.batch),
                           params.k * params.n);
  return product;
}

/// Gemm and MatMul without a library. A constant matrix B is packed as [n,k].
class MatrixProduct final : public LaunchKernel {
 public:
  MatrixProduct(const Compilation& compilation, const Node& node,
                std::shared_ptr<const Memory> packed)
      : LaunchKernel(compilation.queue, node, "matrix product"),
        storage_(compilation.storage),
        packed_(std::move(packed)) {}

  bool has_packed(size_t input) const override { return input == 1 && packed_ != nullptr; }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    Kernel::choose_layouts(inputs, outputs);
    inputs[0].info.dtype = inputs[1].info.dtype = outputs[0].info.dtype = storage_;
    if (inputs.size() > 2) want_plain_f32(inputs[2]);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    if (node().op_type == "Gemm") {
      SYNSIGHT_TRY_ASSIGN(product_, find_gemm(node(), inputs));
    } else {
      SYNSIGHT_TRY_ASSIGN(product_, find_matmul(inputs));
    }
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    visit_float_storage(storage_, [&](auto type) {
      using T = decltype(type);
      bind_product<T>(inputs, static_cast<T*>(outputs[0]));
    });
    return {};
  }

 private:
  template <typename T>
  void bind_product(std::span<const void* const> inputs, T* y) {
    const Product& p = product_;
    const bool is_b_transposed = p.is_b_transposed || packed_ != nullptr;
    ProductShape<T> shape;
    shape.a = static_cast<const T*>(inputs[0]);
    shape.b =
        packed_ ? reinterpret_cast<const T*>(packed_->data()) : static_cast<const T*>(inputs[1]);
    shape.c = inputs.size() > 2 ? static_cast<const float*>(inputs[2]) : nullptr;
    shape.y = y;
    shape.a_batch = p.a_batch;
    shape.b_batch = p.b_batch;
    shape.c_elements = p.c_elements;
    shape.m = Divider(p.m);
    shape.n = Divider(p.n);
    shape.k = p.k;
    shape.a_row_step = p.is_a_transposed ? 1 : p.k;
    shape.a_column_step = p.is_a_transposed ? p.m : 1;
    shape.b_row_step = is_b_transposed ? 1 : p.n;
    shape.b_column_step = is_b_transposed ? p.k : 1;
    shape.alpha = p.alpha;
    shape.beta = p.beta;
    shape.clamp = clamp();
    const int64_t count = p.batch * p.m * p.n;
    if (p.is_a_transposed || shape.b_row_step != 1) {
      bind(ProductElement<T>{shape}, count);
    } else if (p.k % kFullWidth<T> == 0) {
      bind_rows(ProductRow<T, kFullWidth<T>>{shape}, count);
    } else {
      bind_rows(ProductRow<T, 1>{shape}, count);
    }
  }

  DType storage_;
  std::shared_ptr<const Memory> packed_;
  Product product_;
};

/// [k,n] as [n,k].
Result<Tensor> transpose(const TensorView& matrix) {
  const Shape shape{matrix.shape[1], matrix.shape[0]};
  SYNSIGHT_TRY_ASSIGN(Tensor transposed, Tensor::allocate(DType::kFloat32, shape));
  ops::Strides strides{};
  strides[0] = 1;
  strides[1] = matrix.shape[1];
  ops::copy_strided(shape, sizeof(float), matrix.data, strides, transposed.data(),
                    ops::row_major_strides(shape));
  return transposed;
}

}  // namespace

Result<std::shared_ptr<const Memory>> pack_product(const Compilation& compilation,
                                                   const Node& node) {
  const TensorView b = constant_input(compilation.graph, node, 1);
  if (b.dtype != DType::kFloat32 || b.data == nullptr || b.shape.rank() != 2) return nullptr;
  SYNSIGHT_TRY_ASSIGN(const int64_t trans_b, int_attribute(node, "transB", 0));
  Memory packed;
  if (node.op_type == "Gemm" && trans_b != 0) {
    SYNSIGHT_TRY_ASSIGN(packed, upload(compilation.queue, b, compilation.storage));
  } else {
    SYNSIGHT_TRY_ASSIGN(const Tensor transposed, transpose(b));
    SYNSIGHT_TRY_ASSIGN(packed, upload(compilation.queue, transposed.view(), compilation.storage));
  }
  return std::make_shared<const Memory>(std::move(packed));
}

std::unique_ptr<Kernel> make_direct_product(const Compilation& compilation, const Node& node,
                                            std::shared_ptr<const Memory> packed) {
  return std::make_unique<MatrixProduct>(compilation, node, std::move(packed));
}

Result<std::unique_ptr<Kernel>> make_direct_product(const Compilation& compilation,
                                                    const Node& node) {
  SYNSIGHT_TRY_ASSIGN(auto packed, pack_product(compilation, node));
  return make_direct_product(compilation, node, std::move(packed));
}

}  // namespace synsight::cuda
