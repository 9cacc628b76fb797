// Convolutions with 3x3 weights by the minimal filtering of Winograd: F(4x4, 3x3) with the points 0, +-sqrt(1/2),
// +-sqrt(2) and infinity (Lavin and Gray 2016; these points lose a third of a digit, 0, +-1 and +-2 a whole one).
// A tile of 4x4 results takes 36 products a pair of channels instead of 144. The channels of x and of the result may
// be scaled on the way, so that one set of weights serves every style.
#pragma once

#include "rows.h"

namespace {

constexpr int64_t TILE = 4, WINDOW = 6, POINTS = WINDOW * WINDOW;
constexpr float ROOT = 1.41421356237309504880f, HALF_ROOT = ROOT / 2;

// What each transform does along one axis: six samples to six points, six points to four samples.
INLINE void to_points(const Vec* RESTRICT d, Vec* RESTRICT out) {
    Vec two = broadcast(2.0f), half = broadcast(0.5f), five = broadcast(-2.5f);
    Vec root = broadcast(ROOT), half_root = broadcast(HALF_ROOT), minus = broadcast(-1.0f);
    out[0] = d[0] + five * d[2] + d[4];
    Vec even = d[4] + minus * two * d[2], odd = half_root * d[3] + minus * root * d[1];
    out[1] = even + odd, out[2] = even + minus * odd;
    even = d[4] + minus * half * d[2], odd = root * d[3] + minus * half_root * d[1];
    out[3] = even + odd, out[4] = even + minus * odd;
    out[5] = d[1] + five * d[3] + d[5];
}
INLINE void from_points(const Vec* RESTRICT m, Vec* RESTRICT out) {
    Vec two = broadcast(2.0f), half = broadcast(0.5f), minus = broadcast(-1.0f);
    Vec near = m[1] + m[2], near_odd = broadcast(HALF_ROOT) * (m[1] + minus * m[2]);
    Vec far = m[3] + m[4], far_odd = broadcast(ROOT) * (m[3] + minus * m[4]);
    out[0] = m[0] + near + far;
    out[1] = near_odd + far_odd;
    out[2] = half * near + two * far;
    out[3] = half * near_odd + two * far_odd + m[5];
}

// How the factors of products lie in memory: one input after the other, or in pairs.
constexpr int64_t inputs_at_once(const float*) { return 1; }
constexpr int64_t inputs_at_once(const Bfloat16*) { return 2; }
INLINE Vec load_factors(const float* p) { return load(p); }
INLINE Pairs load_factors(const Bfloat16* p) { return load_pairs(p); }
INLINE Vec broadcast_factor(const float* p) { return broadcast(*p); }
INLINE Pairs broadcast_factor(const Bfloat16* p) { return broadcast_pair(p); }

// Weights [O, I, 3, 3] at the points, for one panel of outputs: [POINTS][panels][I / at once][panel][at once].
template <typename W>
void weights_to_points(const WinogradWeights& a, W* to, int64_t begin, int64_t end) {
    constexpr int64_t together = inputs_at_once(static_cast<W*>(nullptr));
    constexpr double third = 1.0 / 3, root = 1.41421356237309504880;
    static const double at_points[WINDOW][3] = {{1, 0, 0},
                                                {-2 * third, -root * third, -third},
                                                {-2 * third, root * third, -third},
                                                {third / 2, root * third / 2, third},
                                                {third / 2, -root * third / 2, third},
                                                {0, 0, 1}};
    int64_t panels = (a.outputs + a.panel - 1) / a.panel, steps = (a.inputs + together - 1) / together;
    for (int64_t item = begin; item < end; ++item) {  // an item is an input of a panel
        int64_t p = item / a.inputs, i = item % a.inputs;
        for (int64_t column = 0; column < a.panel; column += LANES) {  // panels are whole vectors
            int64_t o = p * a.panel + column, have = smaller(LANES, larger(0, a.outputs - o));
            double taps[3][3][LANES] = {}, rows[WINDOW][3][LANES];
            for (int64_t lane = 0; lane < have; ++lane) {
                const float* from = a.weight + (o + lane) * a.stride_o + i * a.stride_i;
                double scale = a.scale ? double(a.scale[o + lane]) : 1.0;
                for (int64_t y = 0; y < 3; ++y)
                    for (int64_t x = 0; x < 3; ++x) taps[y][x][lane] = scale * from[y * a.stride_h + x * a.stride_w];
            }
            for (int64_t k = 0; k < WINDOW; ++k)
                for (int64_t x = 0; x < 3; ++x)
                    for (int64_t lane = 0; lane < LANES; ++lane)
                        rows[k][x][lane] = at_points[k][0] * taps[0][x][lane] + at_points[k][1] * taps[1][x][lane] +
                                           at_points[k][2] * taps[2][x][lane];
            for (int64_t k = 0; k < POINTS; ++k) {
                const double* along = at_points[k % WINDOW];
                W* out = to + (((k * panels + p) * steps + i / together) * a.panel + column) * together + i % together;
                for (int64_t lane = 0; lane < LANES; ++lane) {
                    auto& row = rows[k / WINDOW];
                    put(out + lane * together,
                        float(row[0][lane] * along[0] + row[1][lane] * along[1] + row[2][lane] * along[2]));
                }
            }
        }
    }
}

void winograd_weights(const WinogradWeights& a, int64_t begin, int64_t end) {
    if (a.type == Type::float32)
        weights_to_points(a, static_cast<float*>(a.out), begin, end);
    else
        weights_to_points(a, static_cast<Bfloat16*>(a.out), begin, end);
}

// result[tile][o] = sum over i of u[tile][i] v[i][o], for ROWS tiles and VECTORS vectors of outputs.
template <int ROWS, int VECTORS, typename W>
INLINE void multiply_few(const W* RESTRICT u, int64_t stride_u, const W* RESTRICT v, int64_t stride_v, int64_t inputs,
                         float* RESTRICT result, int64_t stride) {
    constexpr int64_t together = inputs_at_once(static_cast<W*>(nullptr));
    Vec sums[ROWS][VECTORS];
    UNROLL
    for (int r = 0; r < ROWS; ++r)
        UNROLL
        for (int j = 0; j < VECTORS; ++j) sums[r][j] = broadcast(0.0f);
    for (int64_t i = 0; i < inputs; i += together, v += stride_v) {
        decltype(load_factors(v)) weights[VECTORS];
        UNROLL
        for (int j = 0; j < VECTORS; ++j) weights[j] = load_factors(v + j * LANES * together);
        UNROLL
        for (int r = 0; r < ROWS; ++r) {
            auto value = broadcast_factor(u + r * stride_u + i);
            UNROLL
            for (int j = 0; j < VECTORS; ++j) add_products(sums[r][j], value, weights[j]);
        }
    }
    UNROLL
    for (int r = 0; r < ROWS; ++r)
        UNROLL
        for (int j = 0; j < VECTORS; ++j) store(result + r * stride + j * LANES, sums[r][j]);
}

template <int ROWS, int VECTORS, typename W>
void multiply(const W* u, int64_t stride_u, const W* v, int64_t stride_v, int64_t inputs, float* result,
              int64_t stride, int64_t tiles) {
    int64_t t = 0;
    for (; t + ROWS <= tiles; t += ROWS)
        multiply_few<ROWS, VECTORS>(u + t * stride_u, stride_u, v, stride_v, inputs, result + t * stride, stride);
    for (; t + 4 <= tiles; t += 4)
        multiply_few<4, VECTORS>(u + t * stride_u, stride_u, v, stride_v, inputs, result + t * stride, stride);
    for (; t < tiles; ++t)
        multiply_few<1, VECTORS>(u + t * stride_u, stride_u, v, stride_v, inputs, result + t * stride, stride);
}

// A panel of outputs, with as many sums at once as there are registers for.
template <typename W>
void multiply_panel(const W* u, int64_t stride_u, const W* v, int64_t panel, int64_t inputs, float* result,
                    int64_t stride, int64_t tiles) {
    constexpr int64_t together = inputs_at_once(static_cast<W*>(nullptr));
    int64_t stride_v = panel * together;
#if defined(__AVX512F__)
    if (panel == 64) return multiply<6, 4>(u, stride_u, v, stride_v, inputs, result, stride, tiles);
    if (panel == 32) return multiply<12, 2>(u, stride_u, v, stride_v, inputs, result, stride, tiles);
    multiply<14, 1>(u, stride_u, v, stride_v, inputs, result, stride, tiles);
#else
    for (int64_t o = 0; o < panel; o += 2 * LANES)
        multiply<6, 2>(u, stride_u, v + o * together, stride_v, inputs, result + o, stride, tiles);
#endif
}

// Which tiles and outputs an item has, and where they lie.
struct Tiles {
    int64_t n, first, count, across, first_output, outputs;

