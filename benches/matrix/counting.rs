//! Counts allocations and allocated bytes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The number of allocations, and their size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    pub(crate) allocations: i64,
    pub(crate) bytes: i64,
}

/// Calls a function, and returns its result and the memory that it allocated.
pub(crate) fn counting<T>(call: impl FnOnce() -> T) -> (T, Memory) {
    let before = MEMORY.get();
    let done = call();
    let after = MEMORY.get();
    let memory = Memory {
        allocations: after.allocations - before.allocations,
        bytes: after.bytes - before.bytes,
    };
    (done, memory)
}

thread_local! {
    /// Initialized at compile time and without a destructor, so that counting does not allocate.
    static MEMORY: Cell<Memory> = const { Cell::new(Memory { allocations: 0, bytes: 0 }) };
}

/// The allocator of the system, with counters.
struct Counting;

impl Counting {
    #[expect(clippy::cast_possible_wrap, reason = "sizes are at most `isize::MAX`")]
    fn count(bytes: usize) {
        let mut memory = MEMORY.get();
        memory.allocations += 1;
        memory.bytes += bytes as i64;
        MEMORY.set(memory);
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[expect(
    unsafe_code,
    reason = "an allocator needs it; each call is forwarded unchanged"
)]
// SAFETY: each call is forwarded to `System`, which fulfills the contract. Counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size());
        // SAFETY: the caller fulfills the contract of the same method.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size());
        // SAFETY: the caller fulfills the contract of the same method.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count(size);
        // SAFETY: the caller fulfills the contract of the same method.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller fulfills the contract of the same method.
        unsafe { System.dealloc(block, layout) }
    }
}
