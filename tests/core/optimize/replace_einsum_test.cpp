// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/optimize/optimize.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {

struct EinsumCase {
  const char* equation;
  Shape left;
  Shape right;
  const char* op_types;
};

const EinsumCase kReplaced[] = {
    {"ij,jk->ik", {2, 3}, {3, 4}, "MatMul "},
    {"ij,jk", {2, 3}, {3, 4}, "MatMul "},
    {"bij,bjk->bik", {-1, 2, 3}, {-1, 3, 4}, "MatMul "},
    {"B G H I D, B G H J D -> B G H I J", {1, 2, 3, 4, 5}, {1, 2, 3, 6, 5}, "Transpose MatMul "},
    {"bqhd,bkhd->bhqk", {2, 3, 4, 5}, {2, 6, 4, 5}, "Transpose Transpose MatMul "},
    {"bhqk,bkhd->bqhd", {2, 4, 3, 6}, {2, 6, 4, 5}, "Transpose MatMul Transpose "},
    {"ij,jk->ki", {2, 3}, {3, 4}, "Transpose Transpose MatMul "},
    {"bij,bjk->bik", {1, 2, 3}, {5, 3, 4}, "MatMul "},
};

const EinsumCase kKept[] = {
    {"ij,jk->ijk", {2, 3}, {3, 4}, "Einsum "},
    {"ij,ij->ij", {2, 3}, {2, 3}, "Einsum "},
    {"ij,kl->ik", {2, 3}, {4, 5}, "Einsum "},
    {"bij,jk->bik", {2, 3, 4}, {4, 5}, "Einsum "},
    {"ijk,jkl->il", {2, 3, 4}, {3, 4, 5}, "Einsum "},
    {"iij,jk->ik", {2, 2, 3}, {3, 4}, "Einsum "},
    {"ij,jk->ik", {2, 1}, {3, 4}, "Einsum "},
    {"...ij,...jk->...ik", {2, 2, 3}, {2, 3, 4}, "Einsum "},
};

void check(const EinsumCase& c) {
  CAPTURE(c.equation);
  const auto build = [&] {
    GraphBuilder b;
    const std::vector<ValueId> inputs = {b.input("a", c.left), b.input("b", c.right)};
    return b.finish({b.node("Einsum", inputs, {{"equation", c.equation}}, "named")});
  };
  const Graph graph = check_pass(optimize::replace_einsum, build, 16);
  CHECK(op_types(graph) == c.op_types);
  CHECK(graph.nodes.back().name == "named");
}

}  // namespace

TEST_CASE("an Einsum that is a product of matrices becomes a MatMul") {
  for (const EinsumCase& c : kReplaced) check(c);
}

TEST_CASE("another Einsum stays") {
  for (const EinsumCase& c : kKept) check(c);
}

}  // namespace synsight::test
