// SPDX-License-Identifier: Apache-2.0
#include "core/classifier/classifier.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/base/cancellation.h"
#include "core/base/text.h"
#include "core/labels/top_k.h"
#include "core/tensor/convert.h"

namespace synsight {

namespace {

/// Whether one of the graph's outputs comes from that operator, perhaps reshaped.
bool ends_in(const Graph& graph, size_t output, std::string_view op_type) {
  const std::vector<int> producers = find_producers(graph);
  ValueId id = graph.outputs[output];
  while (producers[static_cast<size_t>(id)] >= 0) {
    const Node& node = graph.nodes[static_cast<size_t>(producers[static_cast<size_t>(id)])];
    if (node.op_type == op_type) return true;
    constexpr std::string_view kPassOn[] = {"Reshape",  "Flatten",   "Squeeze",
                                            "Identity", "Unsqueeze", "Cast"};
    if (std::find(std::begin(kPassOn), std::end(kPassOn), node.op_type) == std::end(kPassOn)) break;
    id = node.inputs[0];
  }
  return false;
}

/// Whether an output is the scores of one picture: floating-point, along one dimension.
bool is_scores(const Port& port) {
  const auto dims = port.shape.dims();
  return is_floating(port.dtype) && port.shape.num_elements() > 1 &&
         std::count(dims.begin(), dims.end(), 1) + 1 == std::ssize(dims);
}

/// Whether an output is the probability of the second of two classes, as Keras's lessons have it.
bool is_sigmoid(const Graph& graph, size_t output, const Port& port) {
  return is_floating(port.dtype) && port.shape.num_elements() == 1 &&
         ends_in(graph, output, "Sigmoid");
}

/// The first output that is scores, which the largest ones are not; says in `guess` which where
/// there are several.
Result<size_t> find_scores(const Graph& graph, std::span<const Port> outputs, std::string& guess) {
  std::string found;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Port& port = outputs[i];
    const bool is_all = is_scores(port) && !ends_in(graph, i, "TopK");
    if (is_all || is_sigmoid(graph, i, port)) {
      if (outputs.size() == 1) return i;
      if (!guess.empty()) guess += "; ";
      guess += concat({"the model has ", outputs.size(), " outputs, guessed that \"", port.name,
                       "\" are the scores"});
      return i;
    }
    if (i > 0) found += ", ";
    found += concat({"\"", port.name, "\" is ", dtype_name(port.dtype), port.shape.to_string()});
  }
  return fail(ErrorCode::kInvalidModel,
              concat({"the model gives no scores for classes: output ", found,
                      ", wanted floating-point [N,classes], or "
                      "[N,1] of a Sigmoid"}));
}

/// A network may answer what no softmax makes probabilities of.
Status check_scores(std::span<const float> scores) {
  const bool has_nan =
      std::any_of(scores.begin(), scores.end(), [](float s) { return std::isnan(s); });
  const float largest = *std::max_element(scores.begin(), scores.end());
  if (!has_nan && std::isfinite(largest)) return {};
  return fail(
      ErrorCode::kInvalidModel,
      concat({"the model gives ", has_nan ? "NaN" : "infinite scores", " for this picture"}));
}

/// The caller's classes, which must be as many as there are scores.
Result<labels::ClassTable> read_classes(const std::string& text, size_t count) {
  SYNSIGHT_TRY_ASSIGN(labels::ClassTable table, labels::parse_classes(text));
  if (table.size() == count) return table;
  return fail(ErrorCode::kInvalidArgument, concat({"the list of classes names ", table.size(),
                                                   ", the network gives ", count, " scores"}));
}

/// The table for `count` scores; says in `guess` what it had to guess.
Result<labels::ClassTable> choose_classes(const Graph& graph, size_t count, std::string& guess) {
  constexpr size_t kImagenetClasses = 1000;
  const auto said = graph.metadata.find("synsight.classes");
  if (said != graph.metadata.end()) {
    SYNSIGHT_TRY_ASSIGN(labels::ClassTable table, labels::parse_classes(said->second));
    if (table.size() != count) {
      return fail(ErrorCode::kInvalidModel,
                  concat({"metadata synsight.classes names ", table.size(),
                          " classes, the network gives ", count, " scores"}));
    }
    return table;
  }
  if (!guess.empty()) guess += "; ";
  if (count != kImagenetClasses) {
    guess += concat({"the model does not name its ", count, " classes"});
    return labels::numbered_classes(count);
  }
  guess += "the model does not name its 1000 classes, guessed imagenet-1k because it has as many";
  return labels::parse_classes("imagenet-1k");
}

}  // namespace

