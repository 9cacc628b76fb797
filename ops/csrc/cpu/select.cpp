// The choice of the kernels for this processor, at run time.
#include <cstdlib>
#include <cstring>

#include "kernels.h"

#if defined(_MSC_VER)
#include <intrin.h>
#endif

namespace stylegan_ops {

extern const Kernels kernels_baseline;
#if defined(WITH_AVX2) && defined(WITH_AVX512)
#define WITH_X86_SETS
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
extern const Kernels kernels_avx512_bf16;

namespace {

#if defined(_MSC_VER)
bool has(int leaf, int index, int bit) {
    int registers[4];
    __cpuidex(registers, leaf, 0);
    return (registers[index] >> bit) & 1;
}
// The operating system must keep the registers as well: XGETBV tells.
bool has_avx2() {
    return has(1, 2, 27) && (_xgetbv(0) & 0x6) == 0x6 && has(7, 1, 5) && has(1, 2, 12);
}
bool has_avx512() {
    return has_avx2() && (_xgetbv(0) & 0xe6) == 0xe6 && has(7, 1, 16) && has(7, 1, 17) && has(7, 1, 30) && has(7, 1, 31);
}
#else
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool has_avx512() {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif
#if defined(WITH_AVX512_BF16)
bool has_avx512_bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }
#endif

}  // namespace
#endif

const Kernels& select_kernels() {
#if defined(WITH_X86_SETS)
    // For tests and for measuring: a set below the best one.
    const char* limit = std::getenv("STYLEGAN_OPS_INSTRUCTIONS");
    bool below = limit == nullptr;
    auto may_be = [&](const char* name) { return below = below || std::strcmp(limit, name) == 0; };
#if defined(WITH_AVX512_BF16)
    if (may_be("avx512_bf16") && has_avx512_bf16()) return kernels_avx512_bf16;
#endif
    if (may_be("avx512") && has_avx512()) return kernels_avx512;
    if (may_be("avx2") && has_avx2()) return kernels_avx2;
#endif
    return kernels_baseline;
}

}  // namespace stylegan_ops
