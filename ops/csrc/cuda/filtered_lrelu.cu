// Up-sample, leaky ReLU, down-sample, for one tile of one channel in a block; the up-sampled tile never leaves the
// shared memory.
//
// Macros: TYPE; UP_X, UP_Y, DOWN_X, DOWN_Y; TAPS_UP; TAPS_DOWN_X, TAPS_DOWN_Y; RADIAL, 1: the down-sampling filter is
// 2-D; PHASE_X, PHASE_Y: the padding at the start, modulo UP; TILE_X, TILE_Y: samples of the result;
// SHARED: floats of shared memory.
#include "common.cuh"

constexpr int RUN_UP = 8;    // samples that a thread computes along the axis of a filter
constexpr int RUN_DOWN = 4;

struct FilteredLrelu {
    const TYPE* x;
    const float* b;   // [channels], or null
    const float* fu;  // [TAPS_UP], or null: one tap of 1
    const float* fd;  // [TAPS_DOWN_Y, TAPS_DOWN_X] if RADIAL, else [TAPS_DOWN_X], or null: one tap of 1
    TYPE* y;
    Strides x_strides, y_strides;
    int channels, width, height, out_width, out_height;
    int pad_x0, pad_y0;
    int tiles_x, tiles_y;
    int channels_first;  // blocks that run together differ in the channel: they then share the sectors of memory
    int flip;            // correlate with the filters as they are
    float gain, slope, clamp;
};

// Inputs that RUN outputs in a row need; output r and input i meet at tap i * UP + PHASE - r * DOWN.
template <int TAPS, int UP, int PHASE, int DOWN, int RUN>
constexpr int inputs_of_run = (TAPS - 1 + (RUN - 1) * DOWN - PHASE) / UP + 1;

template <int TAPS, int UP, int PHASE, int DOWN, int RUN>
DEVICE void filter_run(const float* in, int stride, const float (&taps)[TAPS], float (&out)[RUN]) {
#pragma unroll
    for (int i = 0; i < inputs_of_run<TAPS, UP, PHASE, DOWN, RUN>; ++i) {
        const float v = in[i * stride];
#pragma unroll
        for (int r = 0; r < RUN; ++r) {
            const int k = i * UP + PHASE - r * DOWN;
            if (k >= 0 && k < TAPS) out[r] += v * taps[k];
        }
    }
}

template <int TAPS>
DEVICE void copy_taps(const float* from, float (&taps)[TAPS]) {
#pragma unroll
    for (int k = 0; k < TAPS; ++k) taps[k] = from[k];
}

DEVICE constexpr int at_least(int a, int b) { return a > b ? a : b; }

// Samples of the tile at the high rate, in whole runs, and of x below it.
constexpr int UP_W = ((TILE_X - 1) * DOWN_X + TAPS_DOWN_X + RUN_UP - 1) / RUN_UP * RUN_UP;
constexpr int UP_H = ((TILE_Y - 1) * DOWN_Y + TAPS_DOWN_Y + RUN_UP - 1) / RUN_UP * RUN_UP;
constexpr int IN_W = (UP_W - RUN_UP) / UP_X + inputs_of_run<TAPS_UP, UP_X, PHASE_X, 1, RUN_UP>;
constexpr int IN_H = (UP_H - RUN_UP) / UP_Y + inputs_of_run<TAPS_UP, UP_Y, PHASE_Y, 1, RUN_UP>;

// Rows are an odd number of floats apart, so that the threads of a column meet different banks.
constexpr int IN_PITCH = IN_W | 1, UP_PITCH = UP_W | 1, DOWN_PITCH = TILE_X | 1;

// Two stores take turns: x, rows up-sampled, all up-sampled, rows down-sampled.
constexpr int EVEN = at_least(IN_H * IN_PITCH, UP_H * UP_PITCH);
constexpr int ODD = at_least(IN_H * UP_PITCH, RADIAL ? 0 : UP_H * DOWN_PITCH);
constexpr int TAPS_DOWN = RADIAL ? TAPS_DOWN_X * TAPS_DOWN_Y : TAPS_DOWN_X;
static_assert(SHARED == TAPS_UP + TAPS_DOWN + EVEN + ODD, "the launch plans another shared memory");
static_assert(TILE_X * DOWN_X % UP_X == 0 && TILE_Y * DOWN_Y % UP_Y == 0, "the phase differs from tile to tile");
static_assert(RUN_UP % UP_X == 0 && RUN_UP % UP_Y == 0, "the phase differs from run to run");
static_assert(TILE_X % RUN_DOWN == 0 && TILE_Y % RUN_DOWN == 0, "a tile is no whole number of runs");

struct Tile {
    int n, c;
    int x, y;  // of the first sample of the result
};

DEVICE Tile tile_of_block(const FilteredLrelu& p) {
    const int tiles = p.tiles_x * p.tiles_y, block = blockIdx.x;
    const int tile = p.channels_first ? block / p.channels % tiles : block % tiles;
    const int c = p.channels_first ? block % p.channels : block / tiles % p.channels;
    return {block / tiles / p.channels, c, tile % p.tiles_x * TILE_X, tile / p.tiles_x * TILE_Y};
}

