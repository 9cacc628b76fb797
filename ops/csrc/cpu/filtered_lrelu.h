// Bias, up-sampling, leaky ReLU, down-sampling. Of the up-sampled picture only one row (or, under a filter that does
// not separate, as many as the filter has) of one block of channels exists at a time, in the cache.
#pragma once

#include <cmath>

#include "upfirdn2d.h"

namespace {

template <typename T>
void filtered_lrelu_part(const FilteredLrelu& a, const Part& part) {
    // The part of the up-sampled picture under this part of the result.
    int64_t wide_x = part.x * a.down_x, wide_columns = (part.columns - 1) * a.down_x + a.down.width;
    Steps up{a.up_x, 1, wide_x - a.pad_x}, down{1, a.down_x, 0};
    Columns columns(wide_columns, a.up.width, up);
    bool separable = !a.down.full;

    int64_t in_rows = (a.up.height + a.up_y - 1) / a.up_y;
    int64_t in_floats = Scratch::padded(columns.count * part.lanes);
    int64_t wide_floats = Scratch::padded(wide_columns * part.lanes);
    int64_t out_floats = Scratch::padded(part.columns * part.lanes);
    // What waits for the filter across rows: rows that are down-sampled along x already, if the filter separates.
    int64_t waiting_floats = separable ? out_floats : wide_floats;
    Scratch scratch(in_rows * in_floats + in_floats + Scratch::padded(wide_columns + a.up_x) + wide_floats +
                    a.down.height * waiting_floats + out_floats);
    Ring ring{scratch.take(in_rows * in_floats), in_rows, in_floats, 0};
    float* across = scratch.take(in_floats);
    RowFilter enlarge{a.up, up, wide_columns, part.lanes, columns, across, scratch.take(wide_columns + a.up_x)};
    float* wide = scratch.take(wide_floats);
    Ring waiting{scratch.take(a.down.height * waiting_floats), a.down.height, waiting_floats, part.y * a.down_y};
    float* out = scratch.take(out_floats);
    const Tail none{nullptr, nullptr, 0, 0, 0, 0, {1.0f, 1.0f, INFINITY}, nullptr};

    for (int64_t y = part.y; y < part.y + part.rows; ++y) {
        int64_t top = y * a.down_y;
        for (int64_t v = larger(waiting.next, top); v < top + a.down.height; ++v) {
            Rows rows(v - a.pad_y, a.up.height, a.up_y, a.x.h);
            rows.fetch<T>(ring, a.x, part, columns, a.bias);
            float* row = separable ? wide : waiting.slot(v);
            enlarge.run(row, rows);
            activate_row(row, wide_columns * part.lanes, a.act);
            if (separable)
                horizontal(waiting.slot(v), part.columns, row, 0, a.down.x, a.down.width, down, part.lanes, nullptr,
                           false);
            waiting.next = v + 1;
        }
        const float* rows[MAX_FILTER];
        for (int64_t t = 0; t < a.down.height; ++t) rows[t] = waiting.slot(top + t);
        if (separable)
            vertical(out, rows, a.down.y, a.down.height, part.columns * part.lanes, false);
        else
            for (int64_t t = 0; t < a.down.height; ++t)
                horizontal(out, part.columns, rows[t], 0, a.down.full + t * a.down.width, a.down.width, down,
                           part.lanes, nullptr, t > 0);
        finish_row<T>(out, part.lanes, int64_t(1), a.y, part, y, part.x, part.columns, none);
    }
}

void filtered_lrelu(const FilteredLrelu& a, int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
        Part part(a.y, a.tiling, item);
        if (a.x.type == Type::float32)
            filtered_lrelu_part<float>(a, part);
        else
            filtered_lrelu_part<Bfloat16>(a, part);
    }
}

}  // namespace
