// SPDX-License-Identifier: Apache-2.0
#include "native/cli/feed.h"

#include <charconv>
#include <random>
#include <string_view>
#include <utility>

#include "core/backend/shape_plan.h"
#include "core/base/text.h"
#include "core/image/input_spec.h"
#include "core/tensor/convert.h"
#include "native/cli/options.h"

namespace synsight::cli {

namespace {

constexpr int64_t kMaxBatch = 4096;
constexpr int64_t kMaxSide = 32768;

// `HxW`, each at least 1.
bool parse_size(std::string_view text, int64_t& height, int64_t& width) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto [cross, error] = std::from_chars(begin, end, height);
  if (error != std::errc() || cross == end || *cross != 'x') return false;
  const auto [rest, width_error] = std::from_chars(cross + 1, end, width);
  return width_error == std::errc() && rest == end && height >= 1 && width >= 1 &&
         height <= kMaxSide && width <= kMaxSide;
}

// The size that the model's own recipe for pictures ends in; nothing where it has none.
void size_from_metadata(const Graph& graph, int64_t& height, int64_t& width) {
  image::InputSpec spec;
  for (const std::string_view key : {"resize", "crop"}) {
    const auto text = graph.metadata.find(concat({"synsight.", key}));
    if (text == graph.metadata.end() || !image::set_field(spec, key, text->second)) continue;
  }
  // A crop comes last; without one, `shorter` leaves the longer side open.
  const bool is_cropped = spec.crop_height > 0;
  height = is_cropped ? spec.crop_height : spec.resize_height;
  width = is_cropped ? spec.crop_width : spec.resize_width;
}

// The axis of a picture's rows, before that of its columns: channels are known by their number.
size_t rows_axis(const Shape& shape) {
  const auto is_channels = [](int64_t dim) { return dim == 1 || dim == 3; };
  return !is_channels(shape[1]) && is_channels(shape[3]) ? 1 : 2;
}

Shape fill_in(Shape shape, const FeedOptions& options) {
  if (shape.rank() > 0 && options.batch > 0) shape[0] = options.batch;
  if (shape.rank() > 0 && shape[0] < 0) shape[0] = 1;
  if (shape.rank() == 4 && options.height > 0) {
    if (has_open_channels(shape)) shape[1] = 3;
    const size_t axis = rows_axis(shape);
    shape[axis] = options.height;
    shape[axis + 1] = options.width;
  }
  return shape;
}

float random_float(std::mt19937_64& random) {
  return static_cast<float>(random() >> 40) * 0x1p-23F - 1.0F;
}

}  // namespace

void add_feed_options(CLI::App& command, FeedOptions& options) {
  add_number(command, "--batch", options.batch, int64_t{1}, kMaxBatch,
             "pictures at once, where the model allows it");
  const auto store = [&options](const std::string& text) {
    parse_size(text, options.height, options.width);
  };
  const auto check = [](const std::string& text) -> std::string {
    int64_t height = 0;
    int64_t width = 0;
    return parse_size(text, height, width)
               ? ""
               : concat({"\"", text, "\" is no size HxW, such as 224x224"});
  };
  command
      .add_option_function<std::string>("--input-size", store,
                                        "rows and columns, where the model allows it")
      ->type_name("HxW")
      ->check(check, "");
}

Result<std::vector<Shape>> choose_input_shapes(const Graph& graph, const FeedOptions& options) {
  FeedOptions fallback = options;
  if (options.height == 0) size_from_metadata(graph, fallback.height, fallback.width);
  std::vector<Shape> shapes;
  for (const ValueId id : graph.inputs) {
    const Value& input = graph.value(id);
    Shape shape = fill_in(input.shape, options);
    if (!shape.is_known()) shape = fill_in(input.shape, fallback);
    if (!input.has_shape || !shape.is_known()) {
      return fail(ErrorCode::kInvalidArgument,
                  concat({"input \"", input.name, "\" has shape ",
                          input.has_shape ? input.shape.to_string() : std::string("unknown"),
                          "; give what is open with --batch and --input-size"}));
    }
    shapes.push_back(shape);
  }
  return shapes;
}

Result<Tensor> random_tensor(DType dtype, const Shape& shape, uint64_t seed) {
  SYNSIGHT_TRY_ASSIGN(Tensor floats, Tensor::allocate(DType::kFloat32, shape));
  std::mt19937_64 random(seed);
  const bool is_float = dtype == DType::kFloat32 || dtype == DType::kFloat16 ||
                        dtype == DType::kBFloat16 || dtype == DType::kFloat64;
  const uint64_t num_values = dtype == DType::kUInt8 ? 256 : 2;
  for (float& element : floats.as<float>()) {
    element = is_float ? random_float(random) : static_cast<float>(random() % num_values);
  }
  if (dtype == DType::kFloat32) return floats;
  return convert(floats.view(), dtype);
}

Result<std::vector<Tensor>> random_tensors(std::span<const Port> ports) {
  std::vector<Tensor> tensors;
  for (const Port& port : ports) {
    SYNSIGHT_TRY_ASSIGN(Tensor tensor, random_tensor(port.dtype, port.shape, tensors.size()));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

Result<std::vector<Tensor>> allocate_tensors(std::span<const Port> ports) {
  std::vector<Tensor> tensors;
  for (const Port& port : ports) {
    SYNSIGHT_TRY_ASSIGN(Tensor tensor, Tensor::allocate(port.dtype, port.shape));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

std::vector<TensorView> views_of(std::span<const Tensor> tensors) {
  std::vector<TensorView> views;
  for (const Tensor& tensor : tensors) views.push_back(tensor.view());
  return views;
}

}  // namespace synsight::cli