DEVICE void load(const FilteredLrelu& p, const Tile& tile, float* up_taps, float* down_taps, float* in) {
    for (int i = threadIdx.x; i < TAPS_UP; i += THREADS) {
        up_taps[i] = !p.fu ? 1.0f : p.fu[p.flip ? i : TAPS_UP - 1 - i];
    }
    for (int i = threadIdx.x; i < TAPS_DOWN; i += THREADS) {
        const float tap = !p.fd ? 1.0f : p.fd[p.flip ? i : TAPS_DOWN - 1 - i];
        down_taps[RADIAL ? i % TAPS_DOWN_X * TAPS_DOWN_Y + i / TAPS_DOWN_X : i] = tap;  // 2-D: column by column
    }
    const TYPE* plane = p.x + offset(p.x_strides, tile.n, tile.c, 0, 0);
    const float bias = p.b ? p.b[tile.c] : 0.0f;
    const int first_x = (tile.x * DOWN_X - p.pad_x0 + PHASE_X) / UP_X;  // no remainder
    const int first_y = (tile.y * DOWN_Y - p.pad_y0 + PHASE_Y) / UP_Y;
    for (int i = threadIdx.x; i < IN_H * IN_W; i += THREADS) {
        const int x = first_x + i % IN_W, y = first_y + i / IN_W;
        const bool inside = x >= 0 && x < p.width && y >= 0 && y < p.height;
        const float v = inside ? to_float(plane[y * p.x_strides.y + x * p.x_strides.x]) + bias : 0.0f;
        in[i / IN_W * IN_PITCH + i % IN_W] = v;
    }
}

DEVICE void up_sample_rows(const float* in, const float* up_taps, float* rows) {
    float taps[TAPS_UP];
    copy_taps(up_taps, taps);
    for (int i = threadIdx.x; i < IN_H * (UP_W / RUN_UP); i += THREADS) {
        const int row = i % IN_H, x = i / IN_H * RUN_UP;
        float out[RUN_UP] = {};
        filter_run<TAPS_UP, UP_X, PHASE_X, 1, RUN_UP>(in + row * IN_PITCH + x / UP_X, 1, taps, out);
#pragma unroll
        for (int r = 0; r < RUN_UP; ++r) rows[row * UP_PITCH + x + r] = out[r];
    }
}

DEVICE void up_sample_columns_and_activate(const FilteredLrelu& p, const float* rows, const float* up_taps, float* up) {
    float taps[TAPS_UP];
    copy_taps(up_taps, taps);
    for (int i = threadIdx.x; i < UP_W * (UP_H / RUN_UP); i += THREADS) {
        const int x = i % UP_W, y = i / UP_W * RUN_UP;
        float out[RUN_UP] = {};
        filter_run<TAPS_UP, UP_Y, PHASE_Y, 1, RUN_UP>(rows + y / UP_Y * UP_PITCH + x, UP_PITCH, taps, out);
#pragma unroll
        for (int r = 0; r < RUN_UP; ++r) {
            const float v = out[r] * (UP_X * UP_Y);
            up[(y + r) * UP_PITCH + x] = clamped((v < 0 ? v * p.slope : v) * p.gain, p.clamp);
        }
    }
}

DEVICE void down_sample_rows(const float* up, const float* down_taps, float* rows) {
    float taps[TAPS_DOWN_X];
    copy_taps(down_taps, taps);
    for (int i = threadIdx.x; i < UP_H * (TILE_X / RUN_DOWN); i += THREADS) {
        const int row = i % UP_H, x = i / UP_H * RUN_DOWN;
        float out[RUN_DOWN] = {};
        filter_run<TAPS_DOWN_X, 1, 0, DOWN_X, RUN_DOWN>(up + row * UP_PITCH + x * DOWN_X, 1, taps, out);
#pragma unroll
        for (int r = 0; r < RUN_DOWN; ++r) rows[row * DOWN_PITCH + x + r] = out[r];
    }
}

// The last step: along columns of the rows that are already down-sampled, or by the whole 2-D filter.
DEVICE void down_sample_and_write(const FilteredLrelu& p, const Tile& tile, const float* in, const float* down_taps) {
    float taps[TAPS_DOWN_Y];
    copy_taps(down_taps, taps);
    TYPE* plane = p.y + offset(p.y_strides, tile.n, tile.c, 0, 0);
    for (int i = threadIdx.x; i < TILE_X * (TILE_Y / RUN_DOWN); i += THREADS) {
        const int x = i % TILE_X, y = i / TILE_X * RUN_DOWN;
        float out[RUN_DOWN] = {};
        if (RADIAL) {
            for (int k = 0; k < TAPS_DOWN_X; ++k) {
                copy_taps(down_taps + k * TAPS_DOWN_Y, taps);
                const float* column = in + y * DOWN_Y * UP_PITCH + x * DOWN_X + k;
                filter_run<TAPS_DOWN_Y, 1, 0, DOWN_Y, RUN_DOWN>(column, UP_PITCH, taps, out);
            }
        } else {
            const float* column = in + y * DOWN_Y * DOWN_PITCH + x;
            filter_run<TAPS_DOWN_Y, 1, 0, DOWN_Y, RUN_DOWN>(column, DOWN_PITCH, taps, out);
        }
#pragma unroll
        for (int r = 0; r < RUN_DOWN; ++r) {
            const int to_x = tile.x + x, to_y = tile.y + y + r;
            if (to_x >= p.out_width || to_y >= p.out_height) continue;
            store(plane + to_y * p.y_strides.y + to_x * p.y_strides.x, out[r]);
        }
    }
}

KERNEL filtered_lrelu(const FilteredLrelu p) {
    SHARED_MEMORY(shared);
    float* up_taps = shared;
    float* down_taps = up_taps + TAPS_UP;
    float* even = down_taps + TAPS_DOWN;
    float* odd = even + EVEN;
    const Tile tile = tile_of_block(p);

    load(p, tile, up_taps, down_taps, even);
    BARRIER();
    up_sample_rows(even, up_taps, odd);
    BARRIER();
    up_sample_columns_and_activate(p, odd, up_taps, even);
    BARRIER();
    if (!RADIAL) {
        down_sample_rows(even, down_taps, odd);
        BARRIER();
    }
    down_sample_and_write(p, tile, RADIAL ? even : odd, down_taps);
}
