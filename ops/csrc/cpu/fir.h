// FIR filters over rows in the cache: across rows (`vertical`) and along one (`horizontal`), with whole and fractional
// steps: the zeros that up-sampling would insert are never multiplied (a polyphase filter).
#pragma once

#include "rows.h"

namespace {

constexpr int MAX_TAPS = 12;  // at a time: their factors stay in registers

// Taps that meet samples, for the output at up-sampled position p: f[tap + j * up] meets sample + j.
struct Phase {
    int64_t sample, tap, count;

    Phase(int64_t p, int64_t taps, int64_t up) {
        sample = ceil_div(p, up);
        tap = sample * up - p;
        count = tap < taps ? (taps - 1 - tap) / up + 1 : 0;
    }
};

template <int N>
void vertical_taps(float* RESTRICT out, const float* const* rows, const float* factors, int64_t count, bool more) {
    Vec f[N];
    const float* row[N];
    UNROLL for (int j = 0; j < N; ++j) f[j] = broadcast(factors[j]), row[j] = rows[j];
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        Vec sum = more ? load(out + i) : broadcast(0.0f);
        UNROLL for (int j = 0; j < N; ++j) sum += f[j] * load(row[j] + i);
        store(out + i, sum);
    }
    for (; i < count; ++i) {
        float sum = more ? out[i] : 0.0f;
        for (int j = 0; j < N; ++j) sum += factors[j] * row[j][i];
        out[i] = sum;
    }
}

// Lanes are channels. Outputs are `out_step` apart, their first samples `in_step`, taps one column (`lanes`).
template <int N>
void horizontal_taps(float* RESTRICT out, int64_t out_step, const float* RESTRICT in, int64_t in_step, int64_t lanes,
                     const float* factors, int64_t count, bool more) {
    Vec f[N];
    UNROLL for (int j = 0; j < N; ++j) f[j] = broadcast(factors[j]);
    for (int64_t c = 0; c < lanes; c += LANES) {
        const float* source = in + c;
        float* target = out + c;
        for (int64_t i = 0; i < count; ++i, source += in_step, target += out_step) {
            Vec sum = more ? load(target) : broadcast(0.0f);
            UNROLL for (int j = 0; j < N; ++j) sum += f[j] * load(source + j * lanes);
            store(target, sum);
        }
    }
}

// One channel: vectors are neighbouring outputs, which are dense.
template <int N>
void planar_taps(float* RESTRICT out, const float* RESTRICT in, int64_t in_step, const float* factors, int64_t count,
                 bool more) {
    int64_t i = 0;
    for (; in_step == 1 && i + LANES <= count; i += LANES) {
        Vec sum = more ? load(out + i) : broadcast(0.0f);
        UNROLL for (int j = 0; j < N; ++j) sum += broadcast(factors[j]) * load(in + i + j);
        store(out + i, sum);
    }
    for (; i < count; ++i) {
        float sum = more ? out[i] : 0.0f;
        for (int j = 0; j < N; ++j) sum += factors[j] * in[i * in_step + j];
        out[i] = sum;
    }
}

// Calls run(first tap, number of taps as a constant, whether to add to what is there) for groups of taps.
template <typename Run>
INLINE void in_groups(int64_t taps, bool more, Run run) {
    for (int64_t j = 0; j < taps; j += MAX_TAPS, more = true) {
        switch (smaller(taps - j, MAX_TAPS)) {
#define CASE(N) \
    case N: run.template operator()<N>(j, more); break;
            CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#undef CASE
        }
    }
}

// out = (more: out) + the sum of rows times factors. `count` floats.
void vertical(float* out, const float* const* rows, const float* factors, int64_t taps, int64_t count, bool more) {
    if (taps == 0 && !more) clear(out, count);
    in_groups(taps, more, [&]<int N>(int64_t j, bool add) {
        vertical_taps<N>(out, rows + j, factors + j, count, add);
    });
}

// How a row is re-sampled: output i sees the up-sampled positions from i * down + offset on.
struct Steps {
    int64_t up, down, offset;
};

INLINE int64_t common_divisor(int64_t a, int64_t b) { return b == 0 ? a : common_divisor(b, a % b); }

// out = (more: out) + `in` filtered by f [taps] and re-sampled: `count` columns of `lanes`. Column 0 of `in` is the
// sample `first`; every sample that a tap meets is in it. `spare`: room for `count` floats where lanes is 1.
void horizontal(float* out, int64_t count, const float* in, int64_t first, const float* f, int64_t taps, Steps steps,
                int64_t lanes, float* spare, bool more) {
    int64_t common = common_divisor(steps.up, steps.down);
    int64_t period = steps.up / common, advance = steps.down / common;
    float factors[MAX_FILTER];
    for (int64_t r = 0; r < smaller(period, count); ++r) {
        Phase phase(r * steps.down + steps.offset, taps, steps.up);
        const float* source = in + (phase.sample - first) * lanes;
        int64_t outputs = (count - r + period - 1) / period;
        for (int64_t j = 0; j < phase.count; ++j) factors[j] = f[phase.tap + j * steps.up];
        float* target = out + r * lanes;
        if (lanes > 1) {
            if (phase.count == 0 && !more)
                for (int64_t i = 0; i < outputs; ++i) clear(target + i * period * lanes, lanes);
            in_groups(phase.count, more, [&]<int N>(int64_t j, bool add) {
                horizontal_taps<N>(target, period * lanes, source + j * lanes, advance * lanes, lanes, factors + j,
                                   outputs, add);
            });
            continue;
        }
        float* dense = period == 1 ? target : spare + r * ((count + period - 1) / period);
        bool add_dense = more && period == 1;
        if (phase.count == 0 && !add_dense) clear(dense, outputs);
        in_groups(phase.count, add_dense, [&]<int N>(int64_t j, bool add) {
            planar_taps<N>(dense, source + j, advance, factors + j, outputs, add);
        });
    }
    if (lanes > 1 || period == 1) return;
    int64_t stride = (count + period - 1) / period;
    if (period == 2 && !more) {  // the common case, as a loop that compilers make vectors of
        for (int64_t i = 0; i < count / 2; ++i) out[2 * i] = spare[i], out[2 * i + 1] = spare[stride + i];
        if (count % 2) out[count - 1] = spare[stride - 1];
        return;
    }
    for (int64_t i = 0; i < count; ++i) out[i] = (more ? out[i] : 0.0f) + spare[i % period * stride + i / period];
}

// The rows of a picture that a filter is over, the last `size` of them, each loaded once.
struct Ring {
    float* memory;
    int64_t size, row_floats, next;

    float* slot(int64_t y) const { return memory + ((y % size) + size) % size * row_floats; }
};

}  // namespace
