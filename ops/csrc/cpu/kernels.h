// What the kernels take: plain pointers, sizes and strides, so that each unit can be compiled for its own instruction
// set without any header of torch. The same kernels exist once for each set; `select_kernels` takes the best one.
#pragma once

#include <cstdint>

namespace stylegan_ops {

enum class Type : int32_t { float32, bfloat16 };

// A tensor [N, C, H, W]. Strides count elements; any are allowed.
struct Image {
    void* data;
    Type type;
    int64_t n, c, h, w;
    int64_t stride_n, stride_c, stride_h, stride_w;
};

// A filter as it is correlated, gain included: `x` times `y`, or, where it does not separate, `full` [height, width].
struct Filter {
    const float* x;
    const float* y;
    const float* full;
    int64_t width, height;
};

// Leaky ReLU (a slope of 1 is none), gain and clamp (infinity is none).
struct Activation {
    float slope, gain, clamp;
};

// What happens to a result on its way to memory: noise and bias, activation, another picture.
struct Tail {
    const float* bias;   // [C] or null
    const float* noise;  // [N or 1, H, W] or null
    int64_t noise_stride_n, noise_stride_h, noise_stride_w;
    float strength;  // of the noise
    Activation act;
    const Image* add;  // as the result, or null
};

// A picture is cut into work items of `block` channels, `band` rows and `tile` columns of the result.
struct Tiling {
    int64_t block, band, tile;
    bool planar;  // few channels: vectors along x instead of along the channels; block is 1
};

struct Upfirdn2d {
    Image x, y;
    Filter f;
    int64_t up_x, up_y, down_x, down_y, pad_x, pad_y;  // padding before the first sample; negative crops
    Tail tail;
    Tiling tiling;
};

struct FilteredLrelu {
    Image x, y;
    Filter up, down;  // `up` separates
    int64_t up_x, up_y, down_x, down_y, pad_x, pad_y;
    const float* bias;  // [C] or null
    Activation act;
    Tiling tiling;
};

struct BiasAct {
    Image x, y;  // may be the same memory
    Tail tail;
};

enum class WeightOrder : int32_t { taps_last, inputs_last, outputs_last };  // [O, I, k], [O, k, I], [I, k, O]

struct Modulate {
    const float* weight;
    const float* styles;      // [I]
    const float* input_gain;  // [I] or null
    void* out;
    Type type;
    int64_t outputs, inputs, taps;
    WeightOrder from, to;  // both or neither outputs_last
    bool demodulate, normalize;
};

struct WinogradWeights {
    const float* weight;  // [O, I, 3, 3]
    int64_t stride_o, stride_i, stride_h, stride_w;
    const float* scale;  // [O] or null
    void* out;           // float32 [36, panels, I, panel], or bfloat16 [36, panels, I / 2, panel, 2], zero where I is odd
    Type type;
    int64_t outputs, inputs, panel;
};

struct Winograd {
    Image x, y;           // channels last
    const void* weights;  // as WinogradWeights leaves them
    Type type;            // of the weights, and so of what they are multiplied with
    int64_t panel;
    const float* scale_x;  // [N, I] or null
    const float* scale_y;  // [N, O] or null
    int64_t pad;           // on all sides
    Tail tail;
    int64_t block, panels;  // tiles and panels of an item
};

// Each runs the work items begin <= item < end, of as many as `..._items` tells.
struct Kernels {
    const char* name;
    bool multiplies_pairs;  // of bfloat16, in one instruction
    void (*upfirdn2d)(const Upfirdn2d&, int64_t begin, int64_t end);
    void (*filtered_lrelu)(const FilteredLrelu&, int64_t begin, int64_t end);
    void (*bias_act)(const BiasAct&, int64_t begin, int64_t end);
    void (*modulate)(const Modulate&, int64_t begin, int64_t end);
    void (*winograd_weights)(const WinogradWeights&, int64_t begin, int64_t end);
    void (*winograd)(const Winograd&, int64_t begin, int64_t end);
};

constexpr int64_t MAX_FILTER = 256;   // taps along an axis; the binding refuses more
constexpr int64_t OUTPUT_BLOCK = 64;  // outputs of a work item of `modulate` where they are last

inline int64_t items_of(const Image& y, const Tiling& t) {
    auto parts = [](int64_t size, int64_t part) { return (size + part - 1) / part; };
    return y.n * parts(y.c, t.block) * parts(y.h, t.band) * parts(y.w, t.tile);
}
inline int64_t items_of(const BiasAct& a) { return a.x.n * (a.x.stride_c == 1 ? a.x.h : a.x.c); }
inline int64_t items_of(const Modulate& a) {
    return a.from == WeightOrder::outputs_last ? (a.outputs + OUTPUT_BLOCK - 1) / OUTPUT_BLOCK : a.outputs;
}

inline int64_t items_of(const WinogradWeights& a) { return (a.outputs + a.panel - 1) / a.panel * a.inputs; }
inline int64_t items_of(const Winograd& a) {
    int64_t tiles = ((a.y.h + 3) / 4) * ((a.y.w + 3) / 4), outputs = a.panels * a.panel;
    return a.y.n * ((a.y.c + outputs - 1) / outputs) * ((tiles + a.block - 1) / a.block);
}

// The kernels for the best instruction set that this processor has.
const Kernels& select_kernels();

}  // namespace stylegan_ops
