// How the work is cut: parts that keep a core's own cache busy and no more, and enough of them for all threads.
#pragma once

#include "kernels.h"

namespace stylegan_ops {

constexpr int64_t CACHE_FLOATS = 64 * 1024;  // 256 KiB, half of the smallest second-level cache of recent years
constexpr int64_t PARTS_PER_THREAD = 4;      // so that a thread that is held up costs little
constexpr int64_t MIN_BAND = 16;             // rows; each band filters the rows at its edge again
constexpr int64_t MIN_TILE = 32;
constexpr int64_t FEW_CHANNELS = 8;  // below, vectors along x are better filled than vectors of channels
constexpr int64_t LINE = 64;         // bytes

inline int64_t parts_of(int64_t size, int64_t part) { return (size + part - 1) / part; }
inline int64_t even_part(int64_t size, int64_t at_most) { return parts_of(size, parts_of(size, at_most)); }

// floats_per_column: what one channel keeps in the cache for a column of the result. max_block: channels.
inline Tiling make_tiling(const Image& x, const Image& y, int64_t floats_per_column, int64_t max_block, int threads) {
    bool channels_last = x.stride_c == 1 && y.stride_c == 1;
    if (y.c < FEW_CHANNELS && !channels_last)
        return Tiling{1, y.h, y.w, true};
    int64_t line = LINE / (x.type == Type::float32 ? 4 : 2);
    int64_t block = y.c <= line ? y.c : even_part(parts_of(y.c, line), channels_last ? max_block / line : 1) * line;
    int64_t fitting = CACHE_FLOATS / (floats_per_column * block);
    int64_t tile = even_part(y.w, fitting > MIN_TILE ? fitting : MIN_TILE);
    int64_t items = y.n * parts_of(y.c, block) * parts_of(y.w, tile), wanted = PARTS_PER_THREAD * threads;
    int64_t bands = threads == 1 || items >= wanted ? 1 : parts_of(wanted, items);
    int64_t band = parts_of(y.h, bands);
    return Tiling{block, band > MIN_BAND ? band : (y.h < MIN_BAND ? y.h : MIN_BAND), tile, false};
}

}  // namespace stylegan_ops
