// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/tensor/shape.h"

namespace synsight::test {

/// A whole network, with weights that keep its values near 1.
struct SmallNetwork {
  std::string name;
  Graph (*build)();
  Shape input;  // of one picture; batches may be of any size
};

/// The shape of as many pictures.
Shape with_batch(Shape shape, int64_t batch);

/// Networks of a few layers with all kinds of blocks that classifiers are made of.
std::vector<SmallNetwork> small_networks();

/// Convolutions with a residual: f32 [N,3,16,16] to [N,10].
Graph residual_network();

/// Pictures [N,3,H,W] of any size to the scores [N,10], through a convolution and a mean.
Graph sizeless_network();

}  // namespace synsight::test
