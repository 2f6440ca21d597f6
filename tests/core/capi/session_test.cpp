// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "core/base/threads.h"
#include "core/capi/synsight.h"
#include "tests/core/capi/capi_models.h"

using namespace synsight::test;

namespace {

/// A session of a model that is given back.
synsight_session* create_session(std::string_view bytes, const char* const* options = nullptr) {
  synsight_model* model = read_model(bytes);
  synsight_session* session = nullptr;
  char* message = nullptr;
  CHECK(synsight_session_create(model, options, &session, &message) == SYNSIGHT_OK);
  CHECK(take(message) == "none");
  synsight_model_free(model);
  return session;
}

const int64_t kDims[2] = {1, 2};
const float kA[2] = {3, 4};
const float kX[2] = {0.5f, -2};
const synsight_tensor kGoodInputs[2] = {{SYNSIGHT_FLOAT32, 2, kDims, kA, sizeof kA},
                                        {SYNSIGHT_FLOAT32, 2, kDims, kX, sizeof kX}};

/// Runs the product model on good inputs.
synsight_status run(synsight_session* session, const synsight_run_options* options,
                    std::string* text = nullptr) {
  synsight_outputs* outputs = nullptr;
  char* message = nullptr;
  const synsight_status status =
      synsight_session_run(session, kGoodInputs, 2, options, &outputs, &message);
  CHECK((status == SYNSIGHT_OK) == (outputs != nullptr));
  CHECK((status == SYNSIGHT_OK) == (message == nullptr));
  synsight_outputs_free(outputs);
  const std::string taken = take(message);
  if (text != nullptr) *text = taken;
  return status;
}

}  // namespace

TEST_CASE("a session says its backend and its ports, and after a run their dimensions") {
  synsight_session* session = create_session(product_model());
  const synsight_session_info* info = synsight_session_get_info(session);
  CHECK(info->backend == std::string("xnnpack"));
  CHECK(info->refusals == std::string());
  REQUIRE(info->num_inputs == 2);
  REQUIRE(info->num_outputs == 1);
  CHECK(info->inputs[0].name == std::string("a"));
  CHECK(info->inputs[1].name == std::string("x"));
  CHECK(info->outputs[0].name == std::string("y"));
  CHECK(info->inputs[1].dtype == SYNSIGHT_FLOAT32);
  REQUIRE(info->inputs[1].rank == 2);
  CHECK(info->inputs[1].dims[0] == -1);
  CHECK(info->inputs[1].dims[1] == 2);
  CHECK(run(session, nullptr) == SYNSIGHT_OK);
  CHECK(synsight_session_get_info(session)->inputs[1].dims[0] == 1);
  CHECK(synsight_session_get_info(session)->outputs[0].dims[0] == 1);
  synsight_session_free(session);
}

TEST_CASE("a session runs tensors of any size that the model takes") {
  for (const char* backends : {"auto", "xnnpack", "reference", "reference,xnnpack"}) {
    CAPTURE(backends);
    const char* options[] = {"backends", backends, "threads", "2", nullptr};
    synsight_session* session = create_session(product_model(), options);
    const std::string first = std::string(backends).starts_with("ref") ? "reference" : "xnnpack";
    CHECK(synsight_session_get_info(session)->backend == first);
    for (const int64_t batch : {1, 3, 2}) {
      const int64_t dims[2] = {batch, 2};
      std::vector<float> a;
      std::vector<float> x;
      for (int64_t i = 0; i < 2 * batch; ++i) {
        a.push_back(static_cast<float>(i) - 1.5f);
        x.push_back(static_cast<float>(i * i));
      }
      const size_t num_bytes = a.size() * sizeof(float);
      const synsight_tensor inputs[2] = {{SYNSIGHT_FLOAT32, 2, dims, a.data(), num_bytes},
                                         {SYNSIGHT_FLOAT32, 2, dims, x.data(), num_bytes}};
      synsight_outputs* outputs = nullptr;
      REQUIRE(synsight_session_run(session, inputs, 2, nullptr, &outputs, nullptr) == SYNSIGHT_OK);
      REQUIRE(outputs->num_tensors == 1);
      const synsight_tensor& y = outputs->tensors[0];
      CHECK(y.dtype == SYNSIGHT_FLOAT32);
      REQUIRE(y.rank == 2);
      CHECK(y.dims[0] == batch);
      CHECK(y.dims[1] == 2);
      REQUIRE(y.num_bytes == num_bytes);
      for (size_t i = 0; i < a.size(); ++i) {
        CHECK(static_cast<const float*>(y.data)[i] == a[i] * x[i]);
      }
      synsight_outputs_free(outputs);
    }
    synsight_session_free(session);
  }
}

