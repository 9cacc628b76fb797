// A vector of floats as wide as the instruction set of this unit, and its conversion from and to memory.
// Everything is in an unnamed namespace: code that is compiled for one processor must not be merged with another's.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr int LANES = 16;
#elif defined(__AVX2__)
constexpr int LANES = 8;
#else
constexpr int LANES = 4;
#endif

#if defined(__AVX512BF16__)
constexpr bool MULTIPLIES_PAIRS = true;
#else
constexpr bool MULTIPLIES_PAIRS = false;
#endif

struct Bfloat16 {
    uint16_t bits;
};

#if defined(__GNUC__)
#define INLINE inline __attribute__((always_inline))
#define RESTRICT __restrict__
#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
typedef float Vec __attribute__((vector_size(LANES * 4)));
typedef uint32_t Bits __attribute__((vector_size(LANES * 4)));
typedef uint16_t HalfBits __attribute__((vector_size(LANES * 2)));

INLINE Vec broadcast(float value) { return value - Vec{}; }
INLINE Vec where_less(Vec a, Vec b, Vec yes, Vec no) { return a < b ? yes : no; }

INLINE Vec load(const float* p) {
    Vec v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
INLINE Vec load(const Bfloat16* p) {
    HalfBits half;
    std::memcpy(&half, p, sizeof half);
    return (Vec)(__builtin_convertvector(half, Bits) << 16);
}
INLINE void store(float* p, Vec v) { std::memcpy(p, &v, sizeof v); }
#if defined(__AVX512BF16__)
INLINE void store(Bfloat16* p, Vec v) {
    __m256bh half = _mm512_cvtneps_pbh((__m512)v);
    std::memcpy(p, &half, sizeof half);
}
#else
INLINE void store(Bfloat16* p, Vec v) {
    Bits bits = (Bits)v;
    Bits rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;  // to nearest, ties to even
    Bits nan = (bits >> 16) | 0x40u;
    HalfBits half = __builtin_convertvector(v == v ? rounded : nan, HalfBits);
    std::memcpy(p, &half, sizeof half);
}
#endif

// Two bfloat16 in each lane, as they lie in memory.
struct Pairs {
    Bits bits;
};
INLINE Pairs load_pairs(const Bfloat16* p) {
    Pairs pairs;
    std::memcpy(&pairs, p, sizeof pairs);
    return pairs;
}
INLINE Pairs broadcast_pair(const Bfloat16* p) {
    uint32_t pair;
    std::memcpy(&pair, p, sizeof pair);
    return {pair - Bits{}};
}
#if defined(__AVX512BF16__)
INLINE void add_products(Vec& sum, Pairs a, Pairs b) {
    sum = (Vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a.bits, (__m512bh)b.bits);
}
#else
INLINE void add_products(Vec& sum, Pairs a, Pairs b) {
    sum += (Vec)(a.bits & 0xffff0000u) * (Vec)(b.bits & 0xffff0000u) + (Vec)(a.bits << 16) * (Vec)(b.bits << 16);
}
#endif
#else  // a compiler without vector types: loops of a known length
#define INLINE __forceinline
#define RESTRICT __restrict
#define UNROLL
struct Vec {
    float lane[LANES];
};
template <typename F>
INLINE Vec each(F f) {
    Vec v;
    for (int i = 0; i < LANES; ++i) v.lane[i] = f(i);
    return v;
}
INLINE Vec operator+(const Vec& a, const Vec& b) { return each([&](int i) { return a.lane[i] + b.lane[i]; }); }
INLINE Vec operator*(const Vec& a, const Vec& b) { return each([&](int i) { return a.lane[i] * b.lane[i]; }); }
INLINE Vec& operator+=(Vec& a, const Vec& b) { return a = a + b; }
INLINE Vec broadcast(float value) { return each([&](int) { return value; }); }
INLINE Vec where_less(const Vec& a, const Vec& b, const Vec& yes, const Vec& no) {
    return each([&](int i) { return a.lane[i] < b.lane[i] ? yes.lane[i] : no.lane[i]; });
}
INLINE Vec load(const float* p) { return each([&](int i) { return p[i]; }); }
INLINE Vec load(const Bfloat16* p) {
    return each([&](int i) {
        uint32_t bits = uint32_t(p[i].bits) << 16;
        float value;
        std::memcpy(&value, &bits, 4);
        return value;
    });
}
INLINE void store(float* p, const Vec& v) { std::memcpy(p, &v, sizeof v); }
INLINE void store(Bfloat16* p, const Vec& v) {
    for (int i = 0; i < LANES; ++i) {
        uint32_t bits;
        std::memcpy(&bits, &v.lane[i], 4);
        uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
        p[i].bits = uint16_t(v.lane[i] == v.lane[i] ? rounded : (bits >> 16) | 0x40u);
    }
}

struct Pairs {  // two bfloat16 in each lane
    Vec first, second;
};
INLINE Pairs load_pairs(const Bfloat16* p) {
    Bfloat16 part[2][LANES];
    for (int i = 0; i < 2 * LANES; ++i) part[i % 2][i / 2] = p[i];
    return {load(part[0]), load(part[1])};
}
INLINE Pairs broadcast_pair(const Bfloat16* p) {
    Bfloat16 part[2 * LANES];
    for (int i = 0; i < 2 * LANES; ++i) part[i] = p[i % 2];
    return load_pairs(part);
}
INLINE void add_products(Vec& sum, const Pairs& a, const Pairs& b) { sum += a.first * b.first + a.second * b.second; }
#endif
INLINE void add_products(Vec& sum, const Vec& a, const Vec& b) { sum += a * b; }

// The first `count` lanes; the others are zero.
template <typename T>
INLINE Vec load(const T* p, int64_t count) {
    if (count >= LANES) return load(p);
    T part[LANES] = {};
    std::memcpy(part, p, size_t(count) * sizeof(T));
    return load(part);
}
template <typename T>
INLINE void store(T* p, Vec v, int64_t count) {
    if (count >= LANES) return store(p, v);
    T part[LANES];
    store(part, v);
    std::memcpy(p, part, size_t(count) * sizeof(T));
}

INLINE float to_float(float value) { return value; }
INLINE float to_float(Bfloat16 value) {
    uint32_t bits = uint32_t(value.bits) << 16;
    float result;
    std::memcpy(&result, &bits, 4);
    return result;
}
INLINE void put(float* p, float value) { *p = value; }
INLINE void put(Bfloat16* p, float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    p->bits = uint16_t(value == value ? (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16 : (bits >> 16) | 0x40u);
}

INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
INLINE int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
INLINE int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }
INLINE int64_t ceil_div(int64_t a, int64_t b) { return -floor_div(-a, b); }

}  // namespace
