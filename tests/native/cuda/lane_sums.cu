// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "native/cuda/launch.h"
#include "native/cuda/upload.h"
#include "tests/native/cuda/lane_sums.h"

namespace synsight::test {

namespace {

struct JoinRow {
  const float* elements;
  int64_t num_columns;
  LaneResult* results;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t row, const cuda::Lanes& lanes) const {
    const float* const begin = elements + row * num_columns;
    float sum = 0;
    float max = -1;
    int64_t place = -1;  // of the largest, and of those the first
    const auto precedes = [&](int64_t a, int64_t b) {
      return begin[a] != begin[b] ? begin[a] > begin[b] : a < b;
    };
    for (int64_t i = lanes.index; i < num_columns; i += lanes.count) {
      sum += begin[i];
      max = begin[i] > max ? begin[i] : max;
      if (place < 0 || precedes(i, place)) place = i;
    }
    sum = lanes.sum(sum);
    max = lanes.max(max);
    place = lanes.first(place, precedes);
    const auto number = static_cast<float>(place);
    const bool differs = lanes.max(sum) != sum || -lanes.max(-sum) != sum ||
                         lanes.max(number) != number || -lanes.max(-number) != number;
    const float num_that_differ = lanes.sum(differs ? 1.0F : 0.0F);
    if (lanes.index == 0) results[row] = {sum, max, place, num_that_differ == 0 ? 1.0F : 0.0F};
  }
};

}  // namespace

Result<std::vector<LaneResult>> join_lanes(std::span<const float> elements, int64_t num_rows) {
  SYNSIGHT_TRY_ASSIGN(cuda::Queue queue, cuda::Queue::create());
  SYNSIGHT_TRY_ASSIGN(const cuda::Memory input, cuda::upload(queue, std::as_bytes(elements)));
  std::vector<LaneResult> results(static_cast<size_t>(num_rows));
  const size_t size_bytes = results.size() * sizeof(LaneResult);
  SYNSIGHT_TRY_ASSIGN(const cuda::Memory output, cuda::Memory::on_device(size_bytes));
  SYNSIGHT_TRY_ASSIGN(const cuda::Memory host, cuda::Memory::pinned(size_bytes));
  const JoinRow functor{reinterpret_cast<const float*>(input.data()),
                        static_cast<int64_t>(elements.size()) / num_rows,
                        reinterpret_cast<LaneResult*>(output.data())};
  SYNSIGHT_TRY(cuda::launch_rows(queue, functor, num_rows));
  SYNSIGHT_TRY(queue.copy_to_host(host.data(), output.data(), size_bytes));
  SYNSIGHT_TRY(queue.wait());
  std::memcpy(results.data(), host.data(), size_bytes);
  return results;
}

}  // namespace synsight::test
