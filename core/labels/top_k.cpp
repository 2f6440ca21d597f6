// SPDX-License-Identifier: Apache-2.0
#include "core/labels/top_k.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace synsight::labels {

std::vector<size_t> top_k(std::span<const float> scores, size_t k) {
  std::vector<size_t> indices(scores.size());
  std::iota(indices.begin(), indices.end(), size_t{0});
  const auto ranks_before = [&](size_t a, size_t b) {
    const bool a_is_nan = std::isnan(scores[a]);
    const bool b_is_nan = std::isnan(scores[b]);
    if (a_is_nan || b_is_nan) return a_is_nan == b_is_nan ? a < b : b_is_nan;
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  };
  const size_t count = std::min(k, indices.size());
  std::partial_sort(indices.begin(), indices.begin() + static_cast<ptrdiff_t>(count), indices.end(),
                    ranks_before);
  indices.resize(count);
  return indices;
}

std::vector<float> softmax(std::span<const float> logits) {
  std::vector<float> result;
  if (logits.empty()) return result;
  const double max = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - max);
  result.reserve(logits.size());
  for (const float logit : logits) {
    result.push_back(static_cast<float>(std::exp(static_cast<double>(logit) - max) / sum));
  }
  return result;
}

}  // namespace synsight::labels
