// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/product_form.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/support/op_case.h"

namespace synsight::cuda {

namespace {

using test::TestAttribute;

struct Case {
  const char* what;
  const char* op_type;
  std::vector<Shape> inputs;
  PackedProduct packed;
  std::vector<TestAttribute> attributes;
  const char* spec;  // as to_string tells it; empty where there is none
};

Node make_node(const Case& test_case) {
  Node node;
  node.name = "product";
  node.op_type = test_case.op_type;
  node.opset = 13;
  for (const TestAttribute& attribute : test_case.attributes) {
    node.attributes.push_back(test::to_attribute(attribute));
  }
  return node;
}

Operand plain(DType dtype, const Shape& shape) { return {{dtype, shape}, Layout::kPlain}; }

std::optional<DenseSpec> spec_of(const Node& node, const Case& test_case, DType c_dtype) {
  std::vector<Operand> inputs;
  for (const Shape& shape : test_case.inputs) {
    inputs.push_back(plain(inputs.size() == 2 ? c_dtype : DType::kFloat16, shape));
  }
  return find_product_form(node, inputs, plain(DType::kFloat32, {}), test_case.packed, true);
}

const std::vector<Case> kCases = {
    {"a classifier's end",
     "Gemm",
     {{2, 512}, {1000, 512}, {1000}},
     {true, true},
     {{"transB", 1}},
     "float16 [2,512] * [1000,512]^T to float32, + bias"},
    {"weights as they are, packed the other way",
     "Gemm",
     {{2, 512}, {512, 1000}},
     {true, false},
     {},
     "float16 [2,512] * [1000,512]^T to float32"},
    {"all transposed",
     "Gemm",
     {{512, 2}, {1000, 512}},
     {},
     {{"transA", 1}, {"transB", 1}},
     "float16 [512,2]^T * [1000,512]^T to float32"},
    {"a row that is fed",
     "Gemm",
     {{2, 8}, {8, 16}, {1, 16}},
     {},
     {},
     "float16 [2,8] * [8,16] to float32, + bias"},
    {"a row that is fed and scaled", "Gemm", {{2, 8}, {8, 16}, {16}}, {}, {{"beta", 0.5}}, ""},
    {"a column", "Gemm", {{2, 8}, {8, 16}, {2, 1}}, {}, {}, ""},
    {"nothing to add up", "Gemm", {{2, 0}, {0, 16}}, {}, {}, ""},
    {"one matrix for all",
     "MatMul",
     {{4, 7, 8}, {8, 16}},
     {true, false},
     {},
     "float16 [28,8] * [16,8]^T to float32"},
    {"a batch",
     "MatMul",
     {{3, 4, 7, 8}, {3, 4, 8, 5}},
     {},
     {},
     "float16 [7,8] * [8,5] to float32, 12 times"},
    {"one A for a batch",
     "MatMul",
     {{7, 8}, {6, 8, 5}},
     {},
     {},
     "float16 [7,8] * [8,5] to float32, 6 times"},
    {"batches that broadcast both ways", "MatMul", {{2, 1, 7, 8}, {3, 8, 5}}, {}, {}, ""},
    {"vectors", "MatMul", {{8}, {8}}, {}, {}, "float16 [1,8] * [8,1] to float32"},
};

/// For a case that has one.
DenseSpec known_spec(const Node& node, const Case& test_case) {
  const auto spec = spec_of(node, test_case, DType::kFloat32);
  REQUIRE(spec.has_value());
  return spec.value_or(DenseSpec());
}

}  // namespace

TEST_CASE("a product is given to cuBLASLt where it takes its shapes") {
  for (const Case& test_case : kCases) {
    CAPTURE(test_case.what);
    const auto spec = spec_of(make_node(test_case), test_case, DType::kFloat32);
    CHECK((spec ? to_string(*spec) : "") == test_case.spec);
    if (spec) CHECK(Dense::describe(*spec).has_value());
  }
}

TEST_CASE("C as a matrix is scaled by beta, and no bias") {
  const Case test_case = {"", "Gemm", {{2, 8}, {8, 16}, {2, 16}}, {}, {{"beta", 0.5}}, ""};
  const DenseSpec spec = known_spec(make_node(test_case), test_case);
  CHECK(spec.beta == 0.5f);
  CHECK(!spec.has_bias);
  CHECK(!spec_of(make_node(test_case), test_case, DType::kFloat16).has_value());
}

TEST_CASE("steps lead from matrix to matrix") {
  const DenseSpec batch = known_spec(make_node(kCases[8]), kCases[8]);
  CHECK(batch.a_step == 56);
  CHECK(batch.b_step == 40);
  CHECK(batch.d_step == 35);
  const DenseSpec shared = known_spec(make_node(kCases[9]), kCases[9]);
  CHECK(shared.a_step == 0);
}

TEST_CASE("alpha and Relu are the product's, other clamps are not") {
  Node node = make_node(kCases[0]);
  node.attributes.push_back(test::to_attribute({"alpha", 2.0}));
  node.activation = {0, std::numeric_limits<float>::infinity()};
  DenseSpec spec = known_spec(node, kCases[0]);
  CHECK(spec.alpha == 2);
  CHECK(spec.has_relu);
  node.activation = {0, 6};
  spec = known_spec(node, kCases[0]);
  CHECK(!spec.has_relu);
}

}  // namespace synsight::cuda
