// SPDX-License-Identifier: Apache-2.0
#include "tests/support/op_case.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>

#include "core/backend/backend.h"
#include "core/base/text.h"
#include "tests/support/backends.h"
#include "tests/support/compare.h"
#include "tests/support/exceptions.h"
#include "tests/support/expect.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

Attribute to_attribute(const TestAttribute& source) {
  Attribute attribute{source.name, {}};
  std::visit(
      [&](const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, TestTensor>) {
          attribute.value = to_tensor(value);
        } else {
          attribute.value = value;
        }
      },
      source.value);
  return attribute;
}

namespace {

ValueId add_input(Graph& graph, const CaseInput& input, const std::string& name) {
  switch (input.kind) {
    case CaseInput::Kind::kAbsent:
      return kNoValue;
    case CaseInput::Kind::kInitializer:
      return graph.add_initializer(name, to_tensor(input.tensor));
    case CaseInput::Kind::kFed:
      break;
  }
  Value value;
  value.name = name;
  value.dtype = input.tensor.dtype;
  value.shape = input.tensor.shape;
  value.has_shape = true;
  graph.inputs.push_back(graph.add_value(std::move(value)));
  return graph.inputs.back();
}

std::vector<Tensor> fed_tensors(const OpNode& node) {
  std::vector<Tensor> tensors;
  for (const CaseInput& input : node.inputs) {
    if (input.kind == CaseInput::Kind::kFed) tensors.push_back(to_tensor(input.tensor));
  }
  return tensors;
}

std::vector<TensorView> views_of(std::span<const Tensor> tensors) {
  std::vector<TensorView> views;
  for (const Tensor& tensor : tensors) views.push_back(tensor.view());
  return views;
}

bool has_type(const OpNode& node, DType dtype) {
  return std::any_of(node.inputs.begin(), node.inputs.end(), [&](const CaseInput& input) {
    return input.kind != CaseInput::Kind::kAbsent && input.tensor.dtype == dtype;
  });
}

bool has_type(std::span<const TestTensor> tensors, DType dtype) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [&](const TestTensor& tensor) { return tensor.dtype == dtype; });
}

// The reason of the first exception that fits a case; empty where none does.
std::string_view find_reason(std::span<const Exception> exceptions, std::string_view backend,
                             const OpNode& node, std::string_view description) {
  for (const Exception& exception : exceptions) {
    if (exception.backend == backend &&
        (exception.op_type.empty() || exception.op_type == node.op_type) &&
        (exception.description.empty() || exception.description == description)) {
      return exception.reason;
    }
  }
  return {};
}

// Why a backend refuses a case; empty where it must not.
std::string_view refusal_reason(std::string_view backend, const OpNode& node,
                                std::span<const TestTensor> outputs, std::string_view description) {
  const std::string_view reason = find_reason(kExceptions, backend, node, description);
  if (!reason.empty()) return reason;
  const std::string op_type = concat({" ", node.op_type, " "});
  for (const TypeException& exception : kTypeExceptions) {
    if (exception.backend != backend) continue;
    if (concat({" ", exception.op_types, " "}).find(op_type) == std::string::npos) continue;
    for (const DType dtype : exception.dtypes) {
      if (has_type(node, dtype) || has_type(outputs, dtype)) return exception.reason;
    }
  }
  return {};
}

bool is_refusal(const Error& error) {
  return error.code == ErrorCode::kUnsupportedOp || error.code == ErrorCode::kUnsupportedType;
}

void check_outputs(const OpCase& op_case, std::span<const Tensor> found, const std::string& where) {
  size_t next = 0;
  for (const TestTensor& wanted : op_case.outputs) {
    if (wanted.dtype == DType::kUndefined) continue;
    const double magnitude = std::max(op_case.magnitude, max_magnitude(wanted.values));
    const double allowed = tolerance(op_case.accumulation_length, wanted.dtype, magnitude);
    const std::string difference = mismatch(found[next].view(), wanted, allowed);
    CHECK_MESSAGE(difference.empty(), where, ", output ", next, ": ", difference);
    ++next;
  }
}

// A node without any is not computed, and so not refused.
bool has_elements(const OpCase& op_case) {
  return std::any_of(op_case.outputs.begin(), op_case.outputs.end(),
                     [](const TestTensor& output) { return !output.values.empty(); });
}

