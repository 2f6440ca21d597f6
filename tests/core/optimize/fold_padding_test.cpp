// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>

#include "core/optimize/optimize.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct PaddingCase {
  const char* description;
  std::vector<int64_t> pads;  // of the Pad, for [N,C,H,W]
  double value = 0;
  std::string mode = "constant";
  std::string op_type = "Conv";
  std::vector<TestAttribute> attributes = {};
  bool folds = true;
  int64_t opset = 13;
  bool is_used_twice = false;
};

const std::vector<TestAttribute> kPool3 = {{"kernel_shape", {3, 3}}};

std::vector<TestAttribute> with(std::vector<TestAttribute> attributes, TestAttribute added) {
  attributes.push_back(std::move(added));
  return attributes;
}

const PaddingCase kCases[] = {
    {"symmetric", {0, 0, 1, 1, 0, 0, 1, 1}},
    {"asymmetric, as TensorFlow's SAME", {0, 0, 0, 0, 0, 0, 1, 1}},
    {"joined with the window's own",
     {0, 0, 1, 0, 0, 0, 2, 1},
     0,
     "constant",
     "Conv",
     {{"pads", {1, 1, 0, 1}}, {"strides", {2, 2}}}},
    {"VALID", {0, 0, 1, 1, 0, 0, 1, 1}, 0, "constant", "Conv", {{"auto_pad", "VALID"}}},
    {"opset 7", {0, 0, 1, 1, 0, 0, 1, 1}, 0, "constant", "Conv", {}, true, 7},
    {"used twice", {0, 0, 1, 1, 0, 0, 1, 1}, 0, "constant", "Conv", {}, true, 13, true},
    {"SAME", {0, 0, 1, 1, 0, 0, 1, 1}, 0, "constant", "Conv", {{"auto_pad", "SAME_UPPER"}}, false},
    {"another value", {0, 0, 1, 1, 0, 0, 1, 1}, 0.5, "constant", "Conv", {}, false},
    {"the edge's value", {0, 0, 1, 1, 0, 0, 1, 1}, 0, "edge", "Conv", {}, false},
    {"channels", {0, 1, 1, 1, 0, 0, 1, 1}, 0, "constant", "Conv", {}, false},
    {"the batch", {1, 0, 1, 1, 0, 0, 1, 1}, 0, "constant", "Conv", {}, false},
    {"cropping", {0, 0, -1, 1, 0, 0, 1, 1}, 0, "constant", "Conv", {}, false},
    {"an average", {0, 0, 1, 1, 0, 0, 1, 1}, 0, "constant", "AveragePool", kPool3},
    {"an average that counts its own padding",
     {0, 0, 1, 0, 0, 0, 0, 1},
     0,
     "constant",
     "AveragePool",
     with(with(kPool3, {"pads", {1, 1, 1, 1}}), {"count_include_pad", 1})},
    {"an average that does not count its own padding",
     {0, 0, 1, 0, 0, 0, 0, 1},
     0,
     "constant",
     "AveragePool",
     with(kPool3, {"pads", {1, 1, 1, 1}}),
     false},
    {"an average with ceil_mode",
     {0, 0, 1, 1, 0, 0, 0, 0},
     0,
     "constant",
     "AveragePool",
     with(with(kPool3, {"strides", {2, 2}}), {"ceil_mode", 1})},
    {"an average of padding alone",
     {0, 0, 3, 0, 0, 0, 0, 0},
     0,
     "constant",
     "AveragePool",
     kPool3,
     false},
    {"a maximum of zeros", {0, 0, 1, 1, 0, 0, 1, 1}, 0, "constant", "MaxPool", kPool3, false},
    {"a maximum of -infinity", {0, 0, 1, 1, 0, 0, 1, 1}, -kInfinity, "constant", "MaxPool", kPool3},
    {"not a window", {0, 0, 1, 1, 0, 0, 1, 1}, 0, "constant", "Relu", {}, false},
};

Graph build(const PaddingCase& c) {
  GraphBuilder b(c.opset);
  const ValueId x = b.input("x", {2, 3, 7, 6});
  ValueId padded;
  if (c.opset < 11) {
    padded = b.node("Pad", {x}, {{"mode", c.mode.c_str()}, {"pads", c.pads}, {"value", c.value}});
  } else {
    const std::vector<double> pads(c.pads.begin(), c.pads.end());
    const ValueId list = b.initializer("pads", {{8}, pads, DType::kInt64});
    const ValueId value = b.initializer("value", {{}, {c.value}});
    padded = b.node("Pad", {x, list, value}, {{"mode", c.mode.c_str()}});
  }
  const int64_t num_channels = 3 + c.pads[1] + c.pads[5];
  std::vector<ValueId> inputs = {padded};
  if (c.op_type == "Conv") {
    inputs.push_back(b.initializer("weight", random_tensor({4, num_channels, 3, 3}, 5)));
  }
  std::vector<ValueId> outputs = {b.node(c.op_type, inputs, c.attributes, "window")};
  if (c.is_used_twice) outputs.push_back(b.node("Relu", {padded}));
  return b.finish(outputs);
}

}  // namespace

TEST_CASE("a Pad goes into the window behind it exactly where that computes the same") {
  for (const PaddingCase& c : kCases) {
    CAPTURE(c.description);
    const Graph graph = check_pass(optimize::fold_padding, [&] { return build(c); }, 2);
    const bool has_pad = op_types(graph).find("Pad ") != std::string::npos;
    CHECK(has_pad == (!c.folds || c.is_used_twice));
    CHECK((node_named(graph, "window").inputs[0] == graph.inputs[0]) == c.folds);
  }
}

TEST_CASE("a MaxPool whose indices count the Pad's elements keeps it") {
  const auto build_indices = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {1, 1, 5, 5});
    const ValueId pads = b.initializer("pads", {{8}, {0, 0, 1, 1, 0, 0, 1, 1}, DType::kInt64});
    const ValueId value = b.initializer("value", {{}, {-kInfinity}});
    return b.finish(b.node_with_outputs("MaxPool", {b.node("Pad", {x, pads, value})}, 2, kPool3));
  };
  CHECK(op_types(check_pass(optimize::fold_padding, build_indices)) == "Pad MaxPool ");
}

TEST_CASE("a Pad that is only known in a run stays") {
  const auto build_fed = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {1, 1, 5, 5});
    const ValueId value = b.input("value", {});
    const ValueId pads = b.initializer("pads", {{8}, {0, 0, 1, 1, 0, 0, 1, 1}, DType::kInt64});
    const ValueId padded = b.node("Pad", {x, pads, value});
    return b.finish(
        {b.node("Conv", {padded, b.initializer("weight", random_tensor({1, 1, 3, 3}, 1))})});
  };
  CHECK(op_types(check_pass(optimize::fold_padding, build_fed)) == "Pad Conv ");
}

}  // namespace synsight::test
