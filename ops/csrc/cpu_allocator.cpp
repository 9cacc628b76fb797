// Memory for large tensors in blocks of their own, kept for the next tensor of about the same size. A frame takes and
// drops the same sizes as the one before it: fresh pages cost half of a large network's time, and in a heap that keeps
// them the holes between tensors that stay add up. Hardly more is held than was in use at one time: what is too much is
// taken from the ends of blocks, and no more of them than necessary, as each page that goes costs a fresh one later.
#include "cpu_allocator.h"

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
constexpr size_t WASTE = 16;                   // a tensor that is smaller by more than this part gets a block of its own
constexpr size_t SPARE = size_t(1) << 24;      // what may be held besides
constexpr size_t HEAP_SPARE = size_t(1) << 26; // of what is no large tensor, at the end of the heap
constexpr int MAPPINGS = 1 << 16;              // the most that glibc makes of it, its own default
constexpr size_t PAGE = 4096;                  // at which every block begins, and few other things

// Memory with addresses to grow into. Behind what is held there are no pages.
struct Block {
    char* data;
    size_t held, reserved;
    size_t used = 0;  // by a tensor
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
        while (!free_.empty()) unmap(largest());
        most_ = live_;
    }

   private:
    using Place = std::vector<Block>::iterator;

    static size_t rounded(size_t bytes) { return (bytes + UNIT - 1) / UNIT * UNIT; }

    void* take(size_t size) {
        std::lock_guard<std::mutex> lock(mutex_);
        size_t most = std::max(most_, live_ + size);
        Block block = block_for(size, most + SPARE);
        TORCH_CHECK(block.data != nullptr, "DefaultCPUAllocator: can't allocate memory: you tried to allocate ", size,
                    " bytes.");
        block.used = size;
        live_ += size;
        most_ = most;
        taken_[block.data] = block;
        return block.data;
    }

    // A free block, as it is or with more pages, or a new one.
    Block block_for(size_t size, size_t limit) {
        auto fits = free_.end(), grows = free_.end();  // the smallest that is large enough; the largest that is not
        for (auto block = free_.begin(); block != free_.end(); ++block) {
            if (block->held >= size && (fits == free_.end() || block->held < fits->held)) fits = block;
            if (block->held < size && block->reserved >= size && (grows == free_.end() || block->held > grows->held))
                grows = block;
        }
        bool is_wasteful = fits == free_.end() || fits->held > size + size / WASTE;
        if (is_wasteful && held_ + size <= limit) {
            Block block = map(size);
            if (block.data != nullptr) return block;
        }
        if (fits != free_.end()) return remove(fits);
        Block block{nullptr, 0, 0};
        if (grows != free_.end()) block = remove(grows);
        while (held_ + size - block.held > limit && shed(held_ + size - block.held - limit)) {}
        if (block.data == nullptr) {
            block = map(size);
            while (block.data == nullptr && !free_.empty()) unmap(largest()), block = map(size);
            return block;
        }
        held_ += size - block.held;
        block.held = size;
        expect_huge_pages(block);
        return block;
    }

    // Also of memory that was taken before there were blocks.
    static void drop(void* data);
    bool give_back(void* data) {
        if (reinterpret_cast<uintptr_t>(data) % PAGE != 0) return false;
        std::lock_guard<std::mutex> lock(mutex_);
        auto found = taken_.find(data);
        if (found == taken_.end()) return false;
        live_ -= found->second.used;
        found->second.used = 0;
        free_.push_back(found->second);
        taken_.erase(found);
        return true;
    }

    Block map(size_t size) {
        for (size_t reserved : {2 * size, size}) {
            size_t align = size < HUGE_PAGE ? 0 : HUGE_PAGE;
            char* start = static_cast<char*>(mmap(nullptr, reserved + align, PROT_READ | PROT_WRITE,
                                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
            if (start == MAP_FAILED) continue;
            if (align > 0) {
                size_t before = (align - reinterpret_cast<uintptr_t>(start) % align) % align;
                if (before > 0) munmap(start, before);
                if (align > before) munmap(start + before + reserved, align - before);
                start += before;
            }
            Block block{start, size, reserved};
            expect_huge_pages(block);
            held_ += size;
            return block;
        }
        return {nullptr, 0, 0};
    }

    // Whole ones only, or a page would reach beyond what is held.
    static void expect_huge_pages(const Block& block) {
        size_t whole = block.held / HUGE_PAGE * HUGE_PAGE;
        if (whole > 0) madvise(block.data, whole, MADV_HUGEPAGE);
    }

    // Give back about so many bytes that no tensor uses, of one block. Returns whether there were any.
    bool shed(size_t bytes) {
        for (auto& [data, block] : taken_)
            if (block.held >= block.used + HUGE_PAGE) return cut(block, std::max(block.used, kept_of(block, bytes)));
        if (free_.empty()) return false;
        auto block = largest();
        size_t kept = kept_of(*block, bytes);
        return kept < HUGE_PAGE ? unmap(block) : cut(*block, kept);
    }

    // What is left of a block without so many bytes, in whole huge pages.
    static size_t kept_of(const Block& block, size_t bytes) {
        return block.held > bytes ? (block.held - bytes) / HUGE_PAGE * HUGE_PAGE : 0;
    }

    bool cut(Block& block, size_t held) {
        madvise(block.data + held, block.held - held, MADV_DONTNEED);
        held_ -= block.held - held;
        block.held = held;
        return true;
    }

    Place largest() {
        return std::max_element(free_.begin(), free_.end(), [](auto& a, auto& b) { return a.held < b.held; });
    }

    Block remove(Place place) {
        Block block = *place;
        free_.erase(place);
        return block;
    }

    bool unmap(Place place) {
        Block block = remove(place);
        munmap(block.data, block.reserved);
        held_ -= block.held;
        return true;
    }

    c10::Allocator* others_;
    std::mutex mutex_;
    std::unordered_map<void*, Block> taken_;
    std::vector<Block> free_;
    size_t live_ = 0, held_ = 0, most_ = 0;  // bytes in use, bytes of all blocks, the most that were in use at once
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
    // A process that kept large tensors in the heap needs that no more. What is large and no tensor, such as pictures,
    // textures and files, comes and goes in mappings of its own: in the heap it would leave holes that add up.
    mallopt(M_MMAP_THRESHOLD, int(LEAST));
    mallopt(M_MMAP_MAX, MAPPINGS);
    mallopt(M_TRIM_THRESHOLD, int(HEAP_SPARE));
    mallopt(M_TOP_PAD, int(LEAST));
    malloc_trim(0);
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
