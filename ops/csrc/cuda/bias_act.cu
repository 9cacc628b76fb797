// Bias, activation, gain and clamp of each element, or the gradient of that.
//
// Macros: TYPE; ACT; INDEX, an unsigned integer that counts all elements; PACK, elements a thread moves at once;
// GRADIENT, 1: `y` gets the gradient of x from the gradient `dy` of the result.
#include "activations.cuh"

struct BiasAct {
    const TYPE* x;
    const float* b;  // or null
    const TYPE* dy;  // or null
    TYPE* y;         // may be x
    long long count;
    long long step;   // elements of memory from one channel to the next
    long long channels;
    float alpha, gain, clamp;
};

struct alignas(sizeof(TYPE) * PACK) Pack { TYPE values[PACK]; };

DEVICE void one(const BiasAct& p, INDEX i, const TYPE& x, const TYPE* dy, TYPE* y) {
    const INDEX channel = i / static_cast<INDEX>(p.step) % static_cast<INDEX>(p.channels);
    const float v = to_float(x) + (p.b ? p.b[channel] : 0.0f);
    const float out = activate<ACT>(v, p.alpha) * p.gain;
#if GRADIENT
    const bool limited = out > p.clamp || out < -p.clamp;
    store(y, limited ? 0.0f : to_float(*dy) * derivative<ACT>(v, p.alpha) * p.gain);
#else
    store(y, clamped(out, p.clamp));
#endif
}

KERNEL bias_act(const BiasAct p) {
    const INDEX first = (static_cast<INDEX>(blockIdx.x) * THREADS + threadIdx.x) * PACK;
    const INDEX count = static_cast<INDEX>(p.count);
    if (first >= count) return;
    if (count - first < PACK) {  // the end of the tensor
        for (INDEX i = first; i < count; ++i) one(p, i, p.x[i], p.dy + (GRADIENT ? i : 0), p.y + i);
        return;
    }
    const Pack x = *reinterpret_cast<const Pack*>(p.x + first);
    Pack dy = x, y;
    if (GRADIENT) dy = *reinterpret_cast<const Pack*>(p.dy + first);
#pragma unroll
    for (int i = 0; i < PACK; ++i) one(p, first + i, x.values[i], dy.values + i, y.values + i);
    *reinterpret_cast<Pack*>(p.y + first) = y;
}
