// Blocks of memory for large tensors; on Linux, elsewhere torch's own allocator stays.
#pragma once

namespace stylegan_ops {

void keep_blocks();     // from now on, for the tensors of this process
void release_blocks();  // those that no tensor uses go back to the system

}  // namespace stylegan_ops
