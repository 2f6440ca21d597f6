// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/capi/handles.h"
#include "core/capi/options.h"

using namespace synsight;
using namespace synsight::capi;

namespace {

struct CDType {
  synsight_dtype number;
  DType dtype;
};

constexpr CDType kDTypes[] = {
    {SYNSIGHT_FLOAT32, DType::kFloat32}, {SYNSIGHT_FLOAT16, DType::kFloat16},
    {SYNSIGHT_FLOAT64, DType::kFloat64}, {SYNSIGHT_BFLOAT16, DType::kBFloat16},
    {SYNSIGHT_INT8, DType::kInt8},       {SYNSIGHT_INT16, DType::kInt16},
    {SYNSIGHT_INT32, DType::kInt32},     {SYNSIGHT_INT64, DType::kInt64},
    {SYNSIGHT_UINT8, DType::kUInt8},     {SYNSIGHT_UINT16, DType::kUInt16},
    {SYNSIGHT_UINT32, DType::kUInt32},   {SYNSIGHT_UINT64, DType::kUInt64},
    {SYNSIGHT_BOOL, DType::kBool},
};

synsight_dtype number_of(DType dtype) {
  for (const CDType& row : kDTypes) {
    if (row.dtype == dtype) return row.number;
  }
  return SYNSIGHT_UNDEFINED;
}

DType dtype_of_number(synsight_dtype number) {
  for (const CDType& row : kDTypes) {
    if (row.number == number) return row.dtype;
  }
  return DType::kUndefined;
}

std::vector<synsight_port> view_ports(std::span<const Port> ports) {
  std::vector<synsight_port> views;
  for (const Port& port : ports) {
    views.push_back(
        {port.name.c_str(), number_of(port.dtype), port.shape.rank(), port.shape.dims().data()});
  }
  return views;
}

/// The tensors of a run, which the struct that C sees points to.
struct OwnedOutputs : synsight_outputs {
  std::vector<Tensor> owned;
  std::vector<synsight_tensor> views;
};

Status check_elements(const TensorView& view, const std::string& name) {
  if (view.size_bytes() == 0) return {};
  SYNSIGHT_TRY(check_given(view.data, name + "'s data"));
  const size_t alignment = dtype_size(view.dtype);
  if (reinterpret_cast<uintptr_t>(view.data) % alignment != 0) {
    return fail(ErrorCode::kInvalidArgument,
                concat({name, "'s data is not aligned to ", alignment, " bytes"}));
  }
  if (view.dtype == DType::kBool) {
    const auto* bytes = static_cast<const uint8_t*>(view.data);
    if (std::any_of(bytes, bytes + view.size_bytes(), [](uint8_t byte) { return byte > 1; })) {
      return fail(ErrorCode::kInvalidArgument, concat({name, " has a bool that is not 0 or 1"}));
    }
  }
  return {};
}

Result<TensorView> read_tensor(const synsight_tensor& tensor, size_t index) {
  const std::string name = concat({"input ", index});
  const DType dtype = dtype_of_number(tensor.dtype);
  if (dtype == DType::kUndefined) {
    return fail(ErrorCode::kInvalidArgument,
                concat({name, " has the unknown dtype ", tensor.dtype}));
  }
  if (tensor.rank > Shape::kMaxRank) {
    return fail(ErrorCode::kInvalidArgument,
                concat({name, " has ", tensor.rank, " dimensions, at most ", Shape::kMaxRank}));
  }
  if (tensor.rank > 0) SYNSIGHT_TRY(check_given(tensor.dims, name + "'s dims"));
  SYNSIGHT_TRY_ASSIGN(const Shape shape, Shape::from_dims({tensor.dims, tensor.rank}));
  SYNSIGHT_TRY_ASSIGN(const size_t num_elements, shape.checked_num_elements());
  const auto num_bytes = checked_mul(num_elements, dtype_size(dtype));
  if (num_bytes != tensor.num_bytes) {
    return fail(ErrorCode::kInvalidArgument,
                concat({name, " has ", tensor.num_bytes, " bytes, which is not ", dtype_name(dtype),
                        shape.to_string()}));
  }
  const TensorView view = {dtype, shape, tensor.data};
  SYNSIGHT_TRY(check_elements(view, name));
  return view;
}

Result<std::vector<TensorView>> read_inputs(const synsight_session& session,
                                            const synsight_tensor* inputs, size_t num_inputs) {
  const size_t num_wanted = session.session->inputs().size();
  if (num_inputs != num_wanted) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"the model has ", num_wanted, " inputs, was given ", num_inputs}));
  }
  if (num_inputs > 0) SYNSIGHT_TRY(check_given(inputs, "inputs"));
  std::vector<TensorView> views;
  for (size_t i = 0; i < num_inputs; ++i) {
    SYNSIGHT_TRY_ASSIGN(const TensorView view, read_tensor(inputs[i], i));
    views.push_back(view);
  }
  return views;
}

