// Weights of a modulated convolution: one block computes the filter of one output channel of one sample.
//
// Macros: TYPE, that of the result; NORM, 0: none, 1: by the largest magnitude, 2: by the root mean square; DEMODULATE.
#include "common.cuh"

constexpr float EPSILON = 1e-8f;  // of demodulation

struct Modulate {
    const float* weight;  // [out_channels, in_channels, taps]
    const float* styles;  // [samples, in_channels]
    const float* gain;    // of the input channels, or null
    TYPE* y;
    long long y_sample, y_out, y_in, y_tap;  // strides of y
    long long gain_sample, gain_in;          // strides of gain
    int samples, out_channels, in_channels, taps;
    int taps_first;  // write all input channels of a tap, then of the next
    int flip;        // write the taps in reverse
};

struct Sum { DEVICE float operator()(float a, float b) const { return a + b; } };
struct Largest { DEVICE float operator()(float a, float b) const { return a > b ? a : b; } };

// What all threads of the block hold, combined; every thread gets it.
template <class Combine>
DEVICE float over_block(float value, float* scratch, Combine combine) {
    scratch[threadIdx.x] = value;
    BARRIER();
    for (int half = THREADS / 2; half > 0; half /= 2) {
        if (static_cast<int>(threadIdx.x) < half) {
            scratch[threadIdx.x] = combine(scratch[threadIdx.x], scratch[threadIdx.x + half]);
        }
        BARRIER();
    }
    const float result = scratch[0];
    BARRIER();  // the next call overwrites it
    return result;
}

DEVICE float magnitude(const float* values, int count, float* scratch) {
    float own = 0;
    for (int i = threadIdx.x; i < count; i += THREADS) {
        own = NORM == 1 ? Largest()(own, fabsf(values[i])) : own + values[i] * values[i];
    }
    return NORM == 1 ? over_block(own, scratch, Largest()) : sqrtf(over_block(own, scratch, Sum()) / count);
}

KERNEL modulate(const Modulate p) {
    SHARED_MEMORY(scratch);
    const int sample = blockIdx.x / p.out_channels, out = blockIdx.x % p.out_channels;
    const int count = p.in_channels * p.taps;
    const float* weight = p.weight + static_cast<long long>(out) * count;
    const float* styles = p.styles + static_cast<long long>(sample) * p.in_channels;

    float scale = 1;
    if (NORM == 1) {  // keeps the products within float16; demodulation cancels it
        scale = 1 / (sqrtf(static_cast<float>(count)) * magnitude(weight, count, scratch));
        scale /= magnitude(styles, p.in_channels, scratch);
    }
    if (NORM == 2) {  // the styles over the whole batch, as in training
        scale = 1 / magnitude(weight, count, scratch);
        scale /= magnitude(p.styles, p.samples * p.in_channels, scratch);
    }
    if (DEMODULATE) {
        float own = 0;
        for (int i = threadIdx.x; i < count; i += THREADS) {
            const float w = weight[i] * styles[i / p.taps] * scale;
            own += w * w;
        }
        scale /= sqrtf(over_block(own, scratch, Sum()) + EPSILON);
    }
    TYPE* y = p.y + sample * p.y_sample + out * p.y_out;
    for (int i = threadIdx.x; i < count; i += THREADS) {  // as y lies in memory, unless it is transposed
        const int in = p.taps_first ? i % p.in_channels : i / p.taps;
        const int tap = p.taps_first ? i / p.in_channels : i % p.taps;
        const float gain = p.gain ? p.gain[sample * p.gain_sample + in * p.gain_in] : 1.0f;
        const int to = p.flip ? p.taps - 1 - tap : tap;
        store(y + in * p.y_in + to * p.y_tap, weight[in * p.taps + tap] * styles[in] * scale * gain);
    }
}
