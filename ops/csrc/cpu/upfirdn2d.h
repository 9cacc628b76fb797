// Up-sample, filter, down-sample, and the tail of a layer, in one pass over memory.
#pragma once

#include "fir.h"

namespace {

// Columns of a picture that a filter along x meets, for some outputs.
struct Columns {
    int64_t first, count;

    Columns(int64_t outputs, int64_t taps, Steps steps) {
        first = ceil_div(steps.offset, steps.up);
        int64_t last = floor_div((outputs - 1) * steps.down + steps.offset + taps - 1, steps.up);
        count = larger(last - first + 1, 0);
    }
};

// Rows of a picture that a filter across them meets at up-sampled row p, and the taps that meet them.
struct Rows {
    const float* row[MAX_FILTER];
    int64_t tap[MAX_FILTER];
    int64_t count = 0;

    Rows(int64_t p, int64_t height, int64_t up, int64_t picture_height)
        : phase(p, height, up),
          begin(larger(phase.sample, 0)),
          end(smaller(phase.sample + phase.count, picture_height)),
          up(up) {}

    // Loads what the ring does not hold yet. Rows outside the picture are zero, so they are left out.
    template <typename T>
    void fetch(Ring& ring, const Image& x, const Part& part, Columns columns, const float* bias) {
        for (int64_t y = larger(begin, ring.next); y < end; ++y) {
            load_row<T>(ring.slot(y), x, part, y, columns.first, columns.count, bias);
            ring.next = y + 1;
        }
        for (int64_t y = begin; y < end; ++y, ++count) {
            row[count] = ring.slot(y);
            tap[count] = phase.tap + (y - phase.sample) * up;
        }
    }

   private:
    Phase phase;
    int64_t begin, end, up;
};

// One row, filtered by f across rows and along x: out [outputs][lanes].
struct RowFilter {
    Filter f;
    Steps steps;
    int64_t outputs, lanes;
    Columns columns;
    float* across;  // room for a row between the two passes
    float* spare;

    static int64_t scratch(int64_t columns, int64_t outputs, int64_t lanes, Steps steps) {
        return Scratch::padded(columns * lanes) + Scratch::padded(outputs + steps.up);
    }

    void run(float* out, const Rows& rows) const {
        if (f.full) {
            for (int64_t i = 0; i < rows.count; ++i) {
                const float* taps = f.full + rows.tap[i] * f.width;
                horizontal(out, outputs, rows.row[i], columns.first, taps, f.width, steps, lanes, spare, i > 0);
            }
            if (rows.count == 0) clear(out, outputs * lanes);
            return;
        }
        const float* row = rows.row[0];
        if (f.height > 1 || f.y[0] != 1 || rows.count == 0) {
            float factors[MAX_FILTER];
            for (int64_t i = 0; i < rows.count; ++i) factors[i] = f.y[rows.tap[i]];
            vertical(across, rows.row, factors, rows.count, columns.count * lanes, false);
            row = across;
        }
        horizontal(out, outputs, row, columns.first, f.x, f.width, steps, lanes, spare, false);
    }
};

template <typename T>
void upfirdn2d_part(const Upfirdn2d& a, const Part& part) {
    Steps steps{a.up_x, a.down_x, part.x * a.down_x - a.pad_x};
    Columns columns(part.columns, a.f.width, steps);
    int64_t ring_rows = (a.f.height + a.up_y - 1) / a.up_y;
    int64_t row_floats = Scratch::padded(columns.count * part.lanes);
    int64_t out_floats = Scratch::padded(part.columns * part.lanes);
    Scratch scratch(ring_rows * row_floats + out_floats +
                    RowFilter::scratch(columns.count, part.columns, part.lanes, steps));
    Ring ring{scratch.take(ring_rows * row_floats), ring_rows, row_floats, 0};
    float* out = scratch.take(out_floats);
    float* across = scratch.take(row_floats);
    RowFilter filter{a.f, steps, part.columns, part.lanes, columns, across, scratch.take(part.columns + a.up_x)};
    for (int64_t y = part.y; y < part.y + part.rows; ++y) {
        Rows rows(y * a.down_y - a.pad_y, a.f.height, a.up_y, a.x.h);
        rows.fetch<T>(ring, a.x, part, columns, nullptr);
        filter.run(out, rows);
        finish_row<T>(out, part.lanes, int64_t(1), a.y, part, y, part.x, part.columns, a.tail);
    }
}

void upfirdn2d(const Upfirdn2d& a, int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
        Part part(a.y, a.tiling, item);
        if (a.x.type == Type::float32)
            upfirdn2d_part<float>(a, part);
        else
            upfirdn2d_part<Bfloat16>(a, part);
    }
}

}  // namespace
