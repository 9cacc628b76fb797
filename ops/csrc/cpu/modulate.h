// Weights of one sample: times its styles, brought to unit magnitude, in the order and type the convolution wants.
#pragma once

#include <cmath>

#include "rows.h"

namespace {

constexpr float EPSILON = 1e-8f;  // of demodulation

// What an output's weights are multiplied by, from the sums over them of (weight * style)^2 and weight^2.
INLINE float scale_of(const Modulate& a, float modulated, float plain) {
    float normal = a.normalize ? 1 / std::sqrt(plain / float(a.inputs * a.taps)) : 1.0f;
    return a.demodulate ? normal / std::sqrt(normal * normal * modulated + EPSILON) : normal;
}

// One output, whose weights lie together. `spare`: room for them as [taps][inputs].
template <typename T>
void modulate_row(const Modulate& a, int64_t o, float* RESTRICT spare) {
    int64_t inputs = a.inputs, taps = a.taps;
    const float* row = a.weight + o * inputs * taps;
    T* out = static_cast<T*>(a.out) + o * inputs * taps;
    if (a.from == WeightOrder::taps_last && taps > 1) {
        for (int64_t k = 0; k < taps; ++k)
            for (int64_t i = 0; i < inputs; ++i) spare[k * inputs + i] = row[i * taps + k];
        row = spare;
    }
    Vec modulated = broadcast(0.0f), plain = modulated;
    for (int64_t k = 0; k < taps; ++k) {
        for (int64_t i = 0; i < inputs; i += LANES) {
            Vec w = load(row + k * inputs + i, inputs - i), s = load(a.styles + i, inputs - i);
            plain += w * w;
            w = w * s;
            modulated += w * w;
        }
    }
    float sums[2] = {}, lanes[2][LANES];
    store(lanes[0], modulated), store(lanes[1], plain);
    for (int i = 0; i < LANES; ++i) sums[0] += lanes[0][i], sums[1] += lanes[1][i];
    Vec scale = broadcast(scale_of(a, sums[0], sums[1]));
    bool together = a.to == WeightOrder::inputs_last || taps == 1;
    for (int64_t k = 0; k < taps; ++k) {
        for (int64_t i = 0; i < inputs; i += LANES) {
            int64_t left = inputs - i;
            Vec v = load(row + k * inputs + i, left) * load(a.styles + i, left) * scale;
            if (a.input_gain) v = v * load(a.input_gain + i, left);
            if (together) {
                store(out + k * inputs + i, v, left);
                continue;
            }
            T part[LANES];
            store(part, v);
            for (int64_t lane = 0; lane < smaller(left, LANES); ++lane) out[(i + lane) * taps + k] = part[lane];
        }
    }
}

// A block of outputs of weights in which they are last: [inputs, taps, outputs].
template <typename T>
void modulate_block(const Modulate& a, int64_t first) {
    int64_t outputs = smaller(OUTPUT_BLOCK, a.outputs - first);
    float modulated[OUTPUT_BLOCK] = {}, plain[OUTPUT_BLOCK] = {}, scale[OUTPUT_BLOCK] = {};
    for (int64_t row = 0; row < a.inputs * a.taps; ++row) {
        const float* w = a.weight + row * a.outputs + first;
        Vec style = broadcast(a.styles[row / a.taps]);
        for (int64_t o = 0; o < outputs; o += LANES) {
            Vec v = load(w + o, outputs - o), m = v * style;
            store(plain + o, load(plain + o) + v * v);
            store(modulated + o, load(modulated + o) + m * m);
        }
    }
    for (int64_t o = 0; o < outputs; ++o) scale[o] = scale_of(a, modulated[o], plain[o]);
    for (int64_t row = 0; row < a.inputs * a.taps; ++row) {
        int64_t place = row * a.outputs + first, i = row / a.taps;
        Vec style = broadcast(a.styles[i] * (a.input_gain ? a.input_gain[i] : 1.0f));
        for (int64_t o = 0; o < outputs; o += LANES)
            store(static_cast<T*>(a.out) + place + o, load(a.weight + place + o, outputs - o) * style * load(scale + o),
                  outputs - o);
    }
}

template <typename T>
void modulate_items(const Modulate& a, int64_t begin, int64_t end) {
    Scratch spare(a.from == WeightOrder::taps_last ? a.inputs * a.taps : 0);
    for (int64_t item = begin; item < end; ++item) {
        if (a.from == WeightOrder::outputs_last)
            modulate_block<T>(a, item * OUTPUT_BLOCK);
        else
            modulate_row<T>(a, item, spare.floats);
    }
}

void modulate(const Modulate& a, int64_t begin, int64_t end) {
    if (a.type == Type::float32)
        modulate_items<float>(a, begin, end);
    else
        modulate_items<Bfloat16>(a, begin, end);
}

}  // namespace
