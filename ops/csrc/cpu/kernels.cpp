// The kernels for one instruction set: this file is compiled once for each, with INSTRUCTION_SET naming it.
#include "bias_act.h"
#include "filtered_lrelu.h"
#include "modulate.h"
#include "upfirdn2d.h"
#include "winograd.h"

#define JOIN(a, b) a##b
#define TABLE(name) JOIN(kernels_, name)
#define QUOTE(name) #name
#define TEXT(name) QUOTE(name)

namespace stylegan_ops {

extern const Kernels TABLE(INSTRUCTION_SET);
const Kernels TABLE(INSTRUCTION_SET) = {TEXT(INSTRUCTION_SET), MULTIPLIES_PAIRS, ::upfirdn2d,         ::filtered_lrelu,
                                        ::bias_act,            ::modulate,       ::winograd_weights, ::winograd};

}  // namespace stylegan_ops
