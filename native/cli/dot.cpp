// SPDX-License-Identifier: Apache-2.0
#include "native/cli/dot.h"

#include "core/base/text.h"
#include "native/cli/messages.h"

namespace synsight::cli {

namespace {

// Text within a label, which is like HTML; nothing in it is a tag.
std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (c == '"') {
      safe += "&quot;";
    } else {
      safe += c;
    }
  }
  return safe;
}

// Keras prints one shape alone and several as a list.
std::string input_shapes(const Layer& layer) {
  std::string shapes;
  for (const LayerShape& shape : layer.input_shapes) {
    shapes += concat({shapes.empty() ? "" : ", ", shape_text(shape)});
  }
  return layer.input_shapes.size() == 1 ? shapes : concat({"[", shapes, "]"});
}

std::string shape_cell(std::string_view title, const std::string& shape) {
  return concat(
      {R"(<td bgcolor="white"><font point-size="14">)", title, ": <b>", shape, "</b></font></td>"});
}

std::string label_of(const Layer& layer, const DotOptions& options) {
  const bool is_input = layer.input_shapes.empty();
  const int num_columns = options.show_shapes && !is_input ? 2 : 1;
  std::string label = concat(
      {R"(<table border="0" cellborder="1" bgcolor="black" cellpadding="10"><tr><td colspan=")",
       num_columns, R"(" bgcolor="black"><font point-size="16" color="white">)"});
  if (options.show_layer_names) {
    label += concat({"<b>", escaped(layer.name), "</b> (", escaped(layer.type), ")"});
  } else {
    label += concat({"<b>", escaped(layer.type), "</b>"});
  }
  label += "</font></td></tr>";
  if (options.show_shapes) {
    label += "<tr>";
    if (!is_input) label += shape_cell("Input shape", input_shapes(layer));
    label += shape_cell("Output shape", shape_text(layer.output_shape)) + "</tr>";
  }
  return label + "</table>";
}

}  // namespace

std::string dot_text(std::span<const Layer> layers, const DotOptions& options) {
  std::string text = concat({"digraph G {\nrankdir=", options.rankdir,
                             ";\nconcentrate=true;\ndpi=200;\nsplines=", options.splines, ";\n",
                             "node [shape=record];\n"});
  for (size_t i = 0; i < layers.size(); ++i) {
    text += concat({"layer", i, " [fontname=Helvetica, border=0, margin=0, label=<",
                    label_of(layers[i], options), ">];\n"});
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    for (const size_t input : layers[i].inputs) {
      text += concat({"layer", input, " -> layer", i, " [penwidth=2];\n"});
    }
  }
  return text + "}\n";
}

}  // namespace synsight::cli
