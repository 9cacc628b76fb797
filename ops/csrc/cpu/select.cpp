// The choice of the kernels for this processor, at run time.
#include <cstdlib>
#include <cstring>

#include "kernels.h"

#if defined(_MSC_VER)
#include <intrin.h>
#endif

namespace stylegan_ops {

extern const Kernels kernels_baseline;
#if defined(WITH_X86_SETS)
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;

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

}  // namespace
#endif

const Kernels& select_kernels() {
#if defined(WITH_X86_SETS)
    // For tests and for measuring: a set below the best one.
    const char* limit = std::getenv("STYLEGAN_OPS_INSTRUCTIONS");
    bool any = limit == nullptr || std::strcmp(limit, "avx512") == 0;
    if (any && has_avx512()) return kernels_avx512;
    if ((any || std::strcmp(limit, "avx2") == 0) && has_avx2()) return kernels_avx2;
#endif
    return kernels_baseline;
}

}  // namespace stylegan_ops
