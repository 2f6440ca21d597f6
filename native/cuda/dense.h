// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/tensor/dtype.h"

namespace synsight::cuda {

/// D = activation(alpha * A * B + beta * C + bias), `batch` times. A: [m,k], or [k,m] where it is
/// transposed; B: [k,n] or [n,k]; C and D: [m,n], each row after row without gaps; bias: [n], added
/// to every row of every D. Sums are f32; of int8 they are int32, and there is nothing else.
/// Source: ONNX Gemm-13, MatMul-13.
struct DenseSpec {
  int64_t m = 1;
  int64_t n = 1;
  int64_t k = 1;
  int64_t batch = 1;
  /// Elements from one matrix of the batch to the next; 0 where all share one.
  int64_t a_step = 0;
  int64_t b_step = 0;
  int64_t d_step = 0;
  bool transpose_a = false;
  bool transpose_b = false;
  DType factors = DType::kFloat32;  // A and B: f32, f16, bf16 or int8
  DType result = DType::kFloat32;   // C, D and bias: f32, or what the factors are; int32 of int8
  bool allow_tf32 = false;          // f32 factors may lose the last 13 of their 24 bits
  float alpha = 1;
  float beta = 0;  // at 0 there is no C
  bool has_bias = false;
  bool has_relu = false;
};

/// One line for messages and profiles: `float16 [64,2048] * [2048,1000] to float32, + bias`.
std::string to_string(const DenseSpec& spec);

/// Device memory, 16-byte aligned; bias and C only where the spec has them.
struct DenseBuffers {
  const void* a = nullptr;
  const void* b = nullptr;
  const void* bias = nullptr;
  const void* c = nullptr;
  void* d = nullptr;
  void* workspace = nullptr;  // workspace_bytes() of it; null for 0
};

/// Matrix products of given shapes, computed by cuBLASLt: describe, prepare, then execute as often
/// as wanted, in one thread at a time. Tensor cores want n and k that are multiples of 16 bytes.
class Dense {
 public:
  /// Checks the spec; needs no device. Errors: kUnsupportedType, kShapeMismatch, kDevice.
  static Result<Dense> describe(const DenseSpec& spec);

  Dense(Dense&&) noexcept;
  Dense& operator=(Dense&&) noexcept;
  ~Dense();

  /// Takes cuBLASLt's first proposal within that workspace; one that gathers partial sums does it
  /// in f32. Errors: kUnsupportedOp where there is none, kDevice.
  Status prepare(cublasLtHandle_t handle, size_t max_workspace_bytes);

  /// What `execute` needs.
  size_t workspace_bytes() const;

  /// Queues the product, or records it; allocates nothing. Errors: kInvalidArgument before prepare,
  /// kDevice.
  Status execute(cublasLtHandle_t handle, cudaStream_t stream, const DenseBuffers& buffers);

 private:
  struct Impl;
  explicit Dense(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace synsight::cuda