TEST_CASE("outputs outlive their session") {
  synsight_session* session = create_session(product_model());
  synsight_outputs* outputs = nullptr;
  REQUIRE(synsight_session_run(session, kGoodInputs, 2, nullptr, &outputs, nullptr) == SYNSIGHT_OK);
  synsight_session_free(session);
  const auto* y = static_cast<const float*>(outputs->tensors[0].data);
  CHECK(y[0] == 1.5f);
  CHECK(y[1] == -8);
  synsight_outputs_free(outputs);
}

TEST_CASE("elements of every type go in and come out as they are") {
  struct Type {
    synsight_dtype dtype;
    size_t element_bytes;
  };
  const Type types[] = {{SYNSIGHT_FLOAT32, 4}, {SYNSIGHT_UINT8, 1},  {SYNSIGHT_INT8, 1},
                        {SYNSIGHT_UINT16, 2},  {SYNSIGHT_INT16, 2},  {SYNSIGHT_INT32, 4},
                        {SYNSIGHT_INT64, 8},   {SYNSIGHT_BOOL, 1},   {SYNSIGHT_FLOAT16, 2},
                        {SYNSIGHT_FLOAT64, 8}, {SYNSIGHT_UINT32, 4}, {SYNSIGHT_UINT64, 8},
                        {SYNSIGHT_BFLOAT16, 2}};
  for (const Type& type : types) {
    CAPTURE(type.dtype);
    synsight_session* session = create_session(identity_model(static_cast<uint64_t>(type.dtype)));
    CHECK(synsight_session_get_info(session)->inputs[0].dtype == type.dtype);
    // Zeros but for the highest byte of one element: true, 2.0, or a power of two.
    alignas(8) unsigned char x[24] = {};
    x[2 * type.element_bytes - 1] = type.dtype == SYNSIGHT_BOOL ? 1 : 0x40;
    const int64_t dims[1] = {3};
    const synsight_tensor input = {type.dtype, 1, dims, x, 3 * type.element_bytes};
    synsight_outputs* outputs = nullptr;
    REQUIRE(synsight_session_run(session, &input, 1, nullptr, &outputs, nullptr) == SYNSIGHT_OK);
    CHECK(outputs->tensors[0].dtype == type.dtype);
    REQUIRE(outputs->tensors[0].num_bytes == input.num_bytes);
    CHECK(std::memcmp(outputs->tensors[0].data, x, input.num_bytes) == 0);
    synsight_outputs_free(outputs);
    synsight_session_free(session);
  }
}