std::unique_ptr<OwnedOutputs> own_outputs(std::vector<Tensor> tensors) {
  auto outputs = std::make_unique<OwnedOutputs>();
  outputs->owned = std::move(tensors);
  for (const Tensor& tensor : outputs->owned) {
    outputs->views.push_back(view_tensor(tensor));
  }
  outputs->num_tensors = outputs->views.size();
  outputs->tensors = outputs->views.data();
  return outputs;
}

}  // namespace

namespace synsight::capi {

synsight_tensor view_tensor(const Tensor& tensor) {
  return {number_of(tensor.dtype()), tensor.shape().rank(), tensor.shape().dims().data(),
          tensor.data(), tensor.size_bytes()};
}

Clock::duration clock_duration(double milliseconds) {
  constexpr double kLongestMs = 1e12;  // the clock's nanoseconds do not overflow
  const std::chrono::duration<double, std::milli> duration(std::min(milliseconds, kLongestMs));
  return std::chrono::duration_cast<Clock::duration>(duration);
}

Result<RunOptions> read_run_options(const synsight_run_options* options) {
  RunOptions result;
  if (options == nullptr) return result;
  if (options->size < sizeof(synsight_run_options)) {
    return fail(ErrorCode::kInvalidArgument, concat({"the run options' size is ", options->size,
                                                     ", wanted ", sizeof(synsight_run_options)}));
  }
  if (options->cancel != nullptr) result.cancel = &options->cancel->flag;
  const double timeout_ms = options->timeout_ms;
  if (!(timeout_ms >= 0)) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"the time limit is ", timeout_ms, " ms, wanted 0 or more"}));
  }
  if (timeout_ms > 0) result.deadline = Clock::now() + clock_duration(timeout_ms);
  return result;
}

}  // namespace synsight::capi

synsight_status synsight_cancel_flag_create(synsight_cancel_flag** flag, char** message) {
  const auto create = [&]() -> Status {
    SYNSIGHT_TRY(clear(flag, "flag"));
    *flag = new synsight_cancel_flag;
    return {};
  };
  return report(create(), message);
}

void synsight_cancel_flag_free(synsight_cancel_flag* flag) { delete flag; }

void synsight_cancel_flag_set(synsight_cancel_flag* flag, int32_t is_raised) {
  if (flag == nullptr) return;
  if (is_raised != 0) {
    flag->flag.cancel();
  } else {
    flag->flag.reset();
  }
}

synsight_status synsight_session_create(synsight_model* model, const char* const* options,
                                        synsight_session** session, char** message) {
  const auto create = [&]() -> Status {
    SYNSIGHT_TRY(clear(session, "session"));
    SYNSIGHT_TRY_ASSIGN(const Options read, read_options(options, OptionsFor::kSession));
    SYNSIGHT_TRY_ASSIGN(Graph graph, take_graph(model));
    auto made = std::make_unique<synsight_session>();
    SYNSIGHT_TRY_ASSIGN(made->owned, Session::create(std::move(graph), read.session_options()));
    made->session = &*made->owned;
    *session = made.release();
    return {};
  };
  return report(create(), message);
}

void synsight_session_free(synsight_session* session) {
  if (session != nullptr && session->owned) delete session;
}

const synsight_session_info* synsight_session_get_info(synsight_session* session) {
  if (session == nullptr) return nullptr;
  session->inputs = view_ports(session->session->inputs());
  session->outputs = view_ports(session->session->outputs());
  session->info = {session->session->backend_name().c_str(),
                   session->session->refusals().c_str(),
                   session->inputs.size(),
                   session->inputs.data(),
                   session->outputs.size(),
                   session->outputs.data()};
  return &session->info;
}

synsight_status synsight_session_run(synsight_session* session, const synsight_tensor* inputs,
                                     size_t num_inputs, const synsight_run_options* options,
                                     synsight_outputs** outputs, char** message) {
  const auto run = [&]() -> Status {
    SYNSIGHT_TRY(clear(outputs, "outputs"));
    SYNSIGHT_TRY(check_given(session, "session"));
    SYNSIGHT_TRY_ASSIGN(const RunOptions run_options, read_run_options(options));
    SYNSIGHT_TRY_ASSIGN(const auto views, read_inputs(*session, inputs, num_inputs));
    ++session->num_runs;
    SYNSIGHT_TRY_ASSIGN(auto tensors, session->session->run(views, run_options));
    *outputs = own_outputs(std::move(tensors)).release();
    return {};
  };
  return report(run(), message);
}

void synsight_outputs_free(synsight_outputs* outputs) {
  delete static_cast<OwnedOutputs*>(outputs);
}
