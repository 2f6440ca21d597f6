// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/dense.h"

#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/tensor/shape.h"
#include "native/cuda/library_handles.h"

namespace synsight::cuda {

namespace {

constexpr uint32_t kAlignmentBytes = 16;

Error error_of(const DenseSpec& spec, ErrorCode code, std::string_view what) {
  return {code, concat({"matrix product ", to_string(spec), ": ", what})};
}

bool is_computed(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBFloat16;
}

/// Whether it is plain sums of int8.
bool is_integer(const DenseSpec& spec) {
  return spec.factors == DType::kInt8 && spec.result == DType::kInt32 && spec.alpha == 1 &&
         spec.beta == 0 && !spec.has_bias && !spec.has_relu;
}

cudaDataType_t data_type(DType dtype) {
  if (dtype == DType::kInt8) return CUDA_R_8I;
  if (dtype == DType::kInt32) return CUDA_R_32I;
  if (dtype == DType::kFloat16) return CUDA_R_16F;
  return dtype == DType::kBFloat16 ? CUDA_R_16BF : CUDA_R_32F;
}

Status check(const DenseSpec& spec) {
  const bool is_floating =
      is_computed(spec.factors) && (spec.result == DType::kFloat32 || spec.result == spec.factors);
  if (!is_floating && !is_integer(spec)) {
    return tl::unexpected(
        error_of(spec, ErrorCode::kUnsupportedType, "not computed in these element types"));
  }
  if (spec.m < 1 || spec.n < 1 || spec.k < 1 || spec.batch < 1 || spec.a_step < 0 ||
      spec.b_step < 0) {
    return tl::unexpected(error_of(spec, ErrorCode::kShapeMismatch, "a size below 1"));
  }
  for (const Shape& shape : {Shape{spec.batch, spec.m, spec.k}, Shape{spec.batch, spec.k, spec.n},
                             Shape{spec.batch, spec.m, spec.n}}) {
    SYNSIGHT_TRY(shape.checked_num_elements());
  }
  if (spec.batch > 1 && spec.d_step < spec.m * spec.n) {
    return tl::unexpected(error_of(spec, ErrorCode::kShapeMismatch, "the products overlap"));
  }
  return {};
}

template <typename Descriptor, cublasStatus_t (*kDestroy)(Descriptor)>
struct Destroy {
  void operator()(Descriptor descriptor) const { kDestroy(descriptor); }
};
using Operation = std::unique_ptr<cublasLtMatmulDescOpaque_t,
                                  Destroy<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>>;
using Layout = std::unique_ptr<cublasLtMatrixLayoutOpaque_t,
                               Destroy<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>>;
using Preference =
    std::unique_ptr<cublasLtMatmulPreferenceOpaque_t,
                    Destroy<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy>>;

template <typename T>
Status set(const Operation& operation, cublasLtMatmulDescAttributes_t attribute, const T& value) {
  SYNSIGHT_CUDA_TRY(
      cublasLtMatmulDescSetAttribute(operation.get(), attribute, &value, sizeof(value)));
  return {};
}

template <typename T>
Status set(const Layout& layout, cublasLtMatrixLayoutAttribute_t attribute, const T& value) {
  SYNSIGHT_CUDA_TRY(
      cublasLtMatrixLayoutSetAttribute(layout.get(), attribute, &value, sizeof(value)));
  return {};
}

template <typename T>
Status set(const Preference& preference, cublasLtMatmulPreferenceAttributes_t attribute,
           const T& value) {
  SYNSIGHT_CUDA_TRY(
      cublasLtMatmulPreferenceSetAttribute(preference.get(), attribute, &value, sizeof(value)));
  return {};
}

/// A matrix of `num_rows` rows, one after the other: to cuBLASLt the columns of the transposed one.
Result<Layout> make_layout(DType dtype, int64_t num_rows, int64_t num_columns, int64_t batch,
                           int64_t step) {
  cublasLtMatrixLayout_t created = nullptr;
  SYNSIGHT_CUDA_TRY(cublasLtMatrixLayoutCreate(&created, data_type(dtype),
                                               static_cast<uint64_t>(num_columns),
                                               static_cast<uint64_t>(num_rows), num_columns));
  Layout layout(created);
  if (batch > 1) {
    SYNSIGHT_TRY(set(layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, static_cast<int32_t>(batch)));
    SYNSIGHT_TRY(set(layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, step));
  }
  return layout;
}

cublasLtEpilogue_t epilogue(const DenseSpec& spec) {
  if (spec.has_bias) {
    return spec.has_relu ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS;
  }
  return spec.has_relu ? CUBLASLT_EPILOGUE_RELU : CUBLASLT_EPILOGUE_DEFAULT;
}

/// cuBLASLt's A is our B and the reverse: it computes the transposed D, whose columns are our rows.
Result<Operation> make_operation(const DenseSpec& spec) {
  const bool is_tf32 = spec.factors == DType::kFloat32 && spec.allow_tf32;
  cublasLtMatmulDesc_t created = nullptr;
  if (is_integer(spec)) {
    SYNSIGHT_CUDA_TRY(cublasLtMatmulDescCreate(&created, CUBLAS_COMPUTE_32I, CUDA_R_32I));
  } else {
    SYNSIGHT_CUDA_TRY(cublasLtMatmulDescCreate(
        &created, is_tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, CUDA_R_32F));
  }
  Operation operation(created);
  SYNSIGHT_TRY(
      set(operation, CUBLASLT_MATMUL_DESC_TRANSA, spec.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N));
  SYNSIGHT_TRY(
      set(operation, CUBLASLT_MATMUL_DESC_TRANSB, spec.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N));
  SYNSIGHT_TRY(set(operation, CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue(spec)));
  return operation;
}

Result<Preference> make_preference(size_t max_workspace_bytes) {
  cublasLtMatmulPreference_t created = nullptr;
  SYNSIGHT_CUDA_TRY(cublasLtMatmulPreferenceCreate(&created));
  Preference preference(created);
  SYNSIGHT_TRY(set(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                   static_cast<uint64_t>(max_workspace_bytes)));
  SYNSIGHT_TRY(set(preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                   static_cast<uint32_t>(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE)));
  for (const auto attribute :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
    SYNSIGHT_TRY(set(preference, attribute, kAlignmentBytes));
  }
  return preference;
}

}  // namespace

std::string to_string(const DenseSpec& spec) {
  const auto matrix = [](int64_t num_rows, int64_t num_columns, bool is_transposed) {
    return is_transposed ? concat({Shape{num_columns, num_rows}.to_string(), "^T"})
                         : Shape{num_rows, num_columns}.to_string();
  };
  const bool is_tf32 = spec.factors == DType::kFloat32 && spec.allow_tf32;
  std::string text =
      concat({is_tf32 ? "float32 as tf32" : dtype_name(spec.factors), " ",
              matrix(spec.m, spec.k, spec.transpose_a), " * ",
              matrix(spec.k, spec.n, spec.transpose_b), " to ", dtype_name(spec.result)});
  if (spec.batch > 1) text += concat({", ", spec.batch, " times"});
  if (spec.has_bias) text += ", + bias";
  if (spec.has_relu) text += ", Relu";
  return text;
}

struct Dense::Impl {
  DenseSpec spec;
  Operation operation;
  Layout a;
  Layout b;
  Layout d;
  std::optional<cublasLtMatmulHeuristicResult_t> chosen;
};

Dense::Dense(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Dense::Dense(Dense&&) noexcept = default;
Dense& Dense::operator=(Dense&&) noexcept = default;
Dense::~Dense() = default;

Result<Dense> Dense::describe(const DenseSpec& spec) {
  SYNSIGHT_TRY(check(spec));
  auto impl = std::make_unique<Impl>();
  impl->spec = spec;
  const auto layout = [&](DType dtype, int64_t num_rows, int64_t num_columns, bool is_transposed,
                          int64_t step) {
    if (is_transposed) std::swap(num_rows, num_columns);
    return make_layout(dtype, num_rows, num_columns, spec.batch, step);
  };
  SYNSIGHT_TRY_ASSIGN(impl->operation, make_operation(spec));
  SYNSIGHT_TRY_ASSIGN(impl->a, layout(spec.factors, spec.m, spec.k, spec.transpose_a, spec.a_step));
  SYNSIGHT_TRY_ASSIGN(impl->b, layout(spec.factors, spec.k, spec.n, spec.transpose_b, spec.b_step));
  SYNSIGHT_TRY_ASSIGN(impl->d, layout(spec.result, spec.m, spec.n, false, spec.d_step));
  return Dense(std::move(impl));
}

Status Dense::prepare(cublasLtHandle_t handle, size_t max_workspace_bytes) {
  Impl& impl = *impl_;
  SYNSIGHT_TRY_ASSIGN(const Preference preference, make_preference(max_workspace_bytes));
  if (impl.spec.has_bias) {
    // It looks at how the bias is aligned; any address that is aligned as the later ones will do.
    SYNSIGHT_TRY(
        set(impl.operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, uintptr_t{kAlignmentBytes}));
  }
  cublasLtMatmulHeuristicResult_t proposal{};
  int num_proposals = 0;
  SYNSIGHT_CUDA_TRY(cublasLtMatmulAlgoGetHeuristic(handle, impl.operation.get(), impl.b.get(),
                                                   impl.a.get(), impl.d.get(), impl.d.get(),
                                                   preference.get(), 1, &proposal, &num_proposals));
  if (num_proposals == 0 || proposal.state != CUBLAS_STATUS_SUCCESS) {
    return tl::unexpected(error_of(impl.spec, ErrorCode::kUnsupportedOp, "cuBLASLt has no kernel"));
  }
  impl.chosen = proposal;
  return {};
}

size_t Dense::workspace_bytes() const {
  const auto& chosen = impl_->chosen;
  return chosen ? chosen->workspaceSize : 0;
}

Status Dense::execute(cublasLtHandle_t handle, cudaStream_t stream, const DenseBuffers& buffers) {
  Impl& impl = *impl_;
  if (!impl.chosen) {
    return tl::unexpected(
        error_of(impl.spec, ErrorCode::kInvalidArgument, "executed before it is prepared"));
  }
  if (impl.spec.has_bias) {
    SYNSIGHT_TRY(set(impl.operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER,
                     reinterpret_cast<uintptr_t>(buffers.bias)));
  }
  const void* const c = impl.spec.beta != 0 ? buffers.c : buffers.d;  // never null
  // They are of the type in which it sums.
  constexpr int32_t kFactors[] = {1, 0};
  const bool has_integers = is_integer(impl.spec);
  const void* const alpha =
      has_integers ? static_cast<const void*>(&kFactors[0]) : &impl.spec.alpha;
  const void* const beta = has_integers ? static_cast<const void*>(&kFactors[1]) : &impl.spec.beta;
  SYNSIGHT_CUDA_TRY(cublasLtMatmul(handle, impl.operation.get(), alpha, buffers.b, impl.b.get(),
                                   buffers.a, impl.a.get(), beta, c, impl.d.get(), buffers.d,
                                   impl.d.get(), &impl.chosen->algo, buffers.workspace,
                                   impl.chosen->workspaceSize, stream));
  return {};
}

}  // namespace synsight::cuda
