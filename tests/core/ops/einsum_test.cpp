// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

using Index = std::span<const int64_t>;

double at(const TestTensor& tensor, const std::vector<int64_t>& index) {
  return element_at(tensor, index);
}

/// The sum of `term(i)` for i below `count`.
template <typename Term>
double sum(int64_t count, const Term& term) {
  double total = 0;
  for (int64_t i = 0; i < count; ++i) total += term(i);
  return total;
}

OpCase einsum_case(const char* equation, const std::vector<TestTensor>& inputs, TestTensor output,
                   size_t accumulation_length) {
  OpCase op_case{equation, {"Einsum", 12, {{"equation", equation}}, {}}, {}};
  for (const TestTensor& input : inputs) op_case.node.inputs.push_back(fed(input));
  output.dtype = inputs[0].dtype;
  op_case.outputs = {std::move(output)};
  op_case.accumulation_length = accumulation_length;
  op_case.magnitude = 1;
  return op_case;
}

}  // namespace

TEST_CASE("Einsum multiplies and sums over the labels that the output lacks") {
  const TestTensor q = random_tensor({2, 3, 4, 5}, 1);
  const TestTensor k = random_tensor({2, 3, 6, 5}, 2);
  const TestTensor table = random_tensor({4, 6, 5}, 3);
  const TestTensor m = random_tensor({3, 4}, 4);
  const TestTensor v = random_tensor({4}, 5);
  const TestTensor doubles = random_tensor({3, 4}, 6, -1, 1, DType::kFloat64);
  run_op_cases(std::vector<OpCase>{
      einsum_case("bhid,bhjd->bhij", {q, k},
                  generate({2, 3, 4, 6},
                           [&](Index i) {
                             return sum(5, [&](int64_t d) {
                               return at(q, {i[0], i[1], i[2], d}) * at(k, {i[0], i[1], i[3], d});
                             });
                           }),
                  6),
      einsum_case("B G H D, H K D -> B G H K", {q, table},
                  generate({2, 3, 4, 6},
                           [&](Index i) {
                             return sum(5, [&](int64_t d) {
                               return at(q, {i[0], i[1], i[2], d}) * at(table, {i[2], i[3], d});
                             });
                           }),
                  6),
      einsum_case("nm,hkm->h", {m, random_tensor({2, 5, 4}, 7)},
                  generate({2},
                           [&](Index i) {
                             const TestTensor other = random_tensor({2, 5, 4}, 7);
                             return sum(60, [&](int64_t p) {
                               return at(m, {p / 20, p % 4}) * at(other, {i[0], p / 4 % 5, p % 4});
                             });
                           }),
                  61),
      einsum_case("ij,j", {m, v},
                  generate({3},
                           [&](Index i) {
                             return sum(4,
                                        [&](int64_t j) { return at(m, {i[0], j}) * at(v, {j}); });
                           }),
                  5),
      einsum_case(
          "i,j->ji", {v, random_tensor({2}, 8)},
          generate({2, 4},
                   [&](Index i) { return at(random_tensor({2}, 8), {i[0]}) * at(v, {i[1]}); }),
          2),
      einsum_case("ij->ji", {m}, generate({4, 3}, [&](Index i) { return at(m, {i[1], i[0]}); }), 0),
      einsum_case("ij->", {doubles},
                  generate({},
                           [&](Index /*i*/) {
                             return sum(12, [&](int64_t p) { return at(doubles, {p / 4, p % 4}); });
                           }),
                  12),
  });
}

TEST_CASE("Einsum takes diagonals, ellipses and axes of 1") {
  const TestTensor x = random_tensor({2, 3, 3}, 1);
  const TestTensor y = random_tensor({4, 2, 3, 5}, 2);
  const TestTensor row = random_tensor({1, 3}, 3);
  run_op_cases(std::vector<OpCase>{
      einsum_case("bii->bi", {x},
                  generate({2, 3}, [&](Index i) { return at(x, {i[0], i[1], i[1]}); }), 0),
      einsum_case("...ij,...jk->...ik", {x, y},
                  generate({4, 2, 3, 5},
                           [&](Index i) {
                             return sum(3, [&](int64_t j) {
                               return at(x, {i[1], i[2], j}) * at(y, {i[0], i[1], j, i[3]});
                             });
                           }),
                  4),
      einsum_case("b...,b...", {row, x},
                  generate({3, 3},
                           [&](Index i) {
                             return sum(2, [&](int64_t b) {
                               return at(row, {0, i[1]}) * at(x, {b, i[0], i[1]});
                             });
                           }),
                  3),
      einsum_case("i...->...", {x},
                  generate({3, 3},
                           [&](Index i) {
                             return sum(2, [&](int64_t b) { return at(x, {b, i[0], i[1]}); });
                           }),
                  2),
  });
}

TEST_CASE("Einsum refuses what does not fit") {
  const TestTensor m = random_tensor({2, 3}, 1);
  const auto einsum = [&](const char* equation, const std::vector<TestTensor>& inputs) {
    OpNode node{"Einsum", 12, {{"equation", equation}}, {}};
    for (const TestTensor& input : inputs) node.inputs.push_back(fed(input));
    return node;
  };
  run_op_error_cases(std::vector<OpErrorCase>{
      {"no equation", einsum("", {m}), ErrorCode::kShapeMismatch, {"[2,3]"}},
      {"too few terms",
       einsum("ij->ij", {m, m}),
       ErrorCode::kInvalidModel,
       {"1 terms", "2 inputs"}},
      {"another rank", einsum("ijk->k", {m}), ErrorCode::kShapeMismatch, {"ijk", "[2,3]"}},
      {"sizes that differ", einsum("ij,ji->i", {m, m}), ErrorCode::kShapeMismatch, {"2 and 3"}},
      {"no letter", einsum("i1->i", {m}), ErrorCode::kInvalidModel, {"i1"}},
      {"two ellipses", einsum("......->", {m}), ErrorCode::kInvalidModel, {"two ellipses"}},
      {"an unknown label", einsum("ij->k", {m}), ErrorCode::kInvalidModel, {"no input has"}},
      {"an output label twice", einsum("ij->ii", {m}), ErrorCode::kInvalidModel, {"twice"}},
      {"three operands",
       einsum("ij,ij,ij->i", {m, m, m}),
       ErrorCode::kUnsupportedOp,
       {"3 inputs", "up to 2"}},
      {"integers",
       einsum("i->", {{{1}, {1}, DType::kInt64}}),
       ErrorCode::kUnsupportedType,
       {"int64"}},
      {"two types",
       einsum("ij,i->j", {m, random_tensor({2}, 1, -1, 1, DType::kFloat64)}),
       ErrorCode::kInvalidModel,
       {"float64"}},
  });
}

}  // namespace synsight::test
