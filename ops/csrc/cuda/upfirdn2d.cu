// Up-sample, filter, down-sample: a thread computes one sample of the result from the taps that meet no inserted zero.
//
// Macros: TYPE; INDEX, an unsigned integer that counts all samples of the result; UP_X, UP_Y, DOWN_X, DOWN_Y;
// TAPS_X, TAPS_Y.
#include "common.cuh"

struct UpFirDn2d {
    const TYPE* x;
    const float* f;  // [TAPS_Y, TAPS_X], or null: one tap of 1
    TYPE* y;         // contiguous or channels last
    Strides x_strides;
    long long count;  // samples of y
    int channels, width, height, out_width, out_height;
    int pad_x0, pad_y0;
    int channels_last;
    int flip;  // correlate with f as it is
    float gain;
};

// The first tap, of every UPth, that meets a sample of x: that of the up-sampled position `at` or the next one.
template <int UP>
DEVICE int first_tap(int at) {
    const int past = at % UP;
    return past > 0 ? UP - past : -past;
}

KERNEL upfirdn2d(const UpFirDn2d p) {
    SHARED_MEMORY(taps);
    for (int i = threadIdx.x; i < TAPS_X * TAPS_Y; i += THREADS) {
        taps[i] = !p.f ? 1.0f : p.f[p.flip ? i : TAPS_X * TAPS_Y - 1 - i];
    }
    BARRIER();

    const INDEX index = static_cast<INDEX>(blockIdx.x) * THREADS + threadIdx.x;
    if (index >= static_cast<INDEX>(p.count)) return;
    INDEX rest = index;
    int c = 0;
    if (p.channels_last) {
        c = static_cast<int>(rest % p.channels);
        rest /= p.channels;
    }
    const int out_x = static_cast<int>(rest % p.out_width);
    rest /= p.out_width;
    const int out_y = static_cast<int>(rest % p.out_height);
    rest /= p.out_height;
    if (!p.channels_last) {
        c = static_cast<int>(rest % p.channels);
        rest /= p.channels;
    }

    const int at_x = out_x * DOWN_X - p.pad_x0, at_y = out_y * DOWN_Y - p.pad_y0;
    const int tap_x = first_tap<UP_X>(at_x), tap_y = first_tap<UP_Y>(at_y);
    const int from_x = (at_x + tap_x) / UP_X, from_y = (at_y + tap_y) / UP_Y;
    const TYPE* plane = p.x + offset(p.x_strides, static_cast<int>(rest), c, 0, 0);
    float sum = 0;
#pragma unroll
    for (int j = 0; j < (TAPS_Y + UP_Y - 1) / UP_Y; ++j) {
        const int ky = tap_y + j * UP_Y, y = from_y + j;
        if (ky >= TAPS_Y || y < 0 || y >= p.height) continue;
#pragma unroll
        for (int i = 0; i < (TAPS_X + UP_X - 1) / UP_X; ++i) {
            const int kx = tap_x + i * UP_X, x = from_x + i;
            if (kx >= TAPS_X || x < 0 || x >= p.width) continue;
            sum += taps[ky * TAPS_X + kx] * to_float(plane[y * p.x_strides.y + x * p.x_strides.x]);
        }
    }
    store(p.y + index, sum * p.gain);
}
