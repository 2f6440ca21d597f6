// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/convolution_graph.h"

#include <cudnn_frontend.h>

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <string_view>
#include <utility>

#include "core/base/text.h"
#include "native/cuda/library_handles.h"

// The one file that reads cudnn_frontend.h, which takes ten seconds. It is compiled with
// exceptions: some of its functions throw, and none of that leaves this file.
namespace synsight::cuda {

namespace {

namespace fe = cudnn_frontend;
using Tensor = std::shared_ptr<fe::graph::Tensor_attributes>;
using Plan = std::shared_ptr<fe::ExecutionPlan>;

/// How cuDNN tells the buffers apart.
enum Uid : int64_t { kX = 1, kW, kB, kZ, kY };

constexpr int kTimedRuns = 5;

/// fe::graph::Graph keeps its plans to itself and its heirs. A plan needs nothing of its graph.
struct Graph : fe::graph::Graph {
  using ICudnn::plans;
};

/// The explanation's first lines in one.
std::string one_line(std::string_view text) {
  constexpr size_t kMaxLength = 400;
  std::string line(text.substr(0, kMaxLength));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

/// Whose fault a failure is taken for: while plans are sought cuDNN's, which then does not know the
/// convolution; when one runs the device's.
enum class Phase { kBuild, kRun };

Error error_of(const ConvolutionSpec& spec, Phase phase, std::string_view what) {
  return {phase == Phase::kBuild ? ErrorCode::kUnsupportedOp : ErrorCode::kDevice,
          concat({"cuDNN: convolution ", to_string(spec), ": ", one_line(what)})};
}

Status status_of(fe::error_t error, const ConvolutionSpec& spec, Phase phase) {
  if (error.is_good()) return {};
  using Code = fe::error_code_t;
  const Code code = error.get_code();
  if (code == Code::CUDA_API_FAILED || code == Code::INVALID_CUDA_DEVICE) phase = Phase::kRun;
  return tl::unexpected(error_of(spec, phase, error.get_message()));
}

/// Calls what may throw.
template <typename Function>
Status guarded(const ConvolutionSpec& spec, Phase phase, Function function) {
  try {
    return function();
  } catch (const std::exception& thrown) {
    return tl::unexpected(error_of(spec, phase, thrown.what()));
  }
}

Result<fe::DataType_t> data_type(const ConvolutionSpec& spec) {
  switch (spec.dtype) {
    case DType::kFloat32:
      return fe::DataType_t::FLOAT;
    case DType::kFloat16:
      return fe::DataType_t::HALF;
    case DType::kBFloat16:
      return fe::DataType_t::BFLOAT16;
    case DType::kInt8:
      return fe::DataType_t::INT8;
    default:
      return fail(ErrorCode::kUnsupportedType,
                  concat({"cuDNN: no convolution of ", dtype_name(spec.dtype)}));
  }
}

/// Strides of [A,B,C,D] stored as [A][C][D][B].
std::vector<int64_t> channels_last(const Shape& shape) {
  return {shape[1] * shape[2] * shape[3], 1, shape[1] * shape[3], shape[1]};
}

std::vector<int64_t> to_vector(const Shape& shape) {
  return {shape.dims().begin(), shape.dims().end()};
}

Tensor add_tensor(Graph& graph, const char* name, Uid uid, const Shape& shape) {
  return graph.tensor(fe::graph::Tensor_attributes()
                          .set_name(name)
                          .set_uid(uid)
                          .set_dim(to_vector(shape))
                          .set_stride(channels_last(shape)));
}

fe::graph::Pointwise_attributes pointwise(fe::PointwiseMode_t mode) {
  return fe::graph::Pointwise_attributes().set_mode(mode);
}

Tensor add_activation(Graph& graph, const ConvolutionSpec& spec, Tensor sum) {
  using Mode = fe::PointwiseMode_t;
  switch (spec.activation) {
    case ConvActivation::kNone:
      return sum;
    case ConvActivation::kRelu:
      return graph.pointwise(sum, pointwise(Mode::RELU_FWD));
    case ConvActivation::kClamp: {
      constexpr float kMax = std::numeric_limits<float>::max();
      auto attributes = pointwise(Mode::RELU_FWD);
      attributes.set_relu_lower_clip(std::clamp(spec.clamp_min, -kMax, kMax))
          .set_relu_upper_clip(std::clamp(spec.clamp_max, -kMax, kMax));
      return graph.pointwise(sum, attributes);
    }
    case ConvActivation::kSigmoid:
      return graph.pointwise(sum, pointwise(Mode::SIGMOID_FWD));
    case ConvActivation::kSilu:
      return graph.pointwise(sum, pointwise(Mode::SWISH_FWD));
  }
  return sum;
}

/// Describes the spec; the answer is Y. Z comes before B, as cuDNN's ready-made kernels expect it.
Tensor add_convolution(Graph& graph, const ConvolutionSpec& spec, const Shape& output_shape,
                       fe::DataType_t type) {
  const bool is_integer = type == fe::DataType_t::INT8;
  const fe::DataType_t sums = is_integer ? fe::DataType_t::INT32 : fe::DataType_t::FLOAT;
  graph.set_io_data_type(type).set_intermediate_data_type(sums).set_compute_data_type(sums);
  const auto& [height, width] = std::tie(spec.params.window[0], spec.params.window[1]);
  Tensor y = graph.conv_fprop(add_tensor(graph, "X", kX, spec.input),
                              add_tensor(graph, "W", kW, spec.weights),
                              fe::graph::Conv_fprop_attributes()
                                  .set_pre_padding({height.pad_begin, width.pad_begin})
                                  .set_post_padding({height.pad_end, width.pad_end})
                                  .set_stride({height.stride, width.stride})
                                  .set_dilation({height.dilation, width.dilation}));
  if (spec.has_residual) {
    y = graph.pointwise(y, add_tensor(graph, "Z", kZ, output_shape),
                        pointwise(fe::PointwiseMode_t::ADD));
  }
  if (spec.has_bias) {
    y = graph.pointwise(y, add_tensor(graph, "B", kB, {1, spec.weights[0], 1, 1}),
                        pointwise(fe::PointwiseMode_t::ADD));
  }
  y = add_activation(graph, spec, y);
  y->set_output(true).set_uid(kY).set_name("Y");
  if (is_integer) y->set_data_type(sums);
  return y;
}

/// What plans must not do.
std::vector<fe::NumericalNote_t> unwanted_notes(const ConvolutionSpec& spec, bool has_tf32) {
  using Note = fe::NumericalNote_t;
  std::vector<Note> notes = {Note::REDUCED_PRECISION_REDUCTION, Note::NONDETERMINISTIC};
  if (spec.dtype == DType::kFloat32) {
    // Before Ampere, tensor cores round f32 to f16, whose range is too small.
    if (!spec.allow_tf32 || !has_tf32) {
      notes.insert(notes.end(), {Note::TENSOR_CORE, Note::DOWN_CONVERT_INPUTS});
    }
  } else {
    // Its transformed weights have few bits left in 16.
    notes.push_back(Note::WINOGRAD);
  }
  return notes;
}

/// What a saved plan begins with: it fits where this is the same.
Result<std::string> plan_key(const ConvolutionSpec& spec) {
  SYNSIGHT_TRY_ASSIGN(const Architecture architecture, current_architecture());
  return concat({"synsight cudnn ", cudnnGetVersion(), " sm ", architecture.compute_capability,
                 " x", architecture.num_processors, " ", to_string(spec), "\n"});
}

struct DestroyEvent {
  void operator()(cudaEvent_t event) const { cudaEventDestroy(event); }
};
using CudaEvent = std::unique_ptr<CUevent_st, DestroyEvent>;

Result<CudaEvent> create_event() {
  cudaEvent_t event = nullptr;
  SYNSIGHT_CUDA_TRY(cudaEventCreate(&event));
  return CudaEvent(event);
}

}  // namespace

struct ConvolutionGraph::Impl {
  ConvolutionSpec spec;
  Shape output_shape;
  std::unique_ptr<Graph> graph;  // until there are plans
  std::vector<Plan> plans;       // the chosen one is the first
  std::vector<int64_t> uids;
  std::string refusal;  // why the last plan that was tried could not be built

