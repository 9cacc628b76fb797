// Noise, bias, activation, gain and clamp without a filter.
#pragma once

#include "rows.h"

namespace {

template <typename T>
void bias_act_items(const BiasAct& a, int64_t begin, int64_t end) {
    const Image& x = a.x;
    bool channels_last = x.stride_c == 1;  // an item is a row of all channels, else a plane
    for (int64_t item = begin; item < end; ++item) {
        int64_t inner = channels_last ? x.h : x.c;
        Part part(a.y, Tiling{x.c, x.h, x.w, false}, 0);
        part.n = item / inner;
        if (!channels_last) part.c = item % inner, part.channels = 1;
        int64_t top = channels_last ? item % inner : 0, bottom = channels_last ? top + 1 : x.h;
        for (int64_t y = top; y < bottom; ++y)
            finish_row<T>(pixel<const T>(x, part.n, part.c, y, 0), x.stride_w, x.stride_c, a.y, part, y, 0, x.w,
                          a.tail);
    }
}

void bias_act(const BiasAct& a, int64_t begin, int64_t end) {
    if (a.x.type == Type::float32)
        bias_act_items<float>(a, begin, end);
    else
        bias_act_items<Bfloat16>(a, begin, end);
}

}  // namespace