TEST_CASE("a tensor that cannot be is refused with what is wrong") {
  struct Case {
    synsight_status status;
    std::string message;
    synsight_tensor tensor;
  };
  const int64_t three[2] = {1, 3};
  const int64_t negative[2] = {-1, 2};
  const int64_t huge[2] = {int64_t{1} << 40, int64_t{1} << 40};
  const int64_t many[9] = {1, 1, 1, 1, 1, 1, 1, 1, 2};
  const float x[3] = {};
  const auto* odd = reinterpret_cast<const char*>(x) + 1;
  const std::vector<Case> cases = {
      {SYNSIGHT_INVALID_ARGUMENT, "unknown dtype 0", {0, 2, kDims, x, 8}},
      {SYNSIGHT_INVALID_ARGUMENT, "unknown dtype 8", {8, 2, kDims, x, 8}},
      {SYNSIGHT_INVALID_ARGUMENT, "unknown dtype 99", {99, 2, kDims, x, 8}},
      {SYNSIGHT_INVALID_ARGUMENT, "dims is null", {SYNSIGHT_FLOAT32, 2, nullptr, x, 8}},
      {SYNSIGHT_INVALID_ARGUMENT, "data is null", {SYNSIGHT_FLOAT32, 2, kDims, nullptr, 8}},
      {SYNSIGHT_INVALID_ARGUMENT, "not aligned to 4", {SYNSIGHT_FLOAT32, 2, kDims, odd, 8}},
      {SYNSIGHT_INVALID_ARGUMENT, "9 dimensions", {SYNSIGHT_FLOAT32, 9, many, x, 8}},
      {SYNSIGHT_INVALID_ARGUMENT, "7 bytes", {SYNSIGHT_FLOAT32, 2, kDims, x, 7}},
      {SYNSIGHT_INVALID_ARGUMENT, "12 bytes", {SYNSIGHT_FLOAT32, 2, kDims, x, 12}},
      {SYNSIGHT_SHAPE_MISMATCH, "", {SYNSIGHT_FLOAT32, 2, negative, x, 8}},
      {SYNSIGHT_SHAPE_MISMATCH, "", {SYNSIGHT_FLOAT32, 2, huge, x, 8}},
      {SYNSIGHT_SHAPE_MISMATCH, "\"x\"", {SYNSIGHT_FLOAT32, 2, three, x, 12}},
      {SYNSIGHT_SHAPE_MISMATCH, "\"x\"", {SYNSIGHT_FLOAT32, 1, kDims + 1, x, 8}},
      {SYNSIGHT_INVALID_ARGUMENT, "\"x\"", {SYNSIGHT_INT32, 2, kDims, x, 8}},
  };
  synsight_session* session = create_session(product_model());
  for (const Case& c : cases) {
    CAPTURE(c.message);
    const synsight_tensor inputs[2] = {kGoodInputs[0], c.tensor};
    synsight_outputs* outputs = nullptr;
    char* message = nullptr;
    CHECK(synsight_session_run(session, inputs, 2, nullptr, &outputs, &message) == c.status);
    CHECK(outputs == nullptr);
    const std::string text = take(message);
    CAPTURE(text);
    CHECK(text.find(c.message) != std::string::npos);
    // The session is none the worse for it.
    CHECK(run(session, nullptr) == SYNSIGHT_OK);
  }
  synsight_session_free(session);
}

TEST_CASE("a bool is 0 or 1") {
  synsight_session* session = create_session(identity_model(SYNSIGHT_BOOL));
  const unsigned char x[2] = {1, 2};
  const int64_t dims[1] = {2};
  const synsight_tensor input = {SYNSIGHT_BOOL, 1, dims, x, 2};
  synsight_outputs* outputs = nullptr;
  char* message = nullptr;
  CHECK(synsight_session_run(session, &input, 1, nullptr, &outputs, &message) ==
        SYNSIGHT_INVALID_ARGUMENT);
  CHECK(take(message) == "input 0 has a bool that is not 0 or 1");
  synsight_session_free(session);
}

TEST_CASE("a wrong number of inputs is refused") {
  synsight_session* session = create_session(product_model());
  for (const size_t num_inputs : {0, 1, 3}) {
    const std::vector<synsight_tensor> inputs(3, kGoodInputs[0]);
    synsight_outputs* outputs = nullptr;
    char* message = nullptr;
    CHECK(synsight_session_run(session, inputs.data(), num_inputs, nullptr, &outputs, &message) ==
          SYNSIGHT_INVALID_ARGUMENT);
    CHECK(take(message) == "the model has 2 inputs, was given " + std::to_string(num_inputs));
  }
  synsight_session_free(session);
}