  Status execute(cudnnHandle_t handle, const Plan& plan, const ConvolutionBuffers& buffers) const {
    std::vector<void*> pointers;
    for (const int64_t uid : uids) {
      const std::array<const void*, 5> sources = {buffers.x, buffers.w, buffers.b, buffers.z,
                                                  buffers.y};
      pointers.push_back(const_cast<void*>(sources[static_cast<size_t>(uid - kX)]));
    }
    return status_of(fe::detail::execute(handle, plan.get(), pointers, uids, buffers.workspace),
                     spec, Phase::kRun);
  }

  /// Milliseconds, after one run to warm up.
  Result<float> time(cudnnHandle_t handle, cudaStream_t stream, const Plan& plan,
                     const ConvolutionBuffers& buffers, cudaEvent_t start, cudaEvent_t end) const {
    SYNSIGHT_TRY(execute(handle, plan, buffers));
    SYNSIGHT_CUDA_TRY(cudaEventRecord(start, stream));
    for (int i = 0; i < kTimedRuns; ++i) SYNSIGHT_TRY(execute(handle, plan, buffers));
    SYNSIGHT_CUDA_TRY(cudaEventRecord(end, stream));
    SYNSIGHT_CUDA_TRY(cudaEventSynchronize(end));
    float elapsed_ms = 0;
    SYNSIGHT_CUDA_TRY(cudaEventElapsedTime(&elapsed_ms, start, end));
    return elapsed_ms / kTimedRuns;
  }