void run_op_case(const Backend& backend, const OpCase& op_case) {
  const ActivationRange& clamp = op_case.node.activation;
  const std::string where =
      concat({op_case.node.op_type, " (", op_case.description,
              clamp.is_identity() ? "" : concat({", clamped to ", clamp.min, "..", clamp.max}),
              ") on ", backend.name()});
  std::vector<bool> has_output;
  for (const TestTensor& output : op_case.outputs) {
    has_output.push_back(output.dtype != DType::kUndefined);
  }
  const std::vector<Tensor> inputs = fed_tensors(op_case.node);
  const std::vector<TensorView> views = views_of(inputs);
  const auto executable = backend.compile(build_graph(op_case.node, has_output), {});
  const std::string_view reason =
      refusal_reason(backend.name(), op_case.node, op_case.outputs, op_case.description);
  for (const std::string run : {"first run", "second run"}) {
    const auto outputs =
        executable ? run_once(**executable, views)
                   : Result<std::vector<Tensor>>(tl::unexpected<Error>(executable.error()));
    if (!reason.empty() && has_elements(op_case)) {
      CHECK_MESSAGE((!outputs && is_refusal(outputs.error())), where,
                    " is listed as refused: ", reason);
    } else if (!outputs) {
      FAIL_CHECK(where, ", ", run, ": ", outputs.error().message);
    } else {
      check_outputs(op_case, *outputs, concat({where, ", ", run}));
    }
  }
}

// A Relu, and the middle half of what comes out; none where a clamp cannot be fused.
std::vector<ActivationRange> ranges_to_fuse(const OpCase& op_case) {
  if (op_case.outputs.size() != 1 || op_case.outputs[0].dtype != DType::kFloat32) return {};
  std::vector<double> values = op_case.outputs[0].values;
  const bool all_finite =
      std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  if (values.empty() || !all_finite) return {};
  std::sort(values.begin(), values.end());
  return {{.min = 0},
          {.min = static_cast<float>(values[values.size() / 4]),
           .max = static_cast<float>(values[values.size() * 3 / 4])}};
}

OpCase clamped(OpCase op_case, const ActivationRange& range) {
  op_case.node.activation = range;
  op_case.magnitude = std::max(op_case.magnitude, max_magnitude(op_case.outputs[0].values));
  for (double& value : op_case.outputs[0].values) {
    value = std::clamp(value, static_cast<double>(range.min), static_cast<double>(range.max));
  }
  return op_case;
}

void run_op_error_case(const Backend& backend, const OpErrorCase& op_case) {
  const std::string where =
      concat({op_case.node.op_type, " (", op_case.description, ") on ", backend.name()});
  const std::vector<Tensor> inputs = fed_tensors(op_case.node);
  Graph graph = build_graph(op_case.node, std::vector<bool>(op_case.num_outputs, true));
  const auto outputs = run_graph(backend, std::move(graph), views_of(inputs));
  const std::string_view harmless =
      find_reason(kUntoldErrors, backend.name(), op_case.node, op_case.description);
  if (!harmless.empty()) {
    CHECK_MESSAGE(outputs, where, " is listed as untold: ", harmless);
    return;
  }
  CHECK_MESSAGE(!outputs, where, ": is not refused");
  if (outputs) return;
  const bool is_excepted =
      !refusal_reason(backend.name(), op_case.node, {}, op_case.description).empty();
  if (is_excepted && is_refusal(outputs.error())) return;  // for another reason, and before
  const Error& error = outputs.error();
  CHECK_MESSAGE(error_code_name(error.code) == error_code_name(op_case.code), where, ": ",
                error.message);
  std::vector<std::string> parts = op_case.message_parts;
  parts.push_back("\"tested\"");
  for (const std::string& part : parts) {
    CHECK_MESSAGE(error.message.find(part) != std::string::npos, where, ": \"", part,
                  "\" is not in \"", error.message, "\"");
  }
}

}  // namespace

Graph build_graph(const OpNode& node, const std::vector<bool>& has_output) {
  Graph graph;
  Node& built = graph.nodes.emplace_back();
  built.name = "tested";
  built.op_type = node.op_type;
  built.opset = node.opset;
  built.activation = node.activation;
  for (const TestAttribute& attribute : node.attributes) {
    built.attributes.push_back(to_attribute(attribute));
  }
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    built.inputs.push_back(add_input(graph, node.inputs[i], concat({"input", i})));
  }
  for (size_t i = 0; i < has_output.size(); ++i) {
    if (!has_output[i]) {
      built.outputs.push_back(kNoValue);
      continue;
    }
    Value value;
    value.name = concat({"output", i});
    graph.outputs.push_back(graph.add_value(std::move(value)));
    built.outputs.push_back(graph.outputs.back());
  }
  expect(validate(graph));
  return graph;
}

void run_op_cases(std::span<const OpCase> cases) {
  for (const Backend* backend : all_backends()) {
    for (const OpCase& op_case : cases) {
      run_op_case(*backend, op_case);
      for (const ActivationRange& range : ranges_to_fuse(op_case)) {
        run_op_case(*backend, clamped(op_case, range));
      }
    }
  }
}

void run_op_error_cases(std::span<const OpErrorCase> cases) {
  for (const Backend* backend : all_backends()) {
    for (const OpErrorCase& op_case : cases) run_op_error_case(*backend, op_case);
  }
}

}  // namespace synsight::test
