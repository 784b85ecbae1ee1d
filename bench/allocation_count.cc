#include "allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> g_count = 0;
std::atomic<std::size_t> g_bytes = 0;

}  // namespace

namespace ghstats::bench {

Allocations allocations() {
  return {g_count.load(), g_bytes.load()};
}

}  // namespace ghstats::bench

// The array and nothrow forms of the standard library call these.
void* operator new(std::size_t size) {
  g_count.fetch_add(1, std::memory_order_relaxed);
  g_bytes.fetch_add(size, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