Result<Classifier> Classifier::create(Graph graph, const ClassifierOptions& options) {
  Classifier classifier;
  SYNSIGHT_TRY_ASSIGN(classifier.input_,
                      PictureInput::create(graph, options.preset, options.overrides));
  classifier.guess_ = classifier.input_.guess();
  SYNSIGHT_TRY_ASSIGN(classifier.session_, Session::create(std::move(graph), options.session));
  const Shape shape = classifier.input_.usual_shape();
  SYNSIGHT_TRY(classifier.session_.reshape({&shape, 1}));
  const Graph& compiled = classifier.session_.executable().graph();
  const std::span<const Port> outputs = classifier.session_.outputs();
  SYNSIGHT_TRY_ASSIGN(const size_t output, find_scores(compiled, outputs, classifier.guess_));
  // The one score of a Sigmoid stands for two.
  const size_t num_scores = std::max<size_t>(outputs[output].shape.num_elements(), 2);
  SYNSIGHT_TRY_ASSIGN(classifier.classes_,
                      options.classes.empty()
                          ? choose_classes(compiled, num_scores, classifier.guess_)
                          : read_classes(options.classes, num_scores));
  classifier.guesses_classes_ =
      options.classes.empty() && !compiled.metadata.contains("synsight.classes");
  classifier.scores_output_ = output;
  classifier.takes_pictures_ = classifier.session_.executable().takes_pictures();
  classifier.num_scores_ = outputs[output].shape.num_elements();
  classifier.outputs_probabilities_ =
      ends_in(compiled, output, "Softmax") || ends_in(compiled, output, "Sigmoid");
  return classifier;
}

Result<Classification> Classifier::classify(const PreparedImage& prepared, size_t top,
                                            const RunOptions& options) {
  SYNSIGHT_TRY(begin(prepared));
  SYNSIGHT_TRY(advance(options, {}));
  SYNSIGHT_TRY(finish());
  return answer(0, top);
}

Status Classifier::set_batch(size_t num_pictures) {
  const Shape one = input_.usual_shape();
  if (num_pictures > 1 && !input_.has_fixed_size()) {
    return fail(ErrorCode::kShapeMismatch,
                "pictures keep their sizes, so that they cannot be classified together");
  }
  Shape shape = one;
  shape[0] = static_cast<int64_t>(num_pictures);
  give_up_runs_unless(shape);
  Status status = session_.reshape({&shape, 1});
  const size_t wanted = num_scores_ * num_pictures;
  if (status && session_.outputs()[scores_output_].shape.num_elements() != wanted) {
    status = fail(ErrorCode::kShapeMismatch,
                  concat({"of ", num_pictures, " pictures the network makes scores ",
                          session_.outputs()[scores_output_].shape.to_string()}));
  }
  if (status) {
    batch_ = num_pictures;
    prepared_sizes_.insert(num_pictures);
  } else {
    Shape before = one;
    before[0] = static_cast<int64_t>(batch_);
    SYNSIGHT_TRY(session_.reshape({&before, 1}));
  }
  return status;
}

// A device seeks plans for each new size and records it, which takes longer than to compute the
// full batch: so a partial one, which may come up once, takes the next larger size that is there.
// Elsewhere a new size costs little, and zeros cost as much as pictures.
size_t Classifier::run_size(size_t num_pictures) const {
  return is_on_device() ? *prepared_sizes_.lower_bound(num_pictures) : num_pictures;
}

Shape Classifier::input_shape(std::span<const PreparedImage> prepared) const {
  const PreparedImage& picture = prepared[0];
  Shape shape = picture.tensor.shape();
  if (picture.plan) {
    const image::Size size = picture.plan->size;
    shape = input_.layout() == image::TensorLayout::kNchw ? Shape{1, 3, size.height, size.width}
                                                          : Shape{1, size.height, size.width, 3};
  }
  if (shape.rank() > 0) shape[0] = static_cast<int64_t>(run_size(prepared.size()));
  return shape;
}

bool Classifier::keeps_runs(std::span<const PreparedImage> prepared) const {
  return prepared.empty() || session_.inputs()[0].shape == input_shape(prepared);
}

// The session ends them when it reshapes.
void Classifier::give_up_runs_unless(const Shape& shape) {
  if (session_.inputs()[0].shape != shape) runs_.clear();
}

// As the input of one run.
Status Classifier::begin_pictures(std::span<const PreparedImage> prepared) {
  std::vector<image::PlannedPicture> pictures;
  for (const PreparedImage& picture : prepared) {
    if (picture.plan) {
      pictures.push_back({&picture.picture, &*picture.plan, nullptr});
    } else {
      pictures.push_back({nullptr, nullptr, &picture.tensor});
    }
  }
  const Shape shape = input_shape(prepared);
  give_up_runs_unless(shape);
  return session_.begin_pictures(shape, pictures, input_.layout());
}

