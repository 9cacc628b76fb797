// The operations of the library as torch knows them: schemas, and the CPU kernels behind them.
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "cpu_allocator.h"
#include "cpu/kernels.h"
#include "cpu/tiling.h"

namespace {

using namespace stylegan_ops;
using at::IntArrayRef;
using at::Tensor;
using OptionalTensor = std::optional<Tensor>;

constexpr int64_t WINOGRAD_POINTS = 36;
constexpr int64_t WINOGRAD_BLOCK = 48;     // tiles at once: enough to use weights often, few enough for the cache
constexpr int64_t WINOGRAD_LEAST = 16;     // of them, where there is not enough to do for all threads
constexpr int64_t SERIAL_BELOW = 1 << 14;  // elements; threads would take longer to wake

const Kernels& kernels() {
    static const Kernels& selected = select_kernels();
    return selected;
}

// A strided view of up to four dimensions; missing ones are 1.
Image image_of(const Tensor& x) {
    TORCH_CHECK(x.device().is_cpu() && x.dim() >= 2 && x.dim() <= 4, "expected a CPU tensor of 2 to 4 dimensions");
    TORCH_CHECK(x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16, "expected float32 or bfloat16");
    auto size = [&](int64_t i) { return i < x.dim() ? x.size(i) : 1; };
    auto stride = [&](int64_t i) { return i < x.dim() ? x.stride(i) : 0; };
    Type type = x.scalar_type() == at::kFloat ? Type::float32 : Type::bfloat16;
    int64_t h = x.dim() == 4 ? 2 : 4, w = x.dim() == 4 ? 3 : 2;  // [N, C, W] has no rows
    // The stride of a single channel is arbitrary: none of channels-last's.
    int64_t stride_c = size(1) == 1 ? 0 : stride(1);
    return {x.data_ptr(), type, size(0), size(1), size(h), size(w), stride(0), stride_c, stride(h), stride(w)};
}

Tensor empty_as(const Tensor& x, int64_t h, int64_t w) {
    TORCH_CHECK(h > 0 && w > 0, "the filter covers more than there is");
    return at::empty({x.size(0), x.size(1), h, w}, x.options().memory_format(x.suggest_memory_format()));
}

// Small float32 vectors that a kernel reads, kept alive for the call.
Tensor values(const OptionalTensor& t, int64_t count, const char* name) {
    if (!t.has_value()) return {};
    TORCH_CHECK(t->device().is_cpu() && t->numel() == count, name, " has ", t->numel(), " values instead of ", count);
    return t->to(at::kFloat).contiguous();
}
const float* pointer(const Tensor& t) { return t.defined() ? t.const_data_ptr<float>() : nullptr; }

// Taps in the order of correlation, taken apart where a filter of two dimensions is a product.
struct Taps {
    std::vector<float> x, y, full;
    Filter filter;

    Taps(const OptionalTensor& f, bool flip, double gain) {
        Tensor taps = f.has_value() ? f->to(at::kFloat).contiguous() : Tensor();
        if (!taps.defined()) {
            x = {float(gain)}, y = {1.0f};
        } else if (taps.dim() == 1) {
            const float* p = taps.const_data_ptr<float>();
            x.assign(p, p + taps.numel());
            if (!flip) std::reverse(x.begin(), x.end());
            y = x;
            for (float& tap : x) tap = float(tap * gain);
        } else {
            TORCH_CHECK(taps.dim() == 2, "a filter has 1 or 2 dimensions");
            const float* p = taps.const_data_ptr<float>();
            full.assign(p, p + taps.numel());
            if (!flip) std::reverse(full.begin(), full.end());
            for (float& tap : full) tap = float(tap * gain);
            separate(taps.size(0), taps.size(1));
        }
        int64_t width = full.empty() ? x.size() : taps.size(1), height = full.empty() ? y.size() : taps.size(0);
        TORCH_CHECK(width > 0 && height > 0 && width <= MAX_FILTER && height <= MAX_FILTER, "the filter is too large");
        filter = {x.data(), y.data(), full.empty() ? nullptr : full.data(), width, height};
    }
    Taps(const Taps&) = delete;