TEST_CASE("a raised flag stops a run, a lowered one does not") {
  synsight_session* session = create_session(product_model());
  synsight_cancel_flag* flag = nullptr;
  REQUIRE(synsight_cancel_flag_create(&flag, nullptr) == SYNSIGHT_OK);
  const synsight_run_options options = {sizeof options, flag, 0};
  CHECK(run(session, &options) == SYNSIGHT_OK);
  synsight_cancel_flag_set(flag, 1);
  CHECK(run(session, &options) == SYNSIGHT_CANCELLED);
  synsight_cancel_flag_set(flag, 0);
  CHECK(run(session, &options) == SYNSIGHT_OK);

  if (!synsight::kHasThreads) {
    MESSAGE("skipped: another thread's flag, where this build has no threads");
  } else {
    // From another thread, while this one runs again and again.
    std::thread other([flag] { synsight_cancel_flag_set(flag, 1); });
    synsight_status status = SYNSIGHT_OK;
    while (status == SYNSIGHT_OK) status = run(session, &options);
    CHECK(status == SYNSIGHT_CANCELLED);
    other.join();
  }
  synsight_session_free(session);
  synsight_cancel_flag_free(flag);
}

TEST_CASE("a run that may take no time is stopped, one that may take long is not") {
  synsight_session* session = create_session(product_model());
  synsight_run_options options = {sizeof options, nullptr, 1e-6};
  CHECK(run(session, &options) == SYNSIGHT_DEADLINE_EXCEEDED);
  for (const double timeout_ms : {0.0, 60e3, 1e30, std::numeric_limits<double>::infinity()}) {
    options.timeout_ms = timeout_ms;
    CHECK(run(session, &options) == SYNSIGHT_OK);
  }
  for (const double timeout_ms : {-1.0, std::nan("")}) {
    options.timeout_ms = timeout_ms;
    std::string text;
    CHECK(run(session, &options, &text) == SYNSIGHT_INVALID_ARGUMENT);
    CHECK(text.starts_with("the time limit is "));
  }
  synsight_session_free(session);
}

TEST_CASE("run options of an unknown size are refused, larger ones are taken") {
  synsight_session* session = create_session(product_model());
  synsight_run_options options = {0, nullptr, 0};
  CHECK(run(session, &options) == SYNSIGHT_INVALID_ARGUMENT);
  options.size = sizeof options + 8;
  CHECK(run(session, &options) == SYNSIGHT_OK);
  synsight_session_free(session);
}

TEST_CASE("options that a session does not have are refused, and the model is kept") {
  struct Case {
    std::vector<const char*> options;
    std::string message;
  };
  const std::vector<Case> cases = {
      {{"thread", "1", nullptr}, "a session has no option \"thread\""},
      {{"preset", "keras-tf", nullptr}, "a session has no option \"preset\""},
      {{"threads", nullptr}, "option threads has no value"},
      {{"threads", "0", nullptr}, "option threads is \"0\", wanted a number from 1 to 256"},
      {{"threads", "257", nullptr}, "option threads is \"257\", wanted a number from 1 to 256"},
      {{"threads", "-1", nullptr}, "option threads is \"-1\", wanted a number from 1 to 256"},
      {{"threads", "2x", nullptr}, "option threads is \"2x\", wanted a number from 1 to 256"},
      {{"threads", "", nullptr}, "option threads is \"\", wanted a number from 1 to 256"},
      {{"threads", "1", "backends", "gpu", nullptr},
       "there is no backend \"gpu\", only xnnpack, reference and auto"},
      {{"backends", "", nullptr}, "there is no backend \"\", only xnnpack, reference and auto"},
      {{"backends", "xnnpack,", nullptr},
       "there is no backend \"\", only xnnpack, reference and auto"},
  };
  synsight_model* model = read_model(product_model());
  synsight_session* session = nullptr;
  for (const Case& c : cases) {
    char* message = nullptr;
    CHECK(synsight_session_create(model, c.options.data(), &session, &message) ==
          SYNSIGHT_INVALID_ARGUMENT);
    CHECK(session == nullptr);
    CHECK(take(message) == c.message);
  }
  const char* none[] = {nullptr};
  CHECK(synsight_session_create(model, none, &session, nullptr) == SYNSIGHT_OK);
  synsight_session_free(session);
  synsight_model_free(model);
}
