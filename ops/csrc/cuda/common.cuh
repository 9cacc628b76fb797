// Number types, activations and block geometry of all kernels. Nothing is included: NVRTC then needs no header files.
#pragma once

#ifdef __CUDACC__
#define KERNEL extern "C" __global__ void __launch_bounds__(THREADS)
#define DEVICE __device__ __forceinline__
#define SHARED_MEMORY(name) extern __shared__ float name[]
#define BARRIER() __syncthreads()
#endif

constexpr int THREADS = 256;  // of every block

struct Half { unsigned short bits; };
struct BFloat16 { unsigned short bits; };
struct Strides { long long n, c, y, x; };  // in elements

#ifdef __CUDACC__
DEVICE float half_to_float(unsigned short bits) {
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return value;
}

DEVICE unsigned short float_to_half(float value) {
    unsigned short bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    return bits;
}
#endif

DEVICE float to_float(float value) { return value; }
DEVICE float to_float(Half value) { return half_to_float(value.bits); }
DEVICE float to_float(BFloat16 value) { return __uint_as_float(static_cast<unsigned int>(value.bits) << 16); }

DEVICE void store(float* to, float value) { *to = value; }
DEVICE void store(Half* to, float value) { to->bits = float_to_half(value); }
DEVICE void store(BFloat16* to, float value) {
    const unsigned int bits = __float_as_uint(value);
    const unsigned int nearest_even = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    to->bits = static_cast<unsigned short>(value != value ? 0x7fffu : nearest_even);
}

// Written with comparisons that are false for NaN, so that NaN comes through, as in torch.
DEVICE float clamped(float value, float limit) {
    return value > limit ? limit : value < -limit ? -limit : value;
}

DEVICE long long offset(const Strides& strides, int n, int c, int y, int x) {
    return n * strides.n + c * strides.c + y * strides.y + x * strides.x;
}
