// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/dense.h"

#include <doctest/doctest.h>

#include "tests/support/expect.h"

namespace synsight::test {

using cuda::Dense;
using cuda::DenseSpec;

namespace {

DenseSpec simple() {
  DenseSpec spec;
  spec.m = 64;
  spec.n = 1000;
  spec.k = 2048;
  return spec;
}

ErrorCode code_of(const DenseSpec& spec) {
  const auto dense = Dense::describe(spec);
  REQUIRE(!dense.has_value());
  CHECK(dense.error().message.find('\n') == std::string::npos);
  return dense.error().code;
}

}  // namespace

TEST_CASE("matrix products of every kind are described without a device") {
  for (const DType factors : {DType::kFloat32, DType::kFloat16, DType::kBFloat16}) {
    for (const DType result : {DType::kFloat32, factors}) {
      for (int i = 0; i < 64; ++i) {
        DenseSpec spec = simple();
        spec.factors = factors;
        spec.result = result;
        spec.transpose_a = (i & 1) != 0;
        spec.transpose_b = (i & 2) != 0;
        spec.has_bias = (i & 4) != 0;
        spec.has_relu = (i & 8) != 0;
        spec.allow_tf32 = (i & 16) != 0;
        if ((i & 32) != 0) {
          spec.batch = 12;
          spec.a_step = spec.m * spec.k;
          spec.d_step = spec.m * spec.n;
        }
        CAPTURE(to_string(spec));
        Dense dense = expect(Dense::describe(spec));
        CHECK(dense.workspace_bytes() == 0);
        CHECK(dense.execute(nullptr, nullptr, {}).error().code == ErrorCode::kInvalidArgument);
      }
    }
  }
}

TEST_CASE("sums of 8-bit integers are described, and nothing after them") {
  DenseSpec spec = simple();
  spec.factors = DType::kInt8;
  spec.result = DType::kInt32;
  spec.transpose_b = true;
  CAPTURE(to_string(spec));
  Dense dense = expect(Dense::describe(spec));
  CHECK(dense.execute(nullptr, nullptr, {}).error().code == ErrorCode::kInvalidArgument);
  spec.has_bias = true;
  CHECK(code_of(spec) == ErrorCode::kUnsupportedType);
  spec.has_bias = false;
  spec.result = DType::kInt8;
  CHECK(code_of(spec) == ErrorCode::kUnsupportedType);
}

TEST_CASE("matrix products that cannot be are errors") {
  DenseSpec spec = simple();
  spec.factors = DType::kFloat64;
  CHECK(code_of(spec) == ErrorCode::kUnsupportedType);

  spec = simple();
  spec.factors = DType::kFloat16;
  spec.result = DType::kBFloat16;
  CHECK(code_of(spec) == ErrorCode::kUnsupportedType);

  spec = simple();
  spec.k = 0;
  CHECK(code_of(spec) == ErrorCode::kShapeMismatch);

  spec = simple();
  spec.m = int64_t{1} << 60;
  CHECK(code_of(spec) == ErrorCode::kShapeMismatch);

  spec = simple();
  spec.batch = 2;
  CHECK(code_of(spec) == ErrorCode::kShapeMismatch);
}

TEST_CASE("a matrix product is told in one line") {
  DenseSpec spec = simple();
  spec.factors = DType::kFloat16;
  spec.transpose_b = true;
  spec.batch = 3;
  spec.has_bias = true;
  CHECK(to_string(spec) == "float16 [64,2048] * [1000,2048]^T to float32, 3 times, + bias");
}

}  // namespace synsight::test