   private:
    void separate(int64_t height, int64_t width) {
        auto largest = std::max_element(full.begin(), full.end(), [](float a, float b) { return std::abs(a) < std::abs(b); });
        int64_t row = (largest - full.begin()) / width, column = (largest - full.begin()) % width;
        double peak = *largest;
        if (!(std::abs(peak) > 0)) return;
        for (int64_t j = 0; j < width; ++j) x.push_back(full[row * width + j]);
        for (int64_t i = 0; i < height; ++i) y.push_back(float(full[i * width + column] / peak));
        for (int64_t i = 0; i < height; ++i)
            for (int64_t j = 0; j < width; ++j)
                if (!(std::abs(double(x[j]) * y[i] - full[i * width + j]) <= 1e-7 * std::abs(peak))) {
                    x.clear(), y.clear();
                    return;
                }
        full.clear();
    }
};

Activation activation(double slope, double gain, std::optional<double> clamp) {
    return {float(slope), float(gain), float(clamp.value_or(std::numeric_limits<double>::infinity()))};
}

template <typename Args>
void run(void (*kernel)(const Args&, int64_t, int64_t), const Args& args, int64_t items, int64_t elements) {
    int64_t grain = elements < SERIAL_BELOW ? items : 1;
    at::parallel_for(0, items, std::max<int64_t>(grain, 1), [&](int64_t begin, int64_t end) { kernel(args, begin, end); });
}

// What a tail needs of its tensors, kept alive for the call.
struct TailInputs {
    Tensor bias, noise;
    Tail tail;

