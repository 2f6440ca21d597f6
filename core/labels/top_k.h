// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace synsight::labels {

/// The indices of the `k` largest scores, largest first; equal scores rank by index, NaN ranks
/// last. Gives all of them where there are fewer than `k`.
std::vector<size_t> top_k(std::span<const float> scores, size_t k);

/// exp(x - max) / sum, accumulated in double. An empty input gives an empty result; one with a NaN
/// or +infinity has no probabilities and gives NaN.
std::vector<float> softmax(std::span<const float> logits);

}  // namespace synsight::labels
