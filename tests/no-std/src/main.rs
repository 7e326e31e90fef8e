//! A program without std: it builds a policy, evaluates a preflight, and reports by its exit status whether the decision
//! is correct.
//!
//! Linking it is the test: with std there would be two panic handlers. It only links the C library, for a `main` that
//! the C runtime calls.

#![no_std]
#![no_main]

extern crate alloc;

use alloc::string::ToString;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ffi::{c_char, c_int};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering};

use omnicors_core::{Decision, PolicyConfig, RequestParts, evaluate};

const SUCCESS: c_int = 0;
const FAILURE: c_int = 1;

#[link(name = "c")]
unsafe extern "C" {
    fn abort() -> !;
}

/// With an argument, the policy does not list the origin, so that the caller sees that a wrong decision is detected.
#[unsafe(no_mangle)]
pub extern "C" fn main(argument_count: c_int, _arguments: *const *const c_char) -> c_int {
    let allowed = if argument_count > 1 {
        "https://other.test"
    } else {
        "https://*.example.com"
    };
    if decides_correctly(allowed).is_some() {
        SUCCESS
    } else {
        FAILURE
    }
}

fn decides_correctly(allowed: &str) -> Option<()> {
    let policy = PolicyConfig::new()
        .allow_origins([allowed])
        .allow_methods(["PUT"])
        .allow_headers(["X-Api-Key"])
        .build()
        .ok()?;
    let request = RequestParts::new("OPTIONS")
        .origin("https://shop.example.com")
        .request_method("PUT")
        .request_headers("x-api-key");
    let decision = evaluate(&policy, &request);
    let Decision::Respond {
        status: 204,
        headers,
    } = decision
    else {
        return None;
    };
    let expected = [
        "access-control-allow-origin: https://shop.example.com",
        "access-control-allow-methods: GET, HEAD, POST, PUT",
        "access-control-allow-headers: x-api-key",
        "access-control-max-age: 600",
        "vary: Origin",
    ];
    let lines = headers.iter().map(|line| line.to_string());
    (lines.eq(expected) && decision.verdict().is_allowed()).then_some(())
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: `abort` takes no arguments and does not return.
    unsafe { abort() }
}

/// The precompiled `alloc` refers to these two functions for unwinding, which never happens here.
#[unsafe(no_mangle)]
pub extern "C" fn rust_eh_personality() {}

/// See above.
#[unsafe(no_mangle)]
pub extern "C" fn _Unwind_Resume() -> ! {
    // SAFETY: `abort` takes no arguments and does not return.
    unsafe { abort() }
}

/// A bump allocator: it never reuses memory.
struct Bump {
    memory: UnsafeCell<[u8; Bump::SIZE]>,
    used: AtomicUsize,
}

impl Bump {
    const SIZE: usize = 64 * 1024;
}

// SAFETY: `used` is advanced atomically, so no two threads get the same bytes.
unsafe impl Sync for Bump {}

// SAFETY: each block is aligned, within the memory, and returned only once.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let base = self.memory.get().cast::<u8>();
        let mut start = 0;
        let advance = |used: usize| {
            let padding = base.wrapping_add(used).align_offset(layout.align());
            start = used.checked_add(padding)?;
            start
                .checked_add(layout.size())
                .filter(|end| *end <= Self::SIZE)
        };
        match self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, advance)
        {
            Ok(_) => base.wrapping_add(start),
            Err(_) => core::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static MEMORY: Bump = Bump {
    memory: UnsafeCell::new([0; Bump::SIZE]),
    used: AtomicUsize::new(0),
};