Result<TensorView> Classifier::stack(std::span<const PreparedImage> prepared) {
  const Tensor& first = prepared[0].tensor;
  const Shape shape = input_shape(prepared);
  if (shape == first.shape()) return first.view();
  if (!stack_.exists() || stack_.shape() != shape) {
    SYNSIGHT_TRY_ASSIGN(stack_, Tensor::allocate(first.dtype(), shape));
    std::memset(stack_.data(), 0, stack_.size_bytes());
  }
  auto* place = static_cast<std::byte*>(stack_.data());
  for (const PreparedImage& picture : prepared) {
    if (picture.tensor.shape() != first.shape() || picture.tensor.dtype() != first.dtype()) {
      return fail(ErrorCode::kShapeMismatch, "pictures of one run differ in their sizes");
    }
    std::memcpy(place, picture.tensor.data(), first.size_bytes());
    place += first.size_bytes();
  }
  return stack_.view();
}

Status Classifier::begin_batch(std::span<const PreparedImage> prepared) {
  const auto start = Clock::now();
  if (prepared.empty() || prepared.size() > batch_) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"got ", prepared.size(), " pictures, a run takes 1 to ", batch_}));
  }
  if (takes_pictures_) {
    SYNSIGHT_TRY(begin_pictures(prepared));
  } else {
    SYNSIGHT_TRY_ASSIGN(const TensorView input, stack(prepared));
    give_up_runs_unless(input.shape);
    SYNSIGHT_TRY(session_.begin({&input, 1}));
  }
  add_run(prepared, start);
  return {};
}

Status Classifier::begin(const PreparedImage& prepared) {
  const auto start = Clock::now();
  batch_ = 1;
  const TensorView input = prepared.tensor.view();
  give_up_runs_unless(input.shape);
  SYNSIGHT_TRY(session_.begin({&input, 1}));
  add_run({&prepared, 1}, start);
  return {};
}

void Classifier::add_run(std::span<const PreparedImage> prepared, Clock::time_point start) {
  if (runs_.size() == session_.executable().max_runs()) runs_.erase(runs_.begin());
  Run& run = runs_.emplace_back();
  run.size = run_size(prepared.size());
  for (const PreparedImage& picture : prepared) run.timings.push_back(picture.timings);
  run.inference_ms = milliseconds_since(start);
}

Result<bool> Classifier::advance(const RunOptions& options, const Deadline& pause) {
  const auto start = Clock::now();
  auto has_ended = session_.advance(options, pause);
  if (!runs_.empty()) {
    runs_.back().inference_ms += milliseconds_since(start);
    if (!has_ended) runs_.pop_back();
  }
  return has_ended;
}

Result<size_t> Classifier::finish() {
  const auto start = Clock::now();
  SYNSIGHT_TRY_ASSIGN(const std::vector<Tensor> outputs, session_.finish());
  finished_ = std::move(runs_.front());
  runs_.erase(runs_.begin());
  SYNSIGHT_TRY_ASSIGN(scores_, convert(outputs[scores_output_].view(), DType::kFloat32));
  finished_.inference_ms += milliseconds_since(start);
  return finished_.timings.size();
}

Result<Classification> Classifier::answer(size_t picture, size_t top) const {
  const size_t num_scores = scores_.shape().num_elements() / finished_.size;
  const auto row = scores_.as<float>().subspan(picture * num_scores, num_scores);
  std::vector<float> scores(row.begin(), row.end());
  if (scores.size() == 1) scores.insert(scores.begin(), 1 - scores[0]);
  if (scores.size() != classes_.size()) {
    return fail(ErrorCode::kShapeMismatch, concat({"the network gave ", scores.size(),
                                                   " scores for ", classes_.size(), " classes"}));
  }
  SYNSIGHT_TRY(check_scores(scores));
  const std::vector<size_t> best = labels::top_k(scores, top);
  const std::vector<float> softmax = labels::softmax(scores);
  Classification classification;
  classification.timings = finished_.timings[picture];
  classification.timings.inference_ms =
      finished_.inference_ms / static_cast<double>(finished_.timings.size());
  for (const size_t index : best) {
    const labels::ClassInfo& info = classes_[index];
    const float probability = outputs_probabilities_ ? scores[index] : softmax[index];
    classification.predictions.push_back({index, info.wnid, info.label, probability});
  }
  return classification;
}

}  // namespace synsight
