// SPDX-License-Identifier: Apache-2.0
#include "native/cli/interrupt.h"

#include <atomic>
#include <csignal>

namespace synsight::cli {

namespace {

// A signal handler reaches nothing but globals.
CancelFlag interrupted;
std::atomic<int> received_signal{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void on_signal(int signal) {
  received_signal.store(signal);
  interrupted.cancel();
}

}  // namespace

const CancelFlag& cancel_on_interrupt() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return interrupted;
}

int interrupting_signal() { return received_signal.load(); }

}  // namespace synsight::cli