    TailInputs(const Image& y, const OptionalTensor& b, const OptionalTensor& noise_map, const OptionalTensor& strength,
               Activation act)
        : bias(values(b, y.c, "the bias")), tail{pointer(bias), nullptr, 0, 0, 0, 1.0f, act, nullptr} {
        if (!noise_map.has_value()) return;
        noise = noise_map->to(at::kFloat);
        if (noise.dim() == 2) noise = noise.unsqueeze(0).unsqueeze(0);
        TORCH_CHECK(noise.device().is_cpu() && noise.dim() == 4 && noise.size(1) == 1 && noise.size(2) == y.h &&
                        noise.size(3) == y.w && (noise.size(0) == 1 || noise.size(0) == y.n),
                    "the noise is not as large as the picture");
        tail.noise = noise.const_data_ptr<float>();
        tail.noise_stride_n = noise.size(0) == 1 ? 0 : noise.stride(0);
        tail.noise_stride_h = noise.stride(2);
        tail.noise_stride_w = noise.stride(3);
        if (strength.has_value()) tail.strength = strength->item().toFloat();
    }
    TailInputs(const TailInputs&) = delete;
};

Tensor filter_image(const Tensor& x, const Taps& taps, IntArrayRef up, IntArrayRef down, IntArrayRef padding,
                    const OptionalTensor& b, const OptionalTensor& noise, const OptionalTensor& strength,
                    Activation act, const OptionalTensor& add) {
    TORCH_CHECK(x.dim() == 4, "expected [N, C, H, W]");
    const Filter& f = taps.filter;
    int64_t width = x.size(3) * up[0] + padding[0] + padding[1] - f.width + 1;
    int64_t height = x.size(2) * up[1] + padding[2] + padding[3] - f.height + 1;
    Tensor y = empty_as(x, (height + down[1] - 1) / down[1], (width + down[0] - 1) / down[0]);
    if (y.numel() == 0) return y;
    Upfirdn2d args{image_of(x), image_of(y), f,    up[0], up[1], down[0], down[1], padding[0],
                   padding[2],  {},          {}};
    TailInputs inputs(args.y, b, noise, strength, act);
    args.tail = inputs.tail;
    Image other;
    if (add.has_value()) {
        TORCH_CHECK(add->sizes() == y.sizes() && add->scalar_type() == y.scalar_type(), "what is added is not alike");
        other = image_of(*add);
        args.tail.add = &other;
    }
    int64_t rows = f.height / up[1] + 3;  // the ring, a row between the passes, the result
    args.tiling = make_tiling(args.x, args.y, std::max(rows * down[0] / up[0], int64_t(2)), 64, at::get_num_threads());
    run(kernels().upfirdn2d, args, items_of(args.y, args.tiling), y.numel());
    return y;
}

Tensor upfirdn2d(const Tensor& x, const OptionalTensor& f, IntArrayRef up, IntArrayRef down, IntArrayRef padding,
                 bool flip_filter, double gain, const OptionalTensor& add) {
    Taps taps(f, flip_filter, gain);
    return filter_image(x, taps, up, down, padding, {}, {}, {}, activation(1, 1, {}), add);
}

void bias_act_into(const Tensor& y, const Tensor& x, const OptionalTensor& b, const OptionalTensor& noise,
                   const OptionalTensor& strength, Activation act) {
    if (x.numel() == 0) return;
    BiasAct args{image_of(x), image_of(y), {}};
    TailInputs inputs(args.y, b, noise, strength, act);
    args.tail = inputs.tail;
    run(kernels().bias_act, args, items_of(args), x.numel());
}

Tensor fir_bias_act(const Tensor& x, const OptionalTensor& f, const OptionalTensor& b, const OptionalTensor& noise,
                    const OptionalTensor& strength, IntArrayRef padding, bool flip_filter, double filter_gain,
                    double slope, double gain, std::optional<double> clamp) {
    Activation act = activation(slope, gain, clamp);
    bool padded = padding[0] || padding[1] || padding[2] || padding[3];
    if (f.has_value() || padded || filter_gain != 1)
        return filter_image(x, Taps(f, flip_filter, filter_gain), {1, 1}, {1, 1}, padding, b, noise, strength, act, {});
    Tensor y = at::empty_like(x, x.options().memory_format(x.suggest_memory_format()));
    bias_act_into(y, x, b, noise, strength, act);
    return y;
}

void bias_act_(const Tensor& x, const OptionalTensor& b, const OptionalTensor& noise, const OptionalTensor& strength,
               double slope, double gain, std::optional<double> clamp) {
    bias_act_into(x, x, b, noise, strength, activation(slope, gain, clamp));
}

Tensor filtered_lrelu(const Tensor& x, const OptionalTensor& fu, const OptionalTensor& fd, const OptionalTensor& b,
                      IntArrayRef up, IntArrayRef down, IntArrayRef padding, double gain, double slope,
                      std::optional<double> clamp, bool flip_filter) {
    TORCH_CHECK(x.dim() == 4, "expected [N, C, H, W]");
    Taps enlarge(fu, flip_filter, double(up[0] * up[1])), reduce(fd, flip_filter, 1);
    TORCH_CHECK(!enlarge.filter.full, "the up-sampling filter has to separate");
    int64_t width = x.size(3) * up[0] + padding[0] + padding[1] - enlarge.filter.width - reduce.filter.width + 2;
    int64_t height = x.size(2) * up[1] + padding[2] + padding[3] - enlarge.filter.height - reduce.filter.height + 2;
    Tensor y = empty_as(x, (height + down[1] - 1) / down[1], (width + down[0] - 1) / down[0]);
    if (y.numel() == 0) return y;
    Tensor bias = values(b, x.size(1), "the bias");
    FilteredLrelu args{image_of(x), image_of(y), enlarge.filter, reduce.filter,
                       up[0],       up[1],       down[0],        down[1],
                       padding[0],  padding[2],  pointer(bias),  activation(slope, gain, clamp),
                       {}};
    // Rows that wait for the filter across them: of the result's width, or of the up-sampled one.
    int64_t waiting = reduce.filter.height * (reduce.filter.full ? down[0] : 1) + 2 * down[0];
    int64_t line = LINE / int64_t(x.element_size());
    args.tiling = make_tiling(args.x, args.y, waiting, line, at::get_num_threads());
    run(kernels().filtered_lrelu, args, items_of(args.y, args.tiling), y.numel());
    return y;
}

WeightOrder order_of(const Tensor& w) {
    if (w.is_contiguous()) return WeightOrder::taps_last;
    if (w.is_contiguous(at::MemoryFormat::ChannelsLast)) return WeightOrder::inputs_last;
    TORCH_CHECK(w.transpose(0, 1).is_contiguous(at::MemoryFormat::ChannelsLast),
                "the weights are neither contiguous nor channels_last");
    return WeightOrder::outputs_last;
}

Tensor modulate(const Tensor& weight, const Tensor& styles, const OptionalTensor& input_gain, bool demodulate,
                bool normalize, at::ScalarType dtype, at::MemoryFormat memory_format) {
    TORCH_CHECK(weight.dim() == 4 && weight.scalar_type() == at::kFloat && weight.device().is_cpu(),
                "weights are float32 [O, I, kh, kw] on the CPU");
    TORCH_CHECK(dtype == at::kFloat || dtype == at::kBFloat16, "modulated weights are float32 or bfloat16");
    int64_t outputs = weight.size(0), inputs = weight.size(1), taps = weight.size(2) * weight.size(3);
    Tensor s = values(styles, inputs, "the styles"), g = values(input_gain, inputs, "the input gain");
    WeightOrder from = order_of(weight);
    TORCH_CHECK(from != WeightOrder::outputs_last || memory_format == at::MemoryFormat::Preserve,
                "weights with the outputs last keep their layout");
    Tensor out = at::empty_like(weight, weight.options().dtype(dtype), memory_format);
    if (out.numel() == 0) return out;
    Type type = dtype == at::kFloat ? Type::float32 : Type::bfloat16;
    Modulate args{pointer(weight), pointer(s), pointer(g),    out.data_ptr(), type,       outputs,
                  inputs,          taps,       from,          order_of(out),  demodulate, normalize};
    if (from == WeightOrder::outputs_last) args.to = from;
    run(kernels().modulate, args, items_of(args), out.numel());
    return out;
}

// How many outputs share a panel: few are padded in vain, and many make the fewest passes over the inputs.
int64_t panel_of(int64_t outputs) {
    auto cost = [&](int64_t panel, double speed) { return double((outputs + panel - 1) / panel * panel) / speed; };
    int64_t best = cost(32, 0.97) < cost(64, 1) ? 32 : 64;
    return cost(16, 0.8) < cost(best, best == 64 ? 1 : 0.97) ? 16 : best;
}

Tensor winograd_weights(const Tensor& weight, const OptionalTensor& scale, at::ScalarType dtype) {
    TORCH_CHECK(weight.dim() == 4 && weight.size(2) == 3 && weight.size(3) == 3 && weight.scalar_type() == at::kFloat &&
                    weight.device().is_cpu(),
                "weights are float32 [O, I, 3, 3] on the CPU");
    TORCH_CHECK(dtype == at::kFloat || dtype == at::kBFloat16, "weights at the points are float32 or bfloat16");
    int64_t outputs = weight.size(0), inputs = weight.size(1), panel = panel_of(outputs);
    int64_t panels = (outputs + panel - 1) / panel;
    bool pairs = dtype == at::kBFloat16;
    auto options = weight.options().dtype(dtype);
    Tensor out = pairs ? at::empty({WINOGRAD_POINTS, panels, (inputs + 1) / 2, panel, 2}, options)
                       : at::empty({WINOGRAD_POINTS, panels, inputs, panel}, options);
    if (pairs && inputs % 2 == 1) out.zero_();
    Tensor factors = values(scale, outputs, "the scale of the outputs");
    WinogradWeights args{weight.const_data_ptr<float>(),
                         weight.stride(0),
                         weight.stride(1),
                         weight.stride(2),
                         weight.stride(3),
                         pointer(factors),
                         out.data_ptr(),
                         pairs ? Type::bfloat16 : Type::float32,
                         outputs,
                         inputs,
                         panel};
    run(kernels().winograd_weights, args, items_of(args), out.numel());
    return out;
}

// How many tiles and panels an item has, so that all threads have as much to do: few tiles read the weights too often.
void share_out(Winograd& a) {
    auto parts = [](int64_t size, int64_t part) { return (size + part - 1) / part; };
    int64_t threads = at::get_num_threads(), tiles = parts(a.y.h, 4) * parts(a.y.w, 4), panels = parts(a.y.c, a.panel);
    int64_t wanted = parts(threads, a.y.n);
    int64_t blocks = std::max(parts(tiles, WINOGRAD_BLOCK), std::min(parts(tiles, WINOGRAD_LEAST), wanted));
    if (blocks > wanted) blocks = parts(blocks, wanted) * wanted;
    a.block = parts(tiles, blocks);
    a.panels = parts(panels, std::min(panels, parts(wanted, blocks)));
}

Tensor winograd(const Tensor& x, const Tensor& weights, int64_t outputs, int64_t padding, const OptionalTensor& scale_x,
                const OptionalTensor& scale_y, const OptionalTensor& b, const OptionalTensor& noise,
                const OptionalTensor& strength, double slope, double gain, std::optional<double> clamp) {
    bool pairs = weights.scalar_type() == at::kBFloat16;
    int64_t panel = panel_of(outputs), panels = (outputs + panel - 1) / panel, inputs = x.size(1);
    std::vector<int64_t> expected{WINOGRAD_POINTS, panels, pairs ? (inputs + 1) / 2 : inputs, panel};
    if (pairs) expected.push_back(2);
    TORCH_CHECK(x.dim() == 4 && (pairs || weights.scalar_type() == at::kFloat) && weights.is_contiguous() &&
                    weights.sizes() == IntArrayRef(expected),
                "the weights are not those of winograd_weights for this picture");
    int64_t height = x.size(2) + 2 * padding - 2, width = x.size(3) + 2 * padding - 2;
    TORCH_CHECK(padding >= 0 && height > 0 && width > 0, "the weights cover more than there is");
    Tensor in = x.contiguous(at::MemoryFormat::ChannelsLast);
    Tensor y = at::empty({x.size(0), outputs, height, width}, x.options().memory_format(at::MemoryFormat::ChannelsLast));
    if (y.numel() == 0) return y;
    Tensor sx = values(scale_x, x.size(0) * x.size(1), "the scale of the inputs");
    Tensor sy = values(scale_y, x.size(0) * outputs, "the scale of the outputs");
    Winograd args{image_of(in), image_of(y), weights.const_data_ptr(), pairs ? Type::bfloat16 : Type::float32,
                  panel,        pointer(sx), pointer(sy),              padding};
    // A dimension of one channel or pixel has no stride of its own to tell the layout by.
    args.x.stride_c = args.y.stride_c = 1;
    TailInputs tail(args.y, b, noise, strength, activation(slope, gain, clamp));
    args.tail = tail.tail;
    share_out(args);
    run(kernels().winograd, args, items_of(args), y.numel());
    return y;
}

}  // namespace

