// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/ops/kernels.h"
#include "native/cli/commands.h"
#include "native/cli/feed.h"
#include "native/cli/layers.h"
#include "native/cli/model_options.h"
#include "native/cli/picture_list.h"
#include "native/cli/progress.h"
#include "native/cli/tensor_files.h"

namespace synsight::cli {

namespace {

struct FeaturesOptions {
  std::string model;
  std::vector<std::string> images;
  std::vector<std::string> layers;
  std::string output;
  EngineOptions engine;
  PictureOptions pictures;
};

// Makes the layers' values the graph's only outputs, so that no pass folds them away and nothing
// behind them is computed. Floats of another type than f32 come as what they are computed in.
// Returns the place of each layer's value among the outputs.
Result<std::vector<size_t>> return_layers(const std::vector<std::string>& layers, Graph& graph) {
  std::vector<ValueId> outputs;
  std::vector<size_t> places;
  for (const std::string& layer : layers) {
    SYNSIGHT_TRY_ASSIGN(const ValueId id, find_layer(graph, layer));
    const auto found = std::find(outputs.begin(), outputs.end(), id);
    places.push_back(static_cast<size_t>(found - outputs.begin()));
    if (found != outputs.end()) continue;
    outputs.push_back(id);
    graph.value(id).dtype = DType::kUndefined;
  }
  graph.outputs = std::move(outputs);
  return places;
}

// [N,C,H,W] as [N,H,W,C].
Result<Tensor> channels_last(const Tensor& tensor) {
  const Shape& from = tensor.shape();
  SYNSIGHT_TRY_ASSIGN(Tensor turned,
                      Tensor::allocate(tensor.dtype(), Shape{from[0], from[2], from[3], from[1]}));
  Node transpose;
  transpose.attributes.push_back({"perm", std::vector<int64_t>{0, 2, 3, 1}});
  const TensorView input = tensor.view();
  const MutableTensorView output = turned.mutable_view();
  SYNSIGHT_TRY(ops::run_transpose(transpose, {&input, 1}, {&output, 1}));
  return turned;
}

// Writes one layer's output for picture after picture, as one array.
class LayerWriter {
 public:
  LayerWriter(std::string layer, Output& output, size_t num_pictures)
      : layer_(std::move(layer)), output_(output), num_pictures_(num_pictures) {}

  Status write(const Tensor& tensor) {
    const Shape& shape = tensor.shape();
    if (is_first_) {
      first_shape_ = shape;
      Shape all = shape;
      if (num_pictures_ > 1) {
        SYNSIGHT_TRY(check_stacks(shape));
        all[0] = static_cast<int64_t>(num_pictures_);
      }
      SYNSIGHT_TRY(write_header(output_, tensor.dtype(), all));
      is_first_ = false;
    } else if (shape != first_shape_) {
      return fail(
          ErrorCode::kShapeMismatch,
          concat({"layer \"", layer_, "\" gives ", shape.to_string(), " for this picture and ",
                  first_shape_.to_string(), " for the first, which one file cannot hold"}));
    }
    return write_elements(output_, tensor);
  }

 private:
  Status check_stacks(const Shape& shape) const {
    if (shape.rank() > 0 && shape[0] == 1) return {};
    return fail(ErrorCode::kShapeMismatch,
                concat({"layer \"", layer_, "\" gives ", shape.to_string(),
                        ", wanted [1,...] to put several pictures into one file"}));
  }

  std::string layer_;
  Output& output_;
  size_t num_pictures_;
  bool is_first_ = true;
  Shape first_shape_;
};

// All or nothing: an array with a picture missing would be read as that of others.
Result<int> features(const FeaturesOptions& options, const Context& context) {
  const std::vector<Picture> pictures = list_pictures(options.images);
  std::vector<std::string> paths;
  for (const Picture& picture : pictures) {
    SYNSIGHT_TRY(picture.status);
    paths.push_back(picture.path);
  }
  SYNSIGHT_TRY_ASSIGN(Graph graph, load_graph(options.model));
  const bool is_keras = has_keras_layers(graph);
  SYNSIGHT_TRY_ASSIGN(const PictureInput input, create_picture_input(graph, options.pictures));
  SYNSIGHT_TRY_ASSIGN(const auto places, return_layers(options.layers, graph));
  SYNSIGHT_TRY_ASSIGN(TensorFiles files,
                      TensorFiles::open(options.output, options.layers, paths, options.model));
  SYNSIGHT_TRY_ASSIGN(Session session, create_session(std::move(graph), context, options.engine));
  std::vector<LayerWriter> writers;
  for (size_t i = 0; i < places.size(); ++i) {
    writers.emplace_back(options.layers[i], files.files[i], pictures.size());
  }
  Progress progress(pictures.size());
  for (const Picture& picture : pictures) {
    SYNSIGHT_TRY_ASSIGN(const auto bytes, read_picture(picture, *context.cancel));
    const auto prepared = input.prepare(bytes, {options.pictures.max_pixels});
    if (!prepared) return tl::unexpected(in_file(picture.path, prepared.error()));
    const TensorView view = prepared->tensor.view();
    RunOptions run_options;
    run_options.cancel = context.cancel;
    SYNSIGHT_TRY_ASSIGN(std::vector<Tensor> results, session.run({&view, 1}, run_options));
    for (Tensor& result : results) {
      if (!is_keras || result.shape().rank() != 4) continue;
      SYNSIGHT_TRY_ASSIGN(result, channels_last(result));
    }
    for (size_t i = 0; i < places.size(); ++i) {
      if (const Status status = writers[i].write(results[places[i]]); !status) {
        return tl::unexpected(in_file(picture.path, status.error()));
      }
    }
    progress.advance();
  }
  SYNSIGHT_TRY(files.commit());
  return kExitSuccess;
}

}  // namespace

void add_features(CLI::App& app, const Context& context, Action& action) {
  const auto options = std::make_shared<FeaturesOptions>();
  CLI::App* command = app.add_subcommand("features", "what layers give for pictures");
  add_model_argument(*command, options->model);
  command
      ->add_option("IMAGE", options->images, "pictures, folders with all below them, - for stdin")
      ->type_name("")
      ->required();
  command
      ->add_option("--layer", options->layers,
                   "a layer or a value by its name; may be given several times")
      ->type_name("NAME")
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  command
      ->add_option("-o,--output", options->output,
                   "the layer's file, a folder, where there are several, or - for stdout")
      ->type_name("OUTPUT.npy")
      ->required();
  add_engine_options(*command, context, options->engine);
  add_picture_options(*command, options->pictures);
  command->footer(
      "The first dimension of the array is the pictures'. `synsight summary` lists the layers; "
      "any\n"
      "can be had, also one that would be joined with its neighbours.\n\n"
      "Examples:\n"
      "  synsight features vgg16.onnx photo.jpg --layer block5_pool -o features.npy\n"
      "  synsight features vgg16.onnx holiday/ --layer fc1 --layer fc2 -o features/");
  command->callback([options, &context, &action] {
    action = [options, &context] { return features(*options, context); };
  });
}

}  // namespace synsight::cli
