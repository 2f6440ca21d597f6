// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/pooling.h"

#include "tests/native/cuda/functors/images.h"
#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

namespace {

/// What one window sees of a channel.
struct Seen {
  std::vector<double> values;
  std::vector<int64_t> places;
  int64_t num_padded = 0;
};

template <typename T>
struct Pool {
  TestImages images;
  std::vector<T> x;
  std::vector<T> y;
  cuda::PoolShape<T> shape;

  Pool(const TestImages& given, int64_t num_channels, bool is_last, int width = 1) : images(given) {
    images.num_channels = num_channels;
    images.is_last = is_last;
    const int64_t num_planes = images.num_images * num_channels;
    x = random_elements<T>(static_cast<size_t>(num_planes * images.num_pixels(false)), 1,
                           std::is_unsigned_v<T> ? 0 : -100, 100);
    y = unwritten_elements<T>(num_planes * images.num_pixels(true));
    shape.x = x.data();
    shape.y = y.data();
    shape.input = images.map(false, num_channels);
    shape.output = images.map(true, num_channels, width);
    images.set_window(shape.window);
  }

  Seen look(int64_t n, int64_t c, int64_t pixel) const {
    Seen seen;
    images.for_each_tap(pixel, [&](int64_t from, int64_t, bool is_padded) {
      if (is_padded) ++seen.num_padded;
      if (from < 0) return;
      seen.places.push_back(images.place(false, images.num_channels, n, c, from));
      seen.values.push_back(at(x, seen.places.back()));
    });
    return seen;
  }

  template <typename Value>
  std::vector<double> generate(const Value& value) const {
    std::vector<double> wanted(y.size());
    for (int64_t n = 0; n < images.num_images; ++n) {
      for (int64_t c = 0; c < images.num_channels; ++c) {
        for (int64_t pixel = 0; pixel < images.num_pixels(true); ++pixel) {
          const int64_t to = images.place(true, images.num_channels, n, c, pixel);
          wanted[static_cast<size_t>(to)] = value(look(n, c, pixel));
        }
      }
    }
    return wanted;
  }
};

double largest_of(const Seen& seen) {
  return *std::max_element(seen.values.begin(), seen.values.end());
}

template <typename T, int kWidth>
void check_max(const TestImages& images, int64_t num_channels, bool is_last) {
  Pool<T> pool(images, num_channels, is_last, kWidth);
  run_each(cuda::MaxPool<T, kWidth>{pool.shape}, static_cast<int64_t>(pool.y.size()) / kWidth);
  check_elements(pool.y, pool.generate(largest_of), 0);
}

template <typename T, int kWidth>
void check_average(const TestImages& images, int64_t num_channels, bool is_last) {
  for (const bool counts_padding : {false, true}) {
    Pool<T> pool(images, num_channels, is_last, kWidth);
    pool.shape.clamp = {-20, 30};
    run_each(cuda::AveragePool<T, kWidth>{pool.shape, counts_padding},
             static_cast<int64_t>(pool.y.size()) / kWidth);
    const auto wanted = pool.generate([&](const Seen& seen) {
      double sum = 0;
      for (const double value : seen.values) sum += value;
      const auto count = static_cast<int64_t>(seen.values.size());
      return std::clamp(sum / static_cast<double>(counts_padding ? seen.num_padded : count), -20.0,
                        30.0);
    });
    check_elements(pool.y, wanted, allowed_error<T>(28, 100));
  }
}

}  // namespace

TEST_CASE("MaxPool gives the largest element under each window") {
  for (const TestImages& images : image_cases()) {
    for_each_storage([&](auto type) {
      using T = decltype(type);
      check_max<T, 1>(images, 3, false);
      check_max<T, 1>(images, 3, true);
      check_max<T, cuda::kFullWidth<T>>(images, 2 * cuda::kFullWidth<T>, true);
    });
  }
}

TEST_CASE("MaxPool takes bytes") {
  for (const TestImages& images : image_cases()) {
    check_max<int8_t, 1>(images, 3, true);
    check_max<int8_t, 16>(images, 32, true);
    check_max<uint8_t, 1>(images, 3, false);
  }
}

TEST_CASE("MaxPool passes over NaN") {
  TestImages images = image_cases()[0];
  Pool<float> pool(images, 1, true);
  pool.x[8] = std::numeric_limits<float>::quiet_NaN();
  run_each(cuda::MaxPool<float, 1>{pool.shape}, static_cast<int64_t>(pool.y.size()));
  const auto wanted = pool.generate([](const Seen& seen) {
    double largest = -200;
    for (const double value : seen.values) largest = value > largest ? value : largest;
    return largest;
  });
  check_elements(pool.y, wanted, 0);
}

TEST_CASE("MaxPool says where the first of the largest elements lies") {
  for (const TestImages& images : image_cases()) {
    Pool<__half> pool(images, 3, false);
    for (__half& element : pool.x) {  // many equal ones
      cuda::from_float(std::trunc(cuda::to_float(element) / 40), element);
    }
    std::vector<int64_t> indices(pool.y.size(), -7);
    run_each(cuda::MaxPoolIndices<__half>{pool.shape, indices.data()},
             static_cast<int64_t>(pool.y.size()));
    check_elements(pool.y, pool.generate(largest_of), 0);
    const auto wanted = pool.generate([](const Seen& seen) {
      const auto best = std::max_element(seen.values.begin(), seen.values.end());
      return static_cast<double>(seen.places[static_cast<size_t>(best - seen.values.begin())]);
    });
    for (size_t i = 0; i < wanted.size(); ++i) {
      REQUIRE(static_cast<double>(indices[i]) == wanted[i]);
    }
  }
}

TEST_CASE("AveragePool counts the padding that is declared, or none") {
  for (const TestImages& images : image_cases()) {
    for_each_storage([&](auto type) {
      using T = decltype(type);
      check_average<T, 1>(images, 3, false);
      check_average<T, 1>(images, 3, true);
      check_average<T, cuda::kFullWidth<T>>(images, 2 * cuda::kFullWidth<T>, true);
    });
  }
}

}  // namespace synsight::test
