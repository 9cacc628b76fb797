// The activations and their derivatives, numbered as in ops.bias_act.ACTIVATIONS.
#pragma once

#include "common.cuh"

enum Activation { LINEAR, RELU, LRELU, TANH, SIGMOID, ELU, SELU, SOFTPLUS, SWISH };

constexpr float SELU_SCALE = 1.0507009873554805f;
constexpr float SELU_ALPHA = 1.6732632423543772f;
constexpr float SOFTPLUS_LINEAR_FROM = 20.0f;

DEVICE float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

template <int WHICH>
DEVICE float activate(float x, float alpha) {
    switch (WHICH) {
        case RELU: return x < 0 ? 0.0f : x;
        case LRELU: return x < 0 ? x * alpha : x;
        case TANH: return tanhf(x);
        case SIGMOID: return sigmoid(x);
        case ELU: return x > 0 ? x : expm1f(x);
        case SELU: return SELU_SCALE * (x > 0 ? x : SELU_ALPHA * expm1f(x));
        case SOFTPLUS: return x > SOFTPLUS_LINEAR_FROM ? x : log1pf(expf(x));
        case SWISH: return x * sigmoid(x);
        default: return x;
    }
}

template <int WHICH>
DEVICE float derivative(float x, float alpha) {
    switch (WHICH) {
        case RELU: return x > 0 ? 1.0f : 0.0f;
        case LRELU: return x > 0 ? 1.0f : alpha;
        case TANH: return 1.0f - tanhf(x) * tanhf(x);
        case SIGMOID: return sigmoid(x) * (1.0f - sigmoid(x));
        case ELU: return x > 0 ? 1.0f : expf(x);
        case SELU: return SELU_SCALE * (x > 0 ? 1.0f : SELU_ALPHA * expf(x));
        case SOFTPLUS: return x > SOFTPLUS_LINEAR_FROM ? 1.0f : sigmoid(x);
        case SWISH: return sigmoid(x) * (1.0f + x * (1.0f - sigmoid(x)));
        default: return 1.0f;
    }
}
