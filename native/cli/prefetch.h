// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace synsight::cli {

/// Makes make(0), make(1), ..., make(count - 1) on threads of its own, never more than `capacity`
/// of them ahead of the taker, who gets them in order.
template <typename T>
class Prefetch {
 public:
  Prefetch(size_t count, size_t num_threads, size_t capacity, std::function<T(size_t)> make)
      : count_(count), capacity_(capacity), make_(std::move(make)) {
    for (size_t i = 0; i < num_threads; ++i) threads_.emplace_back([this] { work(); });
  }

  /// Waits for what is being made and drops it.
  ~Prefetch() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  /// The next one; to be called `count` times at most.
  T take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return finished_.contains(num_taken_); });
    T item = std::move(finished_.extract(num_taken_).mapped());
    ++num_taken_;
    lock.unlock();
    changed_.notify_all();
    return item;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] {
        return stopped_ || num_begun_ == count_ || num_begun_ < num_taken_ + capacity_;
      });
      if (stopped_ || num_begun_ == count_) return;
      const size_t index = num_begun_++;
      lock.unlock();
      T item = make_(index);
      lock.lock();
      finished_.emplace(index, std::move(item));
      changed_.notify_all();
    }
  }

  const size_t count_;
  const size_t capacity_;
  const std::function<T(size_t)> make_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::map<size_t, T> finished_;  // those not taken, by index
  size_t num_begun_ = 0;
  size_t num_taken_ = 0;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace synsight::cli
