// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "native/cli/layer_table.h"

namespace synsight::cli {

/// How a network is drawn; as of Keras's plot_model.
struct DotOptions {
  bool show_shapes = false;
  bool show_layer_names = false;
  std::string rankdir = "TB";     // TB, LR, BT or RL: where the drawing goes to
  std::string splines = "ortho";  // Graphviz's word for how arrows run
};

/// The network in Graphviz's language, one box a layer, as Keras's model_to_dot draws them.
std::string dot_text(std::span<const Layer> layers, const DotOptions& options);

}  // namespace synsight::cli