  /// Builds plans among those that this heuristic names.
  Status add_plans(fe::HeurMode_t mode, const PrepareOptions& options,
                   const std::vector<fe::NumericalNote_t>& unwanted) {
    const size_t first = graph->plans.execution_plans.size();
    SYNSIGHT_TRY(status_of(graph->create_execution_plans({mode}), spec, Phase::kBuild));
    graph->deselect_numeric_notes(unwanted);
    graph->deselect_workspace_greater_than(static_cast<int64_t>(options.max_workspace_bytes));
    const size_t end = graph->plans.execution_plans.size();
    for (size_t i = first; i < end && plans.size() < options.max_plans; ++i) {
      fe::error_t error = graph->build_plan_at_index(static_cast<int64_t>(i));
      if (error.is_good()) {
        plans.push_back(graph->plans.execution_plans[i]);
      } else {
        refusal = error.get_message();
      }
    }
    return {};
  }

  Status build_plans(cudnnHandle_t handle, const PrepareOptions& options) {
    SYNSIGHT_TRY_ASSIGN(const Architecture architecture, current_architecture());
    const auto unwanted = unwanted_notes(spec, architecture.compute_capability >= 80);
    SYNSIGHT_TRY(status_of(graph->build_operation_graph(handle), spec, Phase::kBuild));
    // B asks a model that is slower and sometimes knows more; the fallback lists what works at all.
    // That one of them knows nothing is no error while another does.
    Status answer;
    for (const fe::HeurMode_t mode :
         {fe::HeurMode_t::A, fe::HeurMode_t::B, fe::HeurMode_t::FALLBACK}) {
      if (!plans.empty()) break;
      answer = add_plans(mode, options, unwanted);
    }
    if (!plans.empty()) return {};
    SYNSIGHT_TRY(answer);
    return tl::unexpected(
        error_of(spec, Phase::kBuild, concat({"no plan that keeps to it; the last: ", refusal})));
  }
};

ConvolutionGraph::ConvolutionGraph(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ConvolutionGraph::ConvolutionGraph(ConvolutionGraph&&) noexcept = default;
ConvolutionGraph& ConvolutionGraph::operator=(ConvolutionGraph&&) noexcept = default;
ConvolutionGraph::~ConvolutionGraph() = default;

Result<ConvolutionGraph> ConvolutionGraph::describe(const ConvolutionSpec& spec) {
  SYNSIGHT_TRY_ASSIGN(const fe::DataType_t type, data_type(spec));
  SYNSIGHT_TRY_ASSIGN(const Shape expected, output_shape_of(spec));
  const bool is_bare =
      !spec.has_bias && !spec.has_residual && spec.activation == ConvActivation::kNone;
  if (spec.dtype == DType::kInt8 && !is_bare) {
    return tl::unexpected(error_of(spec, Phase::kBuild, "there are only sums of int8"));
  }
  auto impl = std::make_unique<Impl>();
  impl->spec = spec;
  impl->uids = {kX, kW, kY};
  if (spec.has_bias) impl->uids.push_back(kB);
  if (spec.has_residual) impl->uids.push_back(kZ);
  SYNSIGHT_TRY(guarded(spec, Phase::kBuild, [&]() -> Status {
    impl->graph = std::make_unique<Graph>();
    const Tensor y = add_convolution(*impl->graph, spec, expected, type);
    SYNSIGHT_TRY(status_of(impl->graph->validate(), spec, Phase::kBuild));
    SYNSIGHT_TRY_ASSIGN(impl->output_shape, Shape::from_dims(y->get_dim()));
    if (impl->output_shape != expected || y->get_stride() != channels_last(expected)) {
      return tl::unexpected(error_of(spec, Phase::kBuild, "cuDNN would make Y of another form"));
    }
    return {};
  }));
  return ConvolutionGraph(std::move(impl));
}

const Shape& ConvolutionGraph::output_shape() const { return impl_->output_shape; }

Status ConvolutionGraph::prepare(cudnnHandle_t handle, const PrepareOptions& options) {
  if (impl_->graph == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "a convolution is prepared once");
  }
  const Status built =
      guarded(impl_->spec, Phase::kBuild, [&] { return impl_->build_plans(handle, options); });
  impl_->graph.reset();
  return built;
}

Status ConvolutionGraph::tune(cudnnHandle_t handle, cudaStream_t stream,
                              const ConvolutionBuffers& buffers) {
  std::vector<Plan>& plans = impl_->plans;
  if (plans.size() < 2) return {};
  SYNSIGHT_CUDA_TRY(cudnnSetStream(handle, stream));
  SYNSIGHT_TRY_ASSIGN(const CudaEvent start, create_event());
  SYNSIGHT_TRY_ASSIGN(const CudaEvent end, create_event());
  float best_ms = std::numeric_limits<float>::infinity();
  Plan best;
  Status failure;
  for (const Plan& plan : plans) {
    float elapsed_ms = 0;
    const Status timed = guarded(impl_->spec, Phase::kRun, [&]() -> Status {
      SYNSIGHT_TRY_ASSIGN(elapsed_ms,
                          impl_->time(handle, stream, plan, buffers, start.get(), end.get()));
      return {};
    });
    if (!timed) {
      failure = timed;
    } else if (elapsed_ms < best_ms) {
      best_ms = elapsed_ms;
      best = plan;
    }
  }
  if (best == nullptr) return failure;
  plans = {best};
  return {};
}

size_t ConvolutionGraph::workspace_bytes() const {
  int64_t size_bytes = 0;
  for (const Plan& plan : impl_->plans) size_bytes = std::max(size_bytes, plan->getWorkspaceSize());
  return static_cast<size_t>(size_bytes);
}

std::string ConvolutionGraph::plan_name() const {
  return impl_->plans.empty() ? "" : impl_->plans.front()->getTag();
}

Status ConvolutionGraph::execute(cudnnHandle_t handle, cudaStream_t stream,
                                 const ConvolutionBuffers& buffers) const {
  if (impl_->plans.empty()) {
    return fail(ErrorCode::kInvalidArgument, "a convolution is executed before it is prepared");
  }
  SYNSIGHT_CUDA_TRY(cudnnSetStream(handle, stream));
  return guarded(impl_->spec, Phase::kRun,
                 [&] { return impl_->execute(handle, impl_->plans.front(), buffers); });
}

Result<std::vector<std::byte>> ConvolutionGraph::save_plan() const {
  if (impl_->plans.empty()) {
    return fail(ErrorCode::kInvalidArgument, "a convolution is saved before it is prepared");
  }
  SYNSIGHT_TRY_ASSIGN(std::string text, plan_key(impl_->spec));
  SYNSIGHT_TRY(guarded(impl_->spec, Phase::kRun, [&]() -> Status {
    text += impl_->plans.front()->getJsonRepresentation();
    return {};
  }));
  const auto bytes = std::as_bytes(std::span(text));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

Status ConvolutionGraph::load_plan(cudnnHandle_t handle, std::span<const std::byte> bytes) {
  SYNSIGHT_TRY_ASSIGN(const std::string key, plan_key(impl_->spec));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.substr(0, key.size()) != key) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"the saved plan is of another convolution, cuDNN or GPU, not: ",
                        key.substr(0, key.size() - 1)}));
  }
  return guarded(impl_->spec, Phase::kBuild, [&]() -> Status {
    Plan plan;
    SYNSIGHT_TRY(status_of(
        fe::detail::create_cudnn_execution_plan(plan, std::string(text.substr(key.size())), handle),
        impl_->spec, Phase::kBuild));
    impl_->plans = {std::move(plan)};
    impl_->graph.reset();
    return {};
  });
}

}  // namespace synsight::cuda