    Tiles(const Winograd& a, int64_t item) {
        across = (a.y.w + TILE - 1) / TILE;
        int64_t all = across * ((a.y.h + TILE - 1) / TILE), blocks = (all + a.block - 1) / a.block;
        int64_t most = a.panels * a.panel, groups = (a.y.c + most - 1) / most;
        first = item % blocks * a.block;
        count = smaller(a.block, all - first);
        first_output = item / blocks % groups * most;
        outputs = smaller(most, a.y.c - first_output);
        n = item / blocks / groups;
    }
    int64_t y(int64_t t) const { return (first + t) / across * TILE; }
    int64_t x(int64_t t) const { return (first + t) % across * TILE; }
};

// The windows of x at the points: [POINTS][block][lanes].
template <typename T, typename W>
void tiles_to_points(const Winograd& a, const Tiles& tiles, W* RESTRICT u, int64_t lanes) {
    const float* scale = a.scale_x ? a.scale_x + tiles.n * a.x.c : nullptr;
    for (int64_t t = 0; t < tiles.count; ++t) {
        int64_t top = tiles.y(t) - a.pad, left = tiles.x(t) - a.pad;
        for (int64_t c = 0; c < a.x.c; c += LANES) {
            int64_t have = a.x.c - c;
            Vec factor = scale ? load(scale + c, have) : broadcast(1.0f);
            Vec rows[WINDOW][WINDOW];  // [row at a point][column]
            for (int64_t j = 0; j < WINDOW; ++j) {
                Vec column[WINDOW], out[WINDOW];
                for (int64_t i = 0; i < WINDOW; ++i) {
                    bool inside = top + i >= 0 && top + i < a.x.h && left + j >= 0 && left + j < a.x.w;
                    column[i] = inside ? load(pixel<const T>(a.x, tiles.n, c, top + i, left + j), have) * factor
                                       : broadcast(0.0f);
                }
                to_points(column, out);
                for (int64_t i = 0; i < WINDOW; ++i) rows[i][j] = out[i];
            }
            for (int64_t i = 0; i < WINDOW; ++i) {
                Vec out[WINDOW];
                to_points(rows[i], out);
                for (int64_t j = 0; j < WINDOW; ++j)
                    store(u + ((i * WINDOW + j) * a.block + t) * lanes + c, out[j]);
            }
        }
    }
}

// From the points back to pixels, and through the tail into y. m: [POINTS][block][columns], spare: [TILE][TILE][columns]
template <typename T>
void tiles_from_points(const Winograd& a, const Tiles& tiles, const float* RESTRICT m, float* RESTRICT spare,
                       int64_t columns) {
    const float* scale = a.scale_y ? a.scale_y + tiles.n * a.y.c + tiles.first_output : nullptr;
    Part part(a.y, Tiling{a.y.c, a.y.h, a.y.w, false}, tiles.n);
    part.c = tiles.first_output, part.channels = tiles.outputs;
    for (int64_t t = 0; t < tiles.count; ++t) {
        for (int64_t c = 0; c < tiles.outputs; c += LANES) {
            Vec factor = scale ? load(scale + c, tiles.outputs - c) : broadcast(1.0f);
            Vec rows[TILE][WINDOW];
            for (int64_t j = 0; j < WINDOW; ++j) {
                Vec column[WINDOW], out[TILE];
                for (int64_t i = 0; i < WINDOW; ++i)
                    column[i] = load(m + ((i * WINDOW + j) * a.block + t) * columns + c);
                from_points(column, out);
                for (int64_t i = 0; i < TILE; ++i) rows[i][j] = out[i];
            }
            for (int64_t i = 0; i < TILE; ++i) {
                Vec out[TILE];
                from_points(rows[i], out);
                for (int64_t j = 0; j < TILE; ++j) store(spare + (i * TILE + j) * columns + c, out[j] * factor);
            }
        }
        int64_t y = tiles.y(t), x = tiles.x(t);
        for (int64_t i = 0; i < smaller(TILE, a.y.h - y); ++i)
            finish_row<T>(spare + i * TILE * columns, columns, 1, a.y, part, y + i, x, smaller(TILE, a.y.w - x),
                          a.tail);
    }
}

// T: of the pictures, W: at the points.
template <typename T, typename W>
void winograd_items(const Winograd& a, int64_t begin, int64_t end) {
    constexpr int64_t together = inputs_at_once(static_cast<W*>(nullptr));
    int64_t lanes = (a.x.c + LANES - 1) / LANES * LANES, columns = a.panels * a.panel;
    int64_t panels = (a.y.c + a.panel - 1) / a.panel, inputs = (a.x.c + together - 1) / together * together;
    int64_t points_x = POINTS * a.block * lanes, points_y = POINTS * a.block * columns;
    Scratch scratch(Scratch::padded(points_x) + Scratch::padded(points_y) + TILE * TILE * columns);
    W* u = reinterpret_cast<W*>(scratch.take(points_x));
    float *m = scratch.take(points_y), *spare = scratch.take(TILE * TILE * columns);
    const W* weights = static_cast<const W*>(a.weights);
    for (int64_t item = begin; item < end; ++item) {
        Tiles tiles(a, item);
        tiles_to_points<T>(a, tiles, u, lanes);
        for (int64_t k = 0; k < POINTS; ++k)
            for (int64_t o = 0; o < tiles.outputs; o += a.panel)
                multiply_panel(u + k * a.block * lanes, lanes,
                               weights + (k * panels * a.panel + tiles.first_output + o) * inputs, a.panel, inputs,
                               m + k * a.block * columns + o, columns, tiles.count);
        tiles_from_points<T>(a, tiles, m, spare, columns);
    }
}

void winograd(const Winograd& a, int64_t begin, int64_t end) {
    bool is_float = a.x.type == Type::float32;
    if (a.type == Type::bfloat16)
        is_float ? winograd_items<float, Bfloat16>(a, begin, end) : winograd_items<Bfloat16, Bfloat16>(a, begin, end);
    else
        is_float ? winograd_items<float, float>(a, begin, end) : winograd_items<Bfloat16, float>(a, begin, end);
}

}  // namespace
