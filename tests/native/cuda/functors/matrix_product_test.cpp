// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/matrix_product.h"

#include <array>

#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

namespace {

using Axes = std::vector<cuda::StridedAxis>;

struct ProductCase {
  const char* description;
  int64_t m;
  int64_t k;
  int64_t n;
  bool is_a_transposed = false;
  bool is_b_transposed = false;
  bool repeats_b = false;  // one B for both products
  float alpha = 1;
  float beta = 1;
  bool has_c = false;
};

constexpr ProductCase kCases[] = {
    {"plain", 3, 16, 5},
    {"A transposed", 3, 16, 5, true},
    {"B transposed", 3, 16, 5, false, true},
    {"both transposed, one B", 4, 24, 3, true, true, true},
    {"a row times a matrix, scaled, and C", 1, 40, 9, false, true, false, 0.5f, -2, true},
    {"no terms", 2, 0, 3, false, true, false, 1, 1, true},
};

template <typename T>
struct Product {
  static constexpr int64_t kBatch = 2;

  ProductCase sizes;
  std::vector<T> a;
  std::vector<T> b;
  std::vector<float> c;
  std::vector<T> y;
  cuda::ProductShape<T> shape;

  explicit Product(const ProductCase& given) : sizes(given) {
    const auto [m, k, n] = std::array{given.m, given.k, given.n};
    a = random_elements<T>(static_cast<size_t>(kBatch * m * k), 1);
    b = random_elements<T>(static_cast<size_t>(kBatch * k * n), 2);
    c = random_elements<float>(static_cast<size_t>(n), 3);
    y = unwritten_elements<T>(kBatch * m * n);
    shape.a = a.data();
    shape.b = b.data();
    shape.c = given.has_c ? c.data() : nullptr;
    shape.y = y.data();
    shape.a_batch = cuda::StridedMap(Axes{{kBatch, m * k}});
    shape.b_batch = cuda::StridedMap(Axes{{kBatch, given.repeats_b ? 0 : k * n}});
    shape.c_elements = cuda::StridedMap(Axes{{kBatch * m, 0}, {n, 1}});
    shape.m = cuda::Divider(m);
    shape.n = cuda::Divider(n);
    shape.k = k;
    shape.a_row_step = given.is_a_transposed ? 1 : k;
    shape.a_column_step = given.is_a_transposed ? m : 1;
    shape.b_row_step = given.is_b_transposed ? 1 : n;
    shape.b_column_step = given.is_b_transposed ? k : 1;
    shape.alpha = given.alpha;
    shape.beta = given.beta;
    shape.clamp = {-2, 2};
  }

  int64_t count() const { return static_cast<int64_t>(y.size()); }

  void check() const {
    const auto [m, k, n] = std::array{sizes.m, sizes.k, sizes.n};
    std::vector<double> wanted;
    for (int64_t element = 0; element < count(); ++element) {
      const int64_t batch = element / (m * n);
      const int64_t row = element / n % m;
      const int64_t column = element % n;
      double sum = 0;
      for (int64_t i = 0; i < k; ++i) {
        const int64_t left = sizes.is_a_transposed ? i * m + row : row * k + i;
        const int64_t right = sizes.is_b_transposed ? column * k + i : i * n + column;
        const int64_t b_batch = sizes.repeats_b ? 0 : batch;
        sum += at(a, batch * m * k + left) * at(b, b_batch * k * n + right);
      }
      sum *= static_cast<double>(sizes.alpha);
      if (sizes.has_c) sum += static_cast<double>(sizes.beta) * at(c, column);
      wanted.push_back(std::clamp(sum, -2.0, 2.0));
    }
    check_elements(y, wanted, allowed_error<T>(k + 4, max_magnitude(wanted) + 1));
  }
};

}  // namespace

TEST_CASE("A matrix product gives its sums, with transposes, batches and a third matrix") {
  for (const ProductCase& sizes : kCases) {
    CAPTURE(sizes.description);
    for_each_storage([&](auto type) {
      using T = decltype(type);
      Product<T> elements(sizes);
      run_each(cuda::ProductElement<T>{elements.shape}, elements.count());
      elements.check();
      Product<T> rows(sizes);
      run_rows(cuda::ProductRow<T, 1>{rows.shape}, rows.count());
      rows.check();
      if (sizes.is_a_transposed || !sizes.is_b_transposed) return;
      Product<T> packs(sizes);
      run_rows(cuda::ProductRow<T, cuda::kFullWidth<T>>{packs.shape}, packs.count());
      packs.check();
    });
  }
}

}  // namespace synsight::test
