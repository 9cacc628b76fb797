// The end of a StyleGAN2 layer in one pass: filter, noise, bias, activation, gain, clamp. A thread computes ROWS
// samples below each other, so that a sample of x is read once for all the taps it meets.
//
// Macros: TYPE; ACT; INDEX, an unsigned integer that counts all samples; TAPS_X, TAPS_Y; SEPARABLE, 1: f is 1-D.
#include "activations.cuh"

constexpr int ROWS = 8;

struct Sg2Tail {
    const TYPE* x;
    const float* f;         // [TAPS_Y, TAPS_X], [TAPS_X], or null: one tap of 1
    const float* noise;     // or null
    const float* strength;  // one number, or null: 1
    const float* b;         // [channels], or null
    TYPE* y;
    Strides x_strides, y_strides, noise_strides;
    long long count;  // threads with work
    int channels, width, height, out_width, out_height;
    int pad_x0, pad_y0;
    int channels_last;
    int flip;  // correlate with f as it is
    float filter_gain, alpha, gain, clamp;
};

KERNEL sg2_tail(const Sg2Tail p) {
    INDEX rest = static_cast<INDEX>(blockIdx.x) * THREADS + threadIdx.x;
    if (rest >= static_cast<INDEX>(p.count)) return;
    int c = 0;
    if (p.channels_last) {
        c = static_cast<int>(rest % p.channels);
        rest /= p.channels;
    }
    const int out_x = static_cast<int>(rest % p.out_width);
    rest /= p.out_width;
    const int runs = (p.out_height + ROWS - 1) / ROWS;
    const int out_y = static_cast<int>(rest % runs) * ROWS;
    rest /= runs;
    if (!p.channels_last) {
        c = static_cast<int>(rest % p.channels);
        rest /= p.channels;
    }
    const int n = static_cast<int>(rest);

    float taps[TAPS_Y][TAPS_X];
#pragma unroll
    for (int ky = 0; ky < TAPS_Y; ++ky) {
#pragma unroll
        for (int kx = 0; kx < TAPS_X; ++kx) {
            const int fy = p.flip ? ky : TAPS_Y - 1 - ky, fx = p.flip ? kx : TAPS_X - 1 - kx;
            taps[ky][kx] = !p.f ? 1.0f : SEPARABLE ? p.f[fy] * p.f[fx] : p.f[fy * TAPS_X + fx];
        }
    }

    float sums[ROWS] = {};
    const TYPE* plane = p.x + offset(p.x_strides, n, c, 0, 0);
#pragma unroll
    for (int j = 0; j < ROWS + TAPS_Y - 1; ++j) {
        const int y = out_y + j - p.pad_y0;
        if (y < 0 || y >= p.height) continue;
#pragma unroll
        for (int kx = 0; kx < TAPS_X; ++kx) {
            const int x = out_x + kx - p.pad_x0;
            if (x < 0 || x >= p.width) continue;
            const float v = to_float(plane[y * p.x_strides.y + x * p.x_strides.x]);
#pragma unroll
            for (int r = 0; r < ROWS; ++r) {
                if (j - r >= 0 && j - r < TAPS_Y) sums[r] += v * taps[j - r][kx];
            }
        }
    }

    const float bias = p.b ? p.b[c] : 0.0f;
    const float strength = p.strength ? *p.strength : 1.0f;
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int y = out_y + r;
        if (y >= p.out_height) continue;
        const float noise = p.noise ? p.noise[offset(p.noise_strides, n, 0, y, out_x)] * strength : 0.0f;
        const float v = activate<ACT>(sums[r] * p.filter_gain + noise + bias, p.alpha) * p.gain;
        store(p.y + offset(p.y_strides, n, c, y, out_x), clamped(v, p.clamp));
    }
}
