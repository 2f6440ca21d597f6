// SPDX-License-Identifier: Apache-2.0
// device.cu with a runtime that fails as a test wants: what a user reads, and that nothing stays.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "native/cuda/device.h"
#include "tests/native/cuda/fake_runtime.h"
#include "tests/native/cuda/lane_sums.h"
#include "tests/support/expect.h"

namespace synsight::test {

namespace {

constexpr size_t kMiB = size_t{1} << 20;

/// A test's machine; at its end everything must have been given back, and no error may wait for the
/// next kernel's launch.
struct Machine : FakeRuntime {
  ~Machine() {
    CHECK(alive.empty());
    CHECK(mistakes == std::vector<std::string>());
    CHECK(last_error == cudaSuccess);
  }
};

template <typename T>
std::string error_text(const Result<T>& result) {
  if (result) return "none";
  return std::string(error_code_name(result.error().code)) + ": " + result.error().message;
}

}  // namespace

TEST_CASE_FIXTURE(Machine, "without a driver the message says which is needed") {
  driver_version = 0;
  const std::string text =
      "device: no NVIDIA driver was found; the CUDA backend needs one for CUDA 13.0 (580 or newer)";
  CHECK(error_text(cuda::list_devices()) == text);
  CHECK(error_text(cuda::use_device(0)) == text);
}

TEST_CASE_FIXTURE(Machine, "a driver for an older CUDA is named, and the one that is needed") {
  driver_version = 12040;
  CHECK(error_text(cuda::use_device(0)) ==
        "device: the NVIDIA driver is one for CUDA 12.4; the CUDA backend needs one for CUDA 13.0 "
        "(580 or newer)");
  for (const int version : {13000, 13020, 14000}) {
    driver_version = version;
    CHECK(error_text(cuda::use_device(0)) == "none");
  }
}

TEST_CASE_FIXTURE(Machine, "a driver without a GPU says so") {
  const std::string text =
      "device: there is an NVIDIA driver, but no GPU that it can use; the CUDA backend needs one, "
      "and CUDA_VISIBLE_DEVICES must not hide it";
  gpus.clear();
  CHECK(error_text(cuda::list_devices()) == text);
  failures["cudaGetDeviceCount"] = cudaSuccess;  // none, and no error
  CHECK(error_text(cuda::use_device(0)) == text);
}

TEST_CASE_FIXTURE(Machine, "a GPU that is not there is refused with those that are") {
  for (const int index : {-1, 1}) {
    CHECK(error_text(cuda::use_device(index)) ==
          "device: there is no GPU " + std::to_string(index) + ", only GPU 0");
  }
  gpus.push_back({"Another GPU", 8, 0});
  gpus.push_back({"A third GPU", 12, 0});
  CHECK(error_text(cuda::use_device(3)) == "device: there is no GPU 3, only GPUs 0 to 2");
  CHECK(device == -1);
}

TEST_CASE_FIXTURE(Machine, "a GPU is described and chosen") {
  gpus.push_back({"Another GPU", 12, 1});
  const cuda::DeviceProperties found = expect(cuda::use_device(1));
  CHECK(found.index == 1);
  CHECK(found.name == "Another GPU");
  CHECK(found.compute_capability == 121);
  CHECK(found.total_bytes == 1024 * kMiB);
  CHECK(found.free_bytes == free_bytes);
  CHECK(device == 1);
  CHECK(expect(cuda::driver_version()).starts_with("driver for CUDA 13.0, runtime 13."));
}

TEST_CASE_FIXTURE(Machine, "a GPU that has no code here is named, and what there is code for") {
  gpus = {{"Old GPU", 7, 0}};
  for (const cudaError_t error :
       {cudaErrorNoKernelImageForDevice, cudaErrorInvalidDeviceFunction}) {
    failures["cudaFuncGetAttributes"] = error;
    CHECK(error_text(cuda::use_device(0)) ==
          "device: GPU 0 (Old GPU, compute capability 7.0) has an architecture that this program "
          "was not built for; it was built for 8.0, 12.0");
    CHECK(last_error == cudaSuccess);
  }
}

TEST_CASE_FIXTURE(Machine, "a GPU that cannot be used now is named") {
  for (const std::string call : {"cudaSetDevice", "cudaFuncGetAttributes", "cudaMemGetInfo"}) {
    failures = {{call, cudaErrorDevicesUnavailable}};
    CHECK(error_text(cuda::use_device(0)) ==
          "device: GPU 0 (Fake GPU, compute capability 9.0): " + call +
              ": CUDA-capable device(s) is/are busy or unavailable (CUDA's error 46)");
    CHECK(last_error == cudaSuccess);
  }
  failures = {{"cudaSetDevice", cudaErrorMemoryAllocation}};
  CHECK(error_text(cuda::use_device(0)) ==
        "out_of_memory: GPU 0 (Fake GPU, compute capability 9.0): cudaSetDevice: out of memory "
        "(CUDA's error 2)");
}

TEST_CASE_FIXTURE(Machine, "too little memory of the GPU: what was asked, and what is free") {
  free_bytes = 3 * kMiB + 5;
  CHECK(error_text(cuda::Memory::on_device(5 * kMiB)) ==
        "out_of_memory: needs 5 MiB of the GPU's memory, 3 MiB are free");
  CHECK(error_text(cuda::Memory::on_device(3 * kMiB + 6)) ==
        "out_of_memory: needs 4 MiB of the GPU's memory, 3 MiB are free");
  CHECK(last_error == cudaSuccess);
  // The next launch does not answer it once more.
  const std::vector<float> elements(8);
  CHECK(error_text(join_lanes(elements, 2)) == "none");
}

TEST_CASE_FIXTURE(Machine, "too little memory to pin: what was asked, and what the host has free") {
  pinnable_bytes = kMiB;
  const std::string text = error_text(cuda::Memory::pinned(kMiB + 1));
  const std::string_view begin =
      "out_of_memory: needs 2 MiB of the host's memory, pinned for the GPU, ";
  const std::string_view end = " MiB are free";
  CAPTURE(text);
  const bool is_told = text.starts_with(begin) && text.ends_with(end);
  CHECK(is_told);
  if (!is_told) return;
  const std::string free = text.substr(begin.size(), text.size() - begin.size() - end.size());
  CHECK(!free.empty());
  CHECK(free.find_first_not_of("0123456789") == std::string::npos);
}

TEST_CASE_FIXTURE(Machine, "memory is given back once, by the one that has it at last") {
  {
    cuda::Memory first = expect(cuda::Memory::on_device(100));
    cuda::Memory second = expect(cuda::Memory::pinned(0));
    CHECK(first.size() == 100);
    CHECK(second.data() != nullptr);
    cuda::Memory moved = std::move(first);
    CHECK(moved.size() == 100);
    moved = std::move(second);
    CHECK(moved.size() == 0);
    CHECK(num_called["cudaFree"] + num_called["cudaFreeHost"] == 0);
    moved = cuda::Memory();
    CHECK(num_called["cudaFreeHost"] == 1);
  }
  CHECK(num_called["cudaFree"] == 1);
  CHECK(num_called["cudaFreeHost"] == 1);
}

TEST_CASE_FIXTURE(Machine,
                  "a queue waits for its work before it goes, however often it was moved") {
  {
    cuda::Queue queue = expect(cuda::Queue::create());
    expect(queue.set_zero(nullptr, 1));
    cuda::Queue moved = std::move(queue);
    CHECK(busy.contains(moved.handle()));
  }
  CHECK(busy.empty());
  CHECK(num_called["cudaStreamSynchronize"] == 1);
  CHECK(num_called["cudaStreamDestroy"] == 1);
}

TEST_CASE_FIXTURE(Machine, "what can go wrong with queues and events is told in CUDA's words") {
  const auto told = [&](const std::string& call, const auto& act) {
    failures = {{call, cudaErrorLaunchFailure}};
    const auto result = act();
    CHECK(error_text(result) ==
          "device: " + call + ": unspecified launch failure (CUDA's error 719)");
    CHECK(last_error == cudaSuccess);
    failures.clear();
  };
  cuda::Queue queue = expect(cuda::Queue::create());
  cuda::Event made = expect(cuda::Event::create());
  const cuda::Event event = std::move(made);
  CHECK(expect(cuda::elapsed_ms(event, event)) == 1.5);
  told("cudaSetDevice", [] { return cuda::reuse_device(0); });
  told("cudaEventCreate", [] { return cuda::Event::create(); });
  told("cudaStreamCreateWithFlags", [] { return cuda::Queue::create(); });
  told("cudaMalloc", [] { return cuda::Memory::on_device(1); });
  told("cudaMallocHost", [] { return cuda::Memory::pinned(1); });
  told("cudaEventRecord", [&] { return queue.record(event); });
  told("cudaStreamWaitEvent", [&] { return queue.wait_for(event); });
  told("cudaEventSynchronize", [&] { return event.wait(); });
  told("cudaEventElapsedTime", [&] { return cuda::elapsed_ms(event, event); });
  told("cudaMemcpyAsync", [&] { return queue.copy_to_device(nullptr, nullptr, 1); });
  told("cudaMemcpyAsync", [&] { return queue.copy_to_host(nullptr, nullptr, 1); });
  told("cudaMemcpyAsync", [&] { return queue.copy_on_device(nullptr, nullptr, 1); });
  told("cudaMemsetAsync", [&] { return queue.set_zero(nullptr, 1); });
  told("cudaStreamSynchronize", [&] { return queue.wait(); });
  told("cudaStreamBeginCapture", [&] { return queue.begin_recording(); });
}

TEST_CASE_FIXTURE(Machine, "a kernel that cannot be launched is one line") {
  failures["cudaLaunchKernel"] = cudaErrorLaunchFailure;
  const std::vector<float> elements(8);
  CHECK(error_text(join_lanes(elements, 2)) ==
        "device: a kernel's launch: unspecified launch failure (CUDA's error 719)");
}

TEST_CASE_FIXTURE(Machine, "a recording keeps what its work needs, one that failed keeps nothing") {
  cuda::Queue queue = expect(cuda::Queue::create());
  const auto needed = std::make_shared<int>(1);
  queue.keep(needed);
  CHECK(needed.use_count() == 1);
  for (const std::string call : {"cudaStreamEndCapture", "cudaGraphInstantiate"}) {
    expect(queue.begin_recording());
    queue.keep(needed);
    CHECK(needed.use_count() == 2);
    failures = {{call, cudaErrorMemoryAllocation}};
    CHECK(error_text(queue.end_recording()) ==
          "out_of_memory: " + call + ": out of memory (CUDA's error 2)");
    CHECK(needed.use_count() == 1);
  }
  failures.clear();
  expect(queue.begin_recording());
  queue.keep(needed);
  {
    cuda::Recording recording = expect(queue.end_recording());
    const cuda::Recording moved = std::move(recording);
    CHECK(needed.use_count() == 2);
    expect(queue.replay(moved));
    expect(queue.wait());
    failures["cudaGraphLaunch"] = cudaErrorLaunchFailure;
    CHECK(error_text(queue.replay(moved)) ==
          "device: cudaGraphLaunch: unspecified launch failure (CUDA's error 719)");
  }
  CHECK(needed.use_count() == 1);
  CHECK(num_called["cudaGraphExecDestroy"] == 1);
}

}  // namespace synsight::test
