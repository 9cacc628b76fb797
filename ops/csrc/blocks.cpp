// Memory for large tensors in blocks of their own, kept for the next tensor of about the same size. A frame takes and
// drops the same sizes as the one before it: fresh pages cost half of a large network's time, and in a heap that keeps
// them the holes between tensors that stay add up. Hardly more is held than was in use at one time.
#include "blocks.h"

#if defined(__linux__)
#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>
#include <sys/mman.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace stylegan_ops {
namespace {

constexpr size_t LEAST = size_t(1) << 20;      // smaller tensors come from torch's own allocator
constexpr size_t HUGE_PAGE = size_t(1) << 21;  // where larger blocks begin
constexpr size_t UNIT = size_t(1) << 16;       // of the sizes of blocks
constexpr size_t WASTE = 16;                   // a block serves tensors that are smaller by less than this part
constexpr size_t SPARE = size_t(1) << 24;      // what may be held besides
constexpr size_t PAGE = 4096;                  // at which every block begins, and few other things

struct Block {
    void* data;
    size_t size;
};

class Blocks final : public c10::Allocator {
   public:
    explicit Blocks(c10::Allocator* others) : others_(others) {}

    c10::DataPtr allocate(size_t bytes) override {
        void* data = bytes < LEAST ? others_->raw_allocate(bytes) : take(rounded(bytes));
        return {data, data, &Blocks::drop, c10::Device(c10::DeviceType::CPU)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &Blocks::drop; }
    void copy_data(void* to, const void* from, size_t count) const override { default_copy_data(to, from, count); }

    void release() {
        std::lock_guard<std::mutex> lock(mutex_);
        while (!free_.empty()) unmap_largest();
        most_ = live_;
    }

   private:
    static size_t rounded(size_t bytes) { return (bytes + UNIT - 1) / UNIT * UNIT; }

    void* take(size_t size) {
        std::lock_guard<std::mutex> lock(mutex_);
        auto best = free_.end();
        for (auto block = free_.begin(); block != free_.end(); ++block)
            if (block->size >= size && block->size <= size + size / WASTE && (best == free_.end() || block->size <= best->size))
                best = block;
        void* data = nullptr;
        if (best != free_.end()) {
            data = best->data, size = best->size;
            kept_ -= size;
            free_.erase(best);
        } else {
            while (!free_.empty() && live_ + kept_ + size > std::max(most_, live_ + size) + SPARE) unmap_largest();
            data = map(size);
            TORCH_CHECK(data != nullptr, "DefaultCPUAllocator: can't allocate memory: you tried to allocate ", size,
                        " bytes.");
        }
        live_ += size;
        most_ = std::max(most_, live_);
        sizes_[data] = size;
        return data;
    }

    // Also of memory that was taken before there were blocks.
    static void drop(void* data);
    bool give_back(void* data) {
        if (reinterpret_cast<uintptr_t>(data) % PAGE != 0) return false;
        std::lock_guard<std::mutex> lock(mutex_);
        auto found = sizes_.find(data);
        if (found == sizes_.end()) return false;
        live_ -= found->second;
        kept_ += found->second;
        free_.push_back({data, found->second});
        sizes_.erase(found);
        return true;
    }

    void* map(size_t size) {
        void* data = try_to_map(size);
        while (data == nullptr && !free_.empty()) unmap_largest(), data = try_to_map(size);
        return data;
    }

    static void* try_to_map(size_t size) {
        size_t align = size < HUGE_PAGE ? 0 : HUGE_PAGE;
        char* start = static_cast<char*>(
            mmap(nullptr, size + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (start == MAP_FAILED) return nullptr;
        if (align == 0) return start;
        size_t before = (align - reinterpret_cast<uintptr_t>(start) % align) % align;
        if (before > 0) munmap(start, before);
        if (align > before) munmap(start + before + size, align - before);
        madvise(start + before, size, MADV_HUGEPAGE);
        return start + before;
    }

    void unmap_largest() {
        auto block = std::max_element(free_.begin(), free_.end(), [](auto& a, auto& b) { return a.size < b.size; });
        kept_ -= block->size;
        munmap(block->data, block->size);
        free_.erase(block);
    }

    c10::Allocator* others_;
    std::mutex mutex_;
    std::unordered_map<void*, size_t> sizes_;  // of the blocks in use
    std::vector<Block> free_;
    size_t live_ = 0, kept_ = 0, most_ = 0;  // bytes in use, bytes in `free_`, the most that were in use at once
};

Blocks* blocks = nullptr;  // lives as long as the process: tensors may be dropped at its very end

void Blocks::drop(void* data) {
    if (!blocks->give_back(data)) blocks->others_->raw_deallocate(data);
}

}  // namespace

void keep_blocks() {
    if (blocks != nullptr) return;
    blocks = new Blocks(c10::GetCPUAllocator());
    c10::SetCPUAllocator(blocks);
#if defined(__GLIBC__)
    malloc_trim(0);  // what large tensors left there is not needed any more
#endif
}

void release_blocks() {
    if (blocks != nullptr) blocks->release();
}

}  // namespace stylegan_ops

#else

namespace stylegan_ops {
void keep_blocks() {}
void release_blocks() {}
}  // namespace stylegan_ops

#endif
