// SPDX-License-Identifier: Apache-2.0
// A device that is not there: its memory is the host's, and its work runs as late as it may, when
// somebody waits for it. So whatever was not waited for has not happened. What a device would
// answer with garbage, a hang or a crash ends the test.
#include "native/cuda/device.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <utility>

#include "core/base/text.h"
#include "native/cuda/launch.h"
#include "tests/native/cuda/standin/standin.h"

namespace synsight::cuda {

namespace {

using Clock = std::chrono::steady_clock;
using Work = std::function<void()>;

[[noreturn]] void fault(const std::string& what) {
  std::fprintf(stderr, "the stand-in for a GPU: %s\n", what.c_str());
  std::abort();
}

// What was queued, in order. `num_run` of it have run; those are gone from `waiting`.
struct Line {
  std::deque<Work> waiting;
  size_t num_queued = 0;
  size_t num_run = 0;

  void run_until(size_t count) {
    while (num_run < count) {
      const Work work = std::move(waiting.front());
      waiting.pop_front();
      ++num_run;
      work();
    }
  }
};

struct Block {
  size_t size_bytes = 0;
  bool is_pinned = false;
};

// A small laptop's GPU.
constexpr size_t kDeviceBytes = size_t{4} << 30;

struct State {
  std::map<const std::byte*, Block> blocks;
  std::vector<Line*> lines;
  size_t device_bytes = 0;
  StandinCounts counts;
  size_t limit_bytes = kDeviceBytes;
  std::optional<Error> absence;
  std::optional<std::minstd_rand> haste;
};

State& state() {
  static State the_state;
  return the_state;
}

// With haste, some of what waits, here and there: whatever a device might have done by now.
void run_some() {
  if (!state().haste) return;
  for (Line* line : state().lines) {
    const size_t num_waiting = line->num_queued - line->num_run;
    line->run_until(line->num_run + (*state().haste)() % (num_waiting + 1));
  }
}

// A queue's side of it.
struct Worker {
  Line line;
  std::optional<std::vector<Work>> recorded;  // while it records
  std::vector<std::shared_ptr<const void>> kept;

  Worker() { state().lines.push_back(&line); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    line.run_until(line.num_queued);
    std::erase(state().lines, &line);
  }

