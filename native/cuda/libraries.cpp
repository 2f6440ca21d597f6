// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/libraries.h"

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/base/text.h"
#include "native/cuda/library_state.h"

namespace synsight::cuda {

namespace {

/// How many plans are timed. Building one takes up to a second, and those after the first few are
/// variants.
constexpr size_t kMaxTunedPlans = 8;

Result<std::string> describe_machine() {
  SYNSIGHT_TRY_ASSIGN(const Architecture architecture, current_architecture());
  int device = 0;
  SYNSIGHT_CUDA_TRY(cudaGetDevice(&device));
  cudaDeviceProp properties{};
  SYNSIGHT_CUDA_TRY(cudaGetDeviceProperties(&properties, device));
  return concat({"cudnn ", cudnnGetVersion(), ", ", properties.name, " sm ",
                 architecture.compute_capability, " x", architecture.num_processors});
}

std::string plan_key(const Libraries& libraries, const ConvolutionSpec& spec, bool is_tuned) {
  return concat({libraries.machine, is_tuned ? ", tuned, " : ", ", to_string(spec)});
}

/// The plan that the file has; false where it has none that fits.
bool load_plan(const Libraries& libraries, const ConvolutionSpec& spec, ConvolutionGraph& graph) {
  for (const bool is_tuned : {true, false}) {
    if (libraries.is_tuned && !is_tuned) continue;
    const auto* plan = libraries.plans.find(plan_key(libraries, spec, is_tuned));
    if (plan != nullptr && graph.load_plan(libraries.cudnn.get(), *plan)) return true;
  }
  return false;
}

Result<Memory> zeros(Queue& queue, DType dtype, const Shape& shape) {
  const size_t size_bytes = TensorView{dtype, shape, nullptr}.size_bytes();
  SYNSIGHT_TRY_ASSIGN(Memory memory, Memory::on_device(size_bytes));
  SYNSIGHT_TRY(queue.set_zero(memory.data(), size_bytes));
  return memory;
}

/// Times the plans on memory of their own: a node's is not there before all are planned.
Status tune(const Libraries& libraries, Queue& queue, const ConvolutionSpec& spec,
            ConvolutionGraph& graph) {
  std::array<Memory, 5> memories;
  const std::array shapes = {spec.input, spec.weights, Shape{spec.weights[0]}, graph.output_shape(),
                             graph.output_shape()};
  for (size_t i = 0; i < memories.size(); ++i) {
    const bool is_y = i + 1 == memories.size();
    SYNSIGHT_TRY_ASSIGN(memories[i],
                        zeros(queue, is_y ? result_dtype(spec) : spec.dtype, shapes[i]));
  }
  SYNSIGHT_TRY_ASSIGN(const Memory workspace, Memory::on_device(graph.workspace_bytes()));
  const auto& [x, w, b, z, y] = memories;
  Status tuned = graph.tune(libraries.cudnn.get(), libraries.stream,
                            {x.data(), w.data(), b.data(), z.data(), y.data(), workspace.data()});
  SYNSIGHT_TRY(queue.wait());
  return tuned;
}

Status choose_plan(Libraries& libraries, Queue& queue, const ConvolutionSpec& spec,
                   ConvolutionGraph& graph) {
  if (load_plan(libraries, spec, graph)) return {};
  ConvolutionGraph::PrepareOptions options;
  if (libraries.is_tuned) options.max_plans = kMaxTunedPlans;
  SYNSIGHT_TRY(graph.prepare(libraries.cudnn.get(), options));
  // Where the memory for it is not there, the first plan is cuDNN's own choice.
  const bool is_tuned = libraries.is_tuned && tune(libraries, queue, spec, graph).has_value();
  if (libraries.plan_file.empty()) return {};  // nodes of one spec share it anyway
  if (auto plan = graph.save_plan()) {
    libraries.plans.put(plan_key(libraries, spec, is_tuned), *std::move(plan));
  }
  return {};
}

}  // namespace

std::string choice_key(const Libraries& libraries, std::string_view what) {
  return concat({libraries.machine, ", fastest of ", what});
}

void CloseLibraries::operator()(Libraries* libraries) const {
  // That the plans could not be kept fails nobody: they are found again.
  if (libraries->plans.is_changed() && !libraries->plan_file.empty()) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(libraries->plan_file).parent_path(),
                                        error);
    static_cast<void>(libraries->plans.save(libraries->plan_file));
  }
  delete libraries;
}

// cuDNN's number is 91300 for 9.13.0, cuBLASLt's 130002 for 13.0.2.
std::string library_versions() {
  const size_t cudnn = cudnnGetVersion();
  const size_t cublaslt = cublasLtGetVersion();
  return concat({"cuDNN ", cudnn / 10000, ".", cudnn / 100 % 100, ".", cudnn % 100, ", cuBLASLt ",
                 cublaslt / 10000, ".", cublaslt / 100 % 100, ".", cublaslt % 100});
}

Result<OpenLibraries> open_libraries(const Queue& queue, const CompileOptions& options) {
  OpenLibraries libraries(new Libraries);
  SYNSIGHT_TRY_ASSIGN(libraries->cudnn, create_cudnn());
  SYNSIGHT_TRY_ASSIGN(libraries->cublaslt, create_cublaslt());
  libraries->stream = static_cast<cudaStream_t>(queue.handle());
  SYNSIGHT_CUDA_TRY(cudnnSetStream(libraries->cudnn.get(), libraries->stream));
  SYNSIGHT_TRY_ASSIGN(libraries->machine, describe_machine());
  libraries->is_tuned = options.is_tuned;
  libraries->plan_file = options.plan_cache;
  if (!options.plan_cache.empty()) libraries->plans = PlanCache::read(options.plan_cache);
  return libraries;
}

Result<std::shared_ptr<const ConvolutionGraph>> plan_convolution(Libraries& libraries, Queue& queue,
                                                                 const ConvolutionSpec& spec) {
  std::weak_ptr<const ConvolutionGraph>& known = libraries.graphs[to_string(spec)];
  if (auto graph = known.lock()) return graph;
  SYNSIGHT_TRY_ASSIGN(ConvolutionGraph graph, ConvolutionGraph::describe(spec));
  SYNSIGHT_TRY(choose_plan(libraries, queue, spec, graph));
  auto planned = std::make_shared<const ConvolutionGraph>(std::move(graph));
  known = planned;
  return planned;
}

}  // namespace synsight::cuda
