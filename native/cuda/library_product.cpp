// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>
#include <vector>

#include "core/graph/attributes.h"
#include "native/cuda/dense.h"
#include "native/cuda/kernels/activation.h"
#include "native/cuda/kernels/matrix_product.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/libraries.h"
#include "native/cuda/library_state.h"
#include "native/cuda/product_form.h"
#include "native/cuda/upload.h"

namespace synsight::cuda {

namespace {

/// cuBLASLt's own advice for Hopper; smaller ones rule out what splits the sums.
constexpr size_t kMaxWorkspaceBytes = size_t{32} << 20;

/// A constant C that is a row of D, or one number, on the device as [n].
struct Row {
  Memory elements;   // C, f32
  Memory as_f32;     // beta * C
  Memory as_stored;  // the same in the storage type

  bool exists() const { return elements.data() != nullptr; }
};

/// Gemm and MatMul by cuBLASLt, and by the direct kernel for shapes that it has nothing for.
class LibraryProduct final : public Kernel {
 public:
  LibraryProduct(const Compilation& compilation, const Node& node,
                 std::shared_ptr<const Memory> packed, Row row)
      : queue_(compilation.queue),
        libraries_(*compilation.libraries),
        node_(node),
        storage_(compilation.storage),
        allows_tf32_(compilation.allows_tf32),
        packed_(std::move(packed)),
        row_(std::move(row)),
        direct_(make_direct_product(compilation, node, packed_)) {}

  std::string_view name() const override {
    return prepared_ != nullptr ? "cublaslt product" : direct_->name();
  }

  bool has_packed(size_t input) const override {
    return (input == 1 && packed_ != nullptr) || (input == 2 && row_.exists());
  }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return direct_->accepts(inputs, outputs);
  }

  // An output of the graph is given in its own type.
  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    Kernel::choose_layouts(inputs, outputs);
    inputs[0].info.dtype = inputs[1].info.dtype = storage_;
    if (inputs.size() > 2 && inputs[2].exists()) inputs[2].info.dtype = outputs[0].info.dtype;
    const auto prepared = prepare(inputs, outputs);
    if (!prepared || *prepared == nullptr) direct_->choose_layouts(inputs, outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    SYNSIGHT_TRY_ASSIGN(prepared_, prepare(inputs, outputs));
    output_ = outputs[0];
    if (prepared_ != nullptr) return with_alignment(prepared_->workspace_bytes());
    std::vector<Operand> operands(inputs.begin(), inputs.end());
    if (row_.exists()) operands[2] = {{DType::kFloat32, {row_length()}}, Layout::kPlain};
    return direct_->reshape(operands, outputs);
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    std::vector<const void*> addresses(inputs.begin(), inputs.end());
    if (prepared_ == nullptr) {
      if (row_.exists()) addresses[2] = row_.elements.data();
      return direct_->setup(addresses, outputs, scratch);
    }
    const void* const c = inputs.size() > 2 ? inputs[2] : nullptr;
    const Memory& row = output_.info.dtype == DType::kFloat32 ? row_.as_f32 : row_.as_stored;
    buffers_ = {.a = inputs[0],
                .b = packed_ != nullptr ? packed_->data() : inputs[1],
                .bias = row_.exists() ? row.data() : c,
                .c = c,
                .d = outputs[0],
                .workspace = scratch == nullptr ? nullptr : align_workspace(scratch)};
    return {};
  }

  Status run() override {
    if (prepared_ == nullptr) return direct_->run();
    SYNSIGHT_TRY(prepared_->execute(libraries_.cublaslt.get(), libraries_.stream, buffers_));
    if (has_relu_only()) return {};  // done already
    return queue_activation(queue_, clamp_of(node_), output_, buffers_.d);
  }

 private:
  /// Null where cuBLASLt has none. Errors: kDevice.
  Result<std::unique_ptr<Dense>> prepare(std::span<const Operand> inputs,
                                         std::span<const Operand> outputs) const {
    if (inputs[0].info.dtype != storage_ || inputs[1].info.dtype != storage_) return nullptr;
    const auto spec = find_product_form(node_, inputs, outputs[0],
                                        {packed_ != nullptr, row_.exists()}, allows_tf32_);
    if (!spec) return nullptr;
    SYNSIGHT_TRY_ASSIGN(Dense dense, Dense::describe(*spec));
    const Status prepared = dense.prepare(libraries_.cublaslt.get(), kMaxWorkspaceBytes);
    if (prepared) return std::make_unique<Dense>(std::move(dense));
    if (is_unsupported(prepared.error())) return nullptr;
    return tl::unexpected<Error>(prepared.error());
  }

  bool has_relu_only() const {
    return node_.activation.min == 0 && node_.activation.max == kInfinity;
  }

  int64_t row_length() const { return static_cast<int64_t>(row_.elements.size() / sizeof(float)); }

  Queue& queue_;
  Libraries& libraries_;
  const Node& node_;
  DType storage_;
  bool allows_tf32_;
  std::shared_ptr<const Memory> packed_;  // B, or null
  Row row_;
  std::unique_ptr<Kernel> direct_;
  std::unique_ptr<Dense> prepared_;  // null: the direct kernel does it
  Operand output_;
  DenseBuffers buffers_;
};

/// A constant C of one element or n; empty where it is another.
Result<Row> upload_row(const Compilation& compilation, const Node& node, int64_t n) {
  const TensorView c = constant_input(compilation.graph, node, 2);
  Row row;
  const size_t rank = c.shape.rank();
  const auto num_elements = static_cast<int64_t>(c.shape.num_elements());
  const bool is_row = num_elements == 1 || (num_elements == n && c.shape[rank - 1] == n);
  if (c.dtype != DType::kFloat32 || c.data == nullptr || !is_row) return row;
  SYNSIGHT_TRY_ASSIGN(const float beta, float_attribute(node, "beta", 1));
  SYNSIGHT_TRY_ASSIGN(Tensor elements, Tensor::allocate(DType::kFloat32, {n}));
  const auto from = c.as<float>();
  const auto to = elements.as<float>();
  for (size_t i = 0; i < to.size(); ++i) to[i] = from[from.size() == 1 ? 0 : i];
  SYNSIGHT_TRY_ASSIGN(row.elements, upload(compilation.queue, elements.view(), DType::kFloat32));
  for (float& element : to) element *= beta;
  SYNSIGHT_TRY_ASSIGN(row.as_f32, upload(compilation.queue, elements.view(), DType::kFloat32));
  SYNSIGHT_TRY_ASSIGN(row.as_stored,
                      upload(compilation.queue, elements.view(), compilation.storage));
  return row;
}

}  // namespace

Result<std::unique_ptr<Kernel>> make_library_product(const Compilation& compilation,
                                                     const Node& node) {
  SYNSIGHT_TRY_ASSIGN(auto packed, pack_product(compilation, node));
  Row row;
  if (packed != nullptr && node.op_type == "Gemm") {
    const Shape& b = compilation.graph.value(node.inputs[1]).shape;
    SYNSIGHT_TRY_ASSIGN(const int64_t trans_b, int_attribute(node, "transB", 0));
    SYNSIGHT_TRY_ASSIGN(row, upload_row(compilation, node, b[trans_b != 0 ? 0 : 1]));
  }
  return std::make_unique<LibraryProduct>(compilation, node, std::move(packed), std::move(row));
}

}  // namespace synsight::cuda
