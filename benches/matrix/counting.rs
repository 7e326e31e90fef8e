//! How often memory is asked for, and how much of it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What something asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) allocations: i64,
    pub(crate) bytes: i64,
}

/// Does it, and tells what it asked for.
pub(crate) fn counting<T>(what: impl FnOnce() -> T) -> (T, Asked) {
    let before = ASKED.get();
    let done = what();
    let after = ASKED.get();
    let asked = Asked {
        allocations: after.allocations - before.allocations,
        bytes: after.bytes - before.bytes,
    };
    (done, asked)
}

thread_local! {
    /// Without a destructor, and made at compile time, so that to count allocates nothing itself.
    static ASKED: Cell<Asked> = const { Cell::new(Asked { allocations: 0, bytes: 0 }) };
}

/// The system's allocator, which counts.
struct Counting;

impl Counting {
    /// Sizes are below `isize::MAX`.
    #[expect(clippy::cast_possible_wrap, reason = "as said above")]
    fn count(bytes: usize) {
        let mut asked = ASKED.get();
        asked.allocations += 1;
        asked.bytes += bytes as i64;
        ASKED.set(asked);
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[expect(
    unsafe_code,
    reason = "an allocator cannot be written without; each call is handed on as it came"
)]
// SAFETY: all is left to `System`, which keeps the contract; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size());
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size());
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count(size);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(block, layout) }
    }
}
