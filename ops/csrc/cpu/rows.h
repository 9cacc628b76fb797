// Rows of pictures in the cache: float32 [columns][lanes], where the lanes are a block of channels (or one channel),
// read from and written to tensors of any layout.
#pragma once

#include <cstdlib>

#include "kernels.h"
#include "vec.h"

namespace {

using namespace stylegan_ops;

// Floats in aligned memory, for the time of one call.
struct Scratch {
    void* memory;
    float* floats;

    explicit Scratch(int64_t count) : memory(std::malloc(size_t(count) * 4 + 64)) {
        floats = reinterpret_cast<float*>((reinterpret_cast<uintptr_t>(memory) + 63) & ~uintptr_t(63));
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { std::free(memory); }

    float* take(int64_t count) {  // a part of it; parts stay aligned
        float* part = floats;
        floats += padded(count);
        return part;
    }
    static int64_t padded(int64_t count) { return (count + 15) / 16 * 16; }
};

// Which part of a picture a work item is.
struct Part {
    int64_t n, c, channels, y, rows, x, columns;
    int64_t lanes;  // channels, rounded up to whole vectors

    Part(const Image& image, const Tiling& t, int64_t item) {
        auto next = [&item](int64_t size, int64_t part, int64_t& begin, int64_t& count) {
            int64_t parts = (size + part - 1) / part;
            begin = item % parts * part;
            count = smaller(part, size - begin);
            item /= parts;
        };
        next(image.w, t.tile, x, columns);
        next(image.h, t.band, y, rows);
        next(image.c, t.block, c, channels);
        n = item;
        lanes = t.planar ? 1 : (channels + LANES - 1) / LANES * LANES;
    }
};

template <typename T>
INLINE T* pixel(const Image& image, int64_t n, int64_t c, int64_t y, int64_t x) {
    return static_cast<T*>(image.data) + n * image.stride_n + c * image.stride_c + y * image.stride_h +
           x * image.stride_w;
}

INLINE void clear(float* row, int64_t count) { std::memset(row, 0, size_t(count) * 4); }

// Columns first .. first + count of row y, plus the bias; zero outside the picture, and in lanes without a channel.
template <typename T>
void load_row(float* RESTRICT row, const Image& x, const Part& part, int64_t y, int64_t first, int64_t count,
              const float* bias) {
    int64_t begin = smaller(larger(-first, 0), count), end = larger(smaller(count, x.w - first), begin);
    int64_t lanes = part.lanes;
    clear(row, begin * lanes);
    clear(row + end * lanes, (count - end) * lanes);
    if (begin == end) return;
    const T* source = pixel<T>(x, part.n, part.c, y, first + begin);
    float* target = row + begin * lanes;
    if (x.stride_c == 1 && lanes > 1) {
        for (int64_t i = 0; i < end - begin; ++i, source += x.stride_w, target += lanes) {
            for (int64_t c = 0; c < lanes; c += LANES) {
                int64_t left = part.channels - c;
                Vec v = load(source + c, left);
                if (bias) v += load(bias + part.c + c, left);
                store(target + c, v);
            }
        }
        return;
    }
    if (part.channels < lanes) clear(target, (end - begin) * lanes);
    for (int64_t c = 0; c < part.channels; ++c, source += x.stride_c) {
        float b = bias ? bias[part.c + c] : 0.0f;
        if (x.stride_w == 1 && lanes == 1)
            for (int64_t i = 0; i < end - begin; ++i) target[i] = to_float(source[i]) + b;
        else
            for (int64_t i = 0; i < end - begin; ++i) target[i * lanes + c] = to_float(source[i * x.stride_w]) + b;
    }
}

struct VecActivation {
    Vec slope, gain, high, low, zero;

    explicit VecActivation(const Activation& act)
        : slope(broadcast(act.slope)),
          gain(broadcast(act.gain)),
          high(broadcast(act.clamp)),
          low(broadcast(-act.clamp)),
          zero(broadcast(0.0f)) {}

    // Comparisons are written so that NaN stays NaN.
    INLINE Vec operator()(Vec v) const {
        v = where_less(v, zero, v * slope, v) * gain;
        v = where_less(high, v, high, v);
        return where_less(v, low, low, v);
    }
};

INLINE float activate(float v, const Activation& act) {
    v = (v < 0 ? v * act.slope : v) * act.gain;
    v = v > act.clamp ? act.clamp : v;
    return v < -act.clamp ? -act.clamp : v;
}

INLINE void activate_row(float* RESTRICT row, int64_t count, const Activation& act) {
    VecActivation function(act);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) store(row + i, function(load(row + i)));
    for (; i < count; ++i) row[i] = activate(row[i], act);
}

// Write `columns` pixels of `source`, with `channels` of them and strides in floats, to row y of the picture from
// column x on, through the tail.
template <typename T, typename S>
void finish_row(const S* source, int64_t source_x, int64_t source_c, const Image& out, const Part& part, int64_t y,
                int64_t x, int64_t columns, const Tail& tail) {
    T* target = pixel<T>(out, part.n, part.c, y, x);
    const float* noise = tail.noise ? tail.noise + part.n * tail.noise_stride_n + y * tail.noise_stride_h +
                                          x * tail.noise_stride_w
                                    : nullptr;
    const float* bias = tail.bias ? tail.bias + part.c : nullptr;
    const T* add = tail.add ? pixel<T>(*tail.add, part.n, part.c, y, x) : nullptr;
    int64_t add_x = tail.add ? tail.add->stride_w : 0, add_c = tail.add ? tail.add->stride_c : 0;
    VecActivation act(tail.act);
    if (out.stride_c == 1 && source_c == 1 && (!add || add_c == 1)) {
        for (int64_t i = 0; i < columns; ++i) {
            Vec level = broadcast(noise ? noise[i * tail.noise_stride_w] * tail.strength : 0.0f);
            for (int64_t c = 0; c < part.channels; c += LANES) {
                int64_t left = part.channels - c;
                Vec v = load(source + i * source_x + c, left) + level;
                if (bias) v += load(bias + c, left);
                v = act(v);
                if (add) v += load(add + i * add_x + c, left);
                store(target + i * out.stride_w + c, v, left);
            }
        }
        return;
    }
    bool dense = source_x == 1 && out.stride_w == 1 && (!noise || tail.noise_stride_w == 1) && (!add || add_x == 1);
    for (int64_t c = 0; c < part.channels; ++c) {
        const S* from = source + c * source_c;
        T* to = target + c * out.stride_c;
        float b = bias ? bias[c] : 0.0f;
        int64_t i = 0;
        for (; dense && i + LANES <= columns; i += LANES) {
            Vec v = load(from + i) + broadcast(b);
            if (noise) v += load(noise + i) * broadcast(tail.strength);
            v = act(v);
            if (add) v += load(add + c * add_c + i);
            store(to + i, v);
        }
        for (; i < columns; ++i) {
            float v = to_float(from[i * source_x]) + b;
            if (noise) v += noise[i * tail.noise_stride_w] * tail.strength;
            v = activate(v, tail.act);
            if (add) v += to_float(add[c * add_c + i * add_x]);
            put(to + i * out.stride_w, v);
        }
    }
}

}  // namespace
