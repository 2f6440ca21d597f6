// SPDX-License-Identifier: Apache-2.0
// pthreadpool's threads, which wait for work by spinning before they sleep. Upstream's million
// turns last tens of milliseconds: where another program keeps the processor busy, a spinning
// thread then holds the core that the one it waits for needs. These last some tens of microseconds,
// longer than the gaps between a network's operators.
#include "threadpool-common.h"

#undef PTHREADPOOL_SPIN_WAIT_ITERATIONS
#define PTHREADPOOL_SPIN_WAIT_ITERATIONS 1000

#include "pthreads.c"