TORCH_LIBRARY(stylegan_ops, m) {
    m.def("upfirdn2d(Tensor x, Tensor? f, int[2] up, int[2] down, int[4] padding, bool flip_filter, float gain, "
          "Tensor? add) -> Tensor");
    m.def("fir_bias_act(Tensor x, Tensor? f, Tensor? b, Tensor? noise, Tensor? strength, int[4] padding, "
          "bool flip_filter, float filter_gain, float slope, float gain, float? clamp) -> Tensor");
    m.def("bias_act_(Tensor(a!) x, Tensor? b, Tensor? noise, Tensor? strength, float slope, float gain, "
          "float? clamp) -> ()");
    m.def("filtered_lrelu(Tensor x, Tensor? fu, Tensor? fd, Tensor? b, int[2] up, int[2] down, int[4] padding, "
          "float gain, float slope, float? clamp, bool flip_filter) -> Tensor");
    m.def("modulate(Tensor weight, Tensor styles, Tensor? input_gain, bool demodulate, bool normalize, "
          "ScalarType dtype, MemoryFormat memory_format) -> Tensor");
    m.def("winograd_weights(Tensor weight, Tensor? scale, ScalarType dtype) -> Tensor");
    m.def("winograd(Tensor x, Tensor weights, int outputs, int padding, Tensor? scale_x, Tensor? scale_y, Tensor? b, "
          "Tensor? noise, Tensor? strength, float slope, float gain, float? clamp) -> Tensor");
    m.def("keep_blocks() -> ()", &keep_blocks);
    m.def("release_blocks() -> ()", &release_blocks);
    // Whether products of bfloat16 are faster than those of float32.
    m.def("multiplies_pairs() -> bool", [] { return kernels().multiplies_pairs; });
    m.def("instruction_set() -> str", [] { return std::string(kernels().name); });
}

TORCH_LIBRARY_IMPL(stylegan_ops, CPU, m) {
    m.impl("upfirdn2d", &upfirdn2d);
    m.impl("fir_bias_act", &fir_bias_act);
    m.impl("bias_act_", &bias_act_);
    m.impl("filtered_lrelu", &filtered_lrelu);
    m.impl("modulate", &modulate);
    m.impl("winograd_weights", &winograd_weights);
    m.impl("winograd", &winograd);
}
