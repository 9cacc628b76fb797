// CUDA's kernel language on the host, for tests: a block's threads are coroutines that run one after the other from
// barrier to barrier, in rising or falling order. Shared memory is NaN at first and has a guard behind it.
#pragma once

#include <cmath>
#include <csetjmp>
#include <cstring>
#include <ucontext.h>
#include <vector>

#define KERNEL static void
#define DEVICE inline
#define SHARED_MEMORY(name) float* name = emulation::shared
#define BARRIER() emulation::barrier()

struct Index { unsigned int x; };
static Index threadIdx, blockIdx;

inline float __uint_as_float(unsigned int bits) { float f; std::memcpy(&f, &bits, 4); return f; }
inline unsigned int __float_as_uint(float f) { unsigned int bits; std::memcpy(&bits, &f, 4); return bits; }
inline float half_to_float(unsigned short bits) { _Float16 h; std::memcpy(&h, &bits, 2); return h; }
inline unsigned short float_to_half(float f) {
    const _Float16 h = static_cast<_Float16>(f);
    unsigned short bits;
    std::memcpy(&bits, &h, 2);
    return bits;
}

namespace emulation {

enum Outcome { DONE = 0, GUARD_OVERWRITTEN = 1, BARRIER_NOT_REACHED_BY_ALL = 2 };

constexpr std::size_t STACK_BYTES = 32 * 1024;
constexpr int GUARD_FLOATS = 1024;
constexpr unsigned char FILL = 0xff;  // a float of these is NaN

struct Thread {
    ucontext_t start;  // on a stack of its own
    jmp_buf stop;      // at a barrier; jumps need no system call
    bool started = false, finished = false;
};

static float* shared;
static jmp_buf scheduler;
static std::vector<Thread> threads;
static void (*body)(const void*);
static const void* parameters;

// Out of a thread, until it is resumed.
inline void barrier() {
    if (_setjmp(threads[threadIdx.x].stop) == 0) _longjmp(scheduler, 1);
}

inline void run_thread() {
    for (;;) {  // a turn is a block
        body(parameters);
        threads[threadIdx.x].finished = true;
        barrier();
    }
}

// Into a thread, until its next barrier or its end.
[[gnu::noinline]] static void resume(Thread& thread) {
    if (_setjmp(scheduler) != 0) return;
    if (thread.started) _longjmp(thread.stop, 1);
    thread.started = true;
    setcontext(&thread.start);
}

// Lets each thread run to its next barrier or its end; how many of them ended.
inline int advance(bool falling) {
    const int count = static_cast<int>(threads.size());
    int ended = 0;
    for (int i = 0; i < count; ++i) {
        threadIdx.x = falling ? count - 1 - i : i;
        Thread& thread = threads[threadIdx.x];
        if (thread.finished) continue;
        resume(thread);
        ended += thread.finished;
    }
    return ended;
}

template <class Parameters>
void call(void (*kernel)(Parameters), const void* of) { kernel(*static_cast<const Parameters*>(of)); }

template <class Parameters>
constexpr int size(void (*)(Parameters)) { return sizeof(Parameters); }

inline Outcome run(
    void (*kernel)(const void*), const void* of, int blocks, int block_threads, int shared_bytes, bool falling
) {
    std::vector<char> stacks(STACK_BYTES * block_threads);
    std::vector<float> memory(shared_bytes / 4 + GUARD_FLOATS);
    shared = memory.data();
    body = kernel;
    parameters = of;
    threads = std::vector<Thread>(block_threads);
    for (int i = 0; i < block_threads; ++i) {
        ucontext_t& start = threads[i].start;
        getcontext(&start);
        start.uc_stack.ss_sp = stacks.data() + STACK_BYTES * i;
        start.uc_stack.ss_size = STACK_BYTES;
        makecontext(&start, run_thread, 0);
    }
    for (int block = 0; block < blocks; ++block) {
        blockIdx.x = falling ? blocks - 1 - block : block;
        std::memset(memory.data(), FILL, memory.size() * 4);
        for (Thread& thread : threads) thread.finished = false;
        for (int left = block_threads; left > 0;) {
            const int ended = advance(falling);
            if (ended != 0 && ended != left) return BARRIER_NOT_REACHED_BY_ALL;
            left -= ended;
        }
        const auto* guard = reinterpret_cast<const unsigned char*>(memory.data() + shared_bytes / 4);
        for (std::size_t i = 0; i < GUARD_FLOATS * 4; ++i) {
            if (guard[i] != FILL) return GUARD_OVERWRITTEN;
        }
    }
    return DONE;
}

}  // namespace emulation