  void add(Work work) {
    if (recorded) {
      recorded->push_back(std::move(work));
    } else {
      line.waiting.push_back(std::move(work));
      ++line.num_queued;
      run_some();
    }
  }
};

const Block& block_of(const void* data, size_t size_bytes) {
  const auto* begin = static_cast<const std::byte*>(data);
  auto after = state().blocks.upper_bound(begin);
  if (after == state().blocks.begin()) fault("memory that nobody took");
  const auto& [start, block] = *std::prev(after);
  if (begin + size_bytes > start + block.size_bytes) fault("bytes behind the end of a block");
  return block;
}

void check_memory(const void* data, size_t size_bytes, bool is_pinned) {
  if (size_bytes > 0 && block_of(data, size_bytes).is_pinned != is_pinned) {
    fault(is_pinned ? "a copy from or to host memory that is not pinned"
                    : "a copy from or to host memory in the device's place");
  }
}

void check_idle(const char* what) {
  for (const Line* line : state().lines) {
    if (!line->waiting.empty()) fault(what);
  }
}

// The limit may come when more is taken.
size_t free_bytes() {
  return state().limit_bytes - std::min(state().limit_bytes, state().device_bytes);
}

Result<std::byte*> take(size_t size_bytes, bool is_pinned) {
  if (!is_pinned && size_bytes > free_bytes()) {
    return fail(ErrorCode::kOutOfMemory,
                concat({"needs ", (size_bytes >> 20) + 1, " MiB of the GPU's memory, ",
                        free_bytes() >> 20, " MiB are free"}));
  }
  auto* data = static_cast<std::byte*>(std::aligned_alloc(256, (size_bytes / 256 + 1) * 256));
  if (data == nullptr) return fail(ErrorCode::kOutOfMemory, "out of memory");
  std::memset(data, 0xff, size_bytes);  // NaN, or -1
  state().blocks[data] = {size_bytes, is_pinned};
  ++state().counts.allocations;
  if (!is_pinned) state().device_bytes += size_bytes;
  return data;
}

}  // namespace

size_t standin_device_bytes() { return state().device_bytes; }

StandinCounts standin_counts() { return state().counts; }

void set_standin_limit(std::optional<size_t> limit_bytes) {
  state().limit_bytes = limit_bytes.value_or(kDeviceBytes);
}

void set_standin_absence(std::optional<Error> absence) { state().absence = std::move(absence); }

void set_standin_haste(std::optional<uint32_t> seed) {
  state().haste.reset();
  if (seed) state().haste.emplace(*seed);
}

Result<std::vector<DeviceProperties>> list_devices() {
  if (state().absence) return tl::unexpected<Error>(*state().absence);
  return std::vector<DeviceProperties>{{0, "stand-in", 90, kDeviceBytes, free_bytes()}};
}

Result<std::string> driver_version() { return std::string("no driver"); }

Result<DeviceProperties> use_device(int index) {
  SYNSIGHT_TRY_ASSIGN(const std::vector<DeviceProperties> devices, list_devices());
  if (index != 0) return fail(ErrorCode::kDevice, concat({"there is no GPU ", index}));
  return devices[0];
}

Status reuse_device(int /*index*/) { return {}; }

Result<Memory> Memory::on_device(size_t size_bytes) {
  Memory memory;
  SYNSIGHT_TRY_ASSIGN(memory.data_, take(size_bytes, false));
  memory.size_bytes_ = size_bytes;
  return memory;
}

Result<Memory> Memory::pinned(size_t size_bytes) {
  Memory memory;
  SYNSIGHT_TRY_ASSIGN(memory.data_, take(size_bytes, true));
  memory.size_bytes_ = size_bytes;
  memory.is_pinned_ = true;
  return memory;
}

Memory::~Memory() {
  if (data_ == nullptr) return;
  check_idle("memory given back with work in flight");
  if (!is_pinned_) state().device_bytes -= size_bytes_;
  state().blocks.erase(data_);
  std::free(data_);
}

struct Recording::Impl {
  std::vector<Work> work;
  std::vector<std::shared_ptr<const void>> kept;
  ~Impl() { check_idle("a recording given up with work in flight"); }
};

Recording::Recording() = default;
Recording::Recording(Recording&&) noexcept = default;
Recording& Recording::operator=(Recording&&) noexcept = default;
Recording::~Recording() = default;

struct Event::Impl {
  Line* line = nullptr;  // null: never recorded
  size_t count = 0;      // reached when so much of the line has run
  // An event may go before the work that reaches it.
  std::shared_ptr<Clock::time_point> time = std::make_shared<Clock::time_point>();
};

Event::Event() = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(Event&&) noexcept = default;
Event::~Event() = default;

Result<Event> Event::create() {
  Event event;
  event.impl_ = std::make_unique<Impl>();
  return event;
}

Status Event::wait() const {
  if (impl_->line != nullptr) impl_->line->run_until(impl_->count);
  return {};
}

Result<double> elapsed_ms(const Event& start, const Event& end) {
  const std::chrono::duration<double, std::milli> elapsed = *end.impl_->time - *start.impl_->time;
  return elapsed.count();
}

struct Queue::Impl : Worker {};

Queue::Queue() = default;
Queue::Queue(Queue&&) noexcept = default;
Queue& Queue::operator=(Queue&&) noexcept = default;
Queue::~Queue() = default;

Result<Queue> Queue::create() {
  Queue queue;
  queue.impl_ = std::make_unique<Impl>();
  return queue;
}

Status Queue::copy_to_device(void* target, const void* source, size_t size_bytes) {
  check_memory(target, size_bytes, false);
  check_memory(source, size_bytes, true);
  impl_->add([=] { std::memcpy(target, source, size_bytes); });
  return {};
}

Status Queue::copy_to_host(void* target, const void* source, size_t size_bytes) {
  check_memory(target, size_bytes, true);
  check_memory(source, size_bytes, false);
  impl_->add([=] { std::memcpy(target, source, size_bytes); });
  return {};
}

Status Queue::copy_on_device(void* target, const void* source, size_t size_bytes) {
  check_memory(target, size_bytes, false);
  check_memory(source, size_bytes, false);
  impl_->add([=] { std::memcpy(target, source, size_bytes); });
  return {};
}

Status Queue::set_zero(void* target, size_t size_bytes) {
  check_memory(target, size_bytes, false);
  impl_->add([=] { std::memset(target, 0, size_bytes); });
  return {};
}

Status Queue::record(const Event& event) {
  impl_->add([time = event.impl_->time] { *time = Clock::now(); });
  event.impl_->line = &impl_->line;
  event.impl_->count = impl_->line.num_queued;
  return {};
}

Status Queue::wait_for(const Event& event) {
  Line* const line = event.impl_->line;
  const size_t count = event.impl_->count;
  if (line != nullptr) impl_->add([line, count] { line->run_until(count); });
  return {};
}

Status Queue::wait() {
  if (impl_->recorded) fault("a wait while recording");
  impl_->line.run_until(impl_->line.num_queued);
  return {};
}

Status Queue::begin_recording() {
  if (impl_->recorded) fault("a recording within a recording");
  impl_->recorded.emplace();
  return {};
}

Result<Recording> Queue::end_recording() {
  if (!impl_->recorded) fault("the end of a recording that nobody began");
  Recording recording;
  recording.impl_ = std::make_unique<Recording::Impl>();
  ++state().counts.recordings;
  recording.impl_->work = *std::move(impl_->recorded);
  recording.impl_->kept = std::exchange(impl_->kept, {});
  impl_->recorded.reset();
  return recording;
}

Status Queue::replay(const Recording& recording) {
  const Recording::Impl* const impl = recording.impl_.get();
  impl_->add([impl] {
    for (const Work& work : impl->work) work();
  });
  return {};
}

void Queue::keep(std::shared_ptr<const void> needed) {
  if (impl_->recorded) impl_->kept.push_back(std::move(needed));
}

void* Queue::handle() const { return static_cast<Worker*>(impl_.get()); }

void add_standin_work(void* handle, std::function<void()> work) {
  static_cast<Worker*>(handle)->add(std::move(work));
}

Status add_work(Queue& queue, std::function<void()> work) {
  add_standin_work(queue.handle(), std::move(work));
  return {};
}

}  // namespace synsight::cuda
