// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/conformance_case.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "core/base/text.h"
#include "core/classifier/model_file.h"
#include "core/classifier/session.h"
#include "core/onnx/reader.h"
#include "core/optimize/optimize.h"
#include "tests/support/backends.h"
#include "tests/support/run_graph.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMaxTensorFileBytes = size_t{1} << 28;
constexpr double kRelativeTolerance = 1e-3;
constexpr double kBfloat16RelativeTolerance = 0x1p-6;
constexpr double kAbsoluteTolerance = 1e-7;

Result<std::vector<Tensor>> read_tensors(const std::string& folder, const std::string& kind) {
  std::vector<Tensor> tensors;
  for (size_t i = 0;; ++i) {
    const std::string path = concat({folder, "/", kind, "_", i, ".pb"});
    std::error_code error;
    if (!fs::exists(path, error)) return tensors;
    SYNSIGHT_TRY_ASSIGN(const auto bytes, read_file(path, kMaxTensorFileBytes));
    SYNSIGHT_TRY_ASSIGN(Tensor tensor, onnx::read_tensor(bytes));
    tensors.push_back(std::move(tensor));
  }
}

Status make_constant(Graph& graph, size_t first, const std::vector<Tensor>& inputs) {
  for (size_t i = first; i < graph.inputs.size(); ++i) {
    Value& value = graph.value(graph.inputs[i]);
    SYNSIGHT_TRY_ASSIGN(value.initializer, Tensor::copy(inputs[i].view()));
    value.dtype = inputs[i].dtype();
    value.shape = inputs[i].shape();
    value.has_shape = true;
    value.is_initializer = true;
  }
  graph.inputs.resize(std::min(first, graph.inputs.size()));
  return {};
}

// No operator computes in f16 or bf16: without this pass the graph is not runnable.
bool has_half_floats(const Graph& graph) {
  return std::any_of(graph.values.begin(), graph.values.end(), [](const Value& value) {
    return value.dtype == DType::kFloat16 || value.dtype == DType::kBFloat16;
  });
}

size_t num_fed(Feeding feeding, size_t num_inputs) {
  if (feeding == Feeding::kNone) return 0;
  return feeding == Feeding::kFirst ? std::min<size_t>(1, num_inputs) : num_inputs;
}

bool is_close(double found, double wanted, double relative) {
  if (std::isnan(wanted)) return std::isnan(found);
  if (std::isinf(wanted) || relative == 0) return found == wanted;
  return std::abs(found - wanted) <= kAbsoluteTolerance + relative * std::abs(wanted);
}

double relative_tolerance(DType dtype) {
  switch (dtype) {
    case DType::kBFloat16:
      return kBfloat16RelativeTolerance;
    case DType::kFloat16:
    case DType::kFloat32:
    case DType::kFloat64:
      return kRelativeTolerance;
    default:
      return 0;
  }
}

std::string difference(const Tensor& found, const Tensor& wanted) {
  if (found.dtype() != wanted.dtype() || found.shape() != wanted.shape()) {
    return concat({"found ", dtype_name(found.dtype()), found.shape().to_string(), ", wanted ",
                   dtype_name(wanted.dtype()), wanted.shape().to_string()});
  }
  if (std::memcmp(found.data(), wanted.data(), wanted.size_bytes()) == 0) return {};
  const double relative = relative_tolerance(wanted.dtype());
  const std::vector<double> found_elements = to_doubles(found.view());
  const std::vector<double> wanted_elements = to_doubles(wanted.view());
  for (size_t i = 0; i < wanted_elements.size(); ++i) {
    if (is_close(found_elements[i], wanted_elements[i], relative)) continue;
    return concat({"at ", position_text(wanted.shape(), i), " found ", found_elements[i],
                   ", wanted ", wanted_elements[i]});
  }
  return relative == 0 ? "found other integers, above 2^53" : "";
}

}  // namespace

std::optional<std::vector<std::string>> find_cases(const std::string& kind) {
  const char* root = std::getenv("SYNSIGHT_CONFORMANCE_CASES");
  if (root == nullptr) {
    MESSAGE("skipped: SYNSIGHT_CONFORMANCE_CASES names no folder of cases (see write_cases.py)");
    return std::nullopt;
  }
  std::vector<std::string> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(root) / kind, error)) {
    folders.push_back(entry.path().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

Result<ConformanceCase> read_case(const std::string& folder) {
  ConformanceCase read;
  read.name = fs::path(folder).filename().string();
  read.model_path = folder + "/model.onnx";
  SYNSIGHT_TRY_ASSIGN(read.inputs, read_tensors(folder, "input"));
  SYNSIGHT_TRY_ASSIGN(read.outputs, read_tensors(folder, "output"));
  return read;
}

std::vector<Runner> all_runners() {
  std::vector<Runner> runners;
  for (const Backend* backend : all_backends()) {
    const std::string name(backend->name());
    if (name == "reference") runners.push_back({name + ", not optimized", backend, false});
    runners.push_back({name, backend, true});
  }
  return runners;
}

Result<std::vector<Tensor>> run_case(const ConformanceCase& conformance_case, const Runner& runner,
                                     Feeding feeding) {
  SYNSIGHT_TRY_ASSIGN(Graph graph, read_model_file(conformance_case.model_path));
  if (graph.inputs.size() != conformance_case.inputs.size()) {
    return fail(ErrorCode::kInternal, concat({"the case has ", conformance_case.inputs.size(),
                                              " inputs, its model ", graph.inputs.size()}));
  }
  const size_t num_inputs = num_fed(feeding, graph.inputs.size());
  SYNSIGHT_TRY(make_constant(graph, num_inputs, conformance_case.inputs));
  std::vector<TensorView> inputs;
  for (size_t i = 0; i < num_inputs; ++i) inputs.push_back(conformance_case.inputs[i].view());
  if (!runner.is_optimized) {
    if (has_half_floats(graph)) SYNSIGHT_TRY(optimize::compute_in_float32(graph));
    return run_graph(*runner.backend, std::move(graph), inputs);
  }
  SessionOptions options;
  options.backends = {runner.backend};
  SYNSIGHT_TRY_ASSIGN(Session session, Session::create(std::move(graph), options));
  return session.run(inputs);
}

std::string difference(const ConformanceCase& conformance_case, const std::vector<Tensor>& found) {
  if (found.size() != conformance_case.outputs.size()) {
    return concat({"found ", found.size(), " outputs, wanted ", conformance_case.outputs.size()});
  }
  for (size_t i = 0; i < found.size(); ++i) {
    const std::string text = difference(found[i], conformance_case.outputs[i]);
    if (!text.empty()) return concat({"output ", i, ": ", text});
  }
  return {};
}

}  // namespace synsight::test
