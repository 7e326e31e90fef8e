//! `evaluate`, walking the headers of its decision, and asking for the verdict allocate nothing: counted, in every case of
//! the table.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "to panic is how a test fails"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use omnicors_core::adapter::{EchoedField, missing_from_vary, prepared_values};
use omnicors_core::{Decision, FieldValue, Policy, PolicyConfig, RequestParts, evaluate};
use omnicors_tests::cases::{self, Case};

#[test]
fn no_case_makes_evaluate_allocate() {
    let table = cases::load();
    for case in &table.cases {
        let policy = &table.policies[&case.policy];
        let ((), allocations) = counting(|| serve(policy, case));
        assert_eq!(allocations, 0, "`{}`", case.name);
    }
    println!("allocations: 0 in {} cases", table.cases.len());
}

#[test]
fn what_allocates_is_counted() {
    let (boxed, allocations) = counting(|| Box::new(black_box(1)));
    assert_eq!(allocations, 1);
    drop(boxed);

    let mut list = vec![1_u64];
    let ((), allocations) = counting(|| list.resize(black_box(1_000), 1));
    assert_eq!(allocations, 1, "growing is an allocation too");

    let (zeroed, allocations) = counting(|| vec![0_u8; black_box(10)]);
    assert_eq!(allocations, 1, "zeroed memory is an allocation too");
    drop(zeroed);

    // In the very place that is measured: explaining a decision makes text of it.
    let table = cases::load();
    for case in &table.cases {
        let policy = &table.policies[&case.policy];
        let parts = RequestParts::read(policy, &case.request.method, &case.request.lines);
        let (explanation, allocations) = counting(|| policy.explain(&parts));
        assert!(allocations > 0, "{explanation}");
    }

    let ((), allocations) = counting(|| {});
    assert_eq!(allocations, 0);
}

#[test]
fn a_million_origins_take_at_most_32_bytes_each_beyond_their_text() {
    const COUNT: usize = 1_000_000;
    let before = LIVE_BYTES.get();
    let origins = (0..COUNT).map(|number| format!("https://tenant-{number}.example"));
    let text: usize = origins.clone().map(|origin| origin.len()).sum();
    let policy = PolicyConfig::new().allow_origins(origins).build().unwrap();
    let held = usize::try_from(LIVE_BYTES.get() - before).unwrap();
    assert_eq!(policy.origins().unwrap().len(), COUNT);
    assert!(held >= text + 8 * COUNT, "they are held: {held}");
    let each = (held - text).div_ceil(COUNT);
    assert!(each <= 32, "{each}");
    drop(policy);
    assert_eq!(LIVE_BYTES.get(), before, "all is given back");
    println!("allocations: a million exact origins hold {each} bytes each beyond their text");
}

/// All that a server asks of the core for one request.
fn serve(policy: &Policy, case: &Case) {
    let mut parts = RequestParts::read(policy, &case.request.method, &case.request.lines);
    if let (Some(verdict), Some(origin)) = (case.lookup, policy.origin_to_look_up(&parts)) {
        black_box((
            origin.as_str(),
            origin.host(),
            origin.is_potentially_trustworthy(),
        ));
        parts = parts.lookup_result(verdict);
    }
    let decision = evaluate(policy, &parts);
    if let Decision::Respond { status, .. } = decision {
        black_box(status);
    }
    for removed in decision.headers().removed() {
        black_box(removed.as_str());
        for (name, _) in &case.application_lines {
            black_box(removed.matches(name));
        }
    }
    for line in decision.headers() {
        black_box((
            line.name.as_str(),
            line.value.as_bytes(),
            line.value.as_str(),
        ));
        if let FieldValue::Echo(EchoedField::RequestHeaders(index), _) = line.value {
            black_box(index);
        }
        let theirs = || {
            let lines = case.application_lines.iter();
            lines
                .filter(|(name, _)| name.eq_ignore_ascii_case("vary"))
                .map(|(_, value)| value.as_bytes())
        };
        for missing in missing_from_vary(line.value.as_str(), theirs) {
            black_box(missing);
        }
    }
    black_box(decision.verdict().is_allowed());
    black_box(decision.verdict_with_credentials().is_allowed());
    for text in prepared_values(policy) {
        black_box(text);
    }
}

/// Runs `f`, and tells how often memory was asked for.
fn counting<T>(f: impl FnOnce() -> T) -> (T, u64) {
    let before = ALLOCATIONS.get();
    let result = f();
    (result, ALLOCATIONS.get() - before)
}

thread_local! {
    /// Of this thread alone, since tests run beside each other. Without a destructor, and made at compile time, so that
    /// to count allocates nothing itself.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };

    /// What this thread has asked for and not given back; less than nothing where it gave back what another asked for.
    static LIVE_BYTES: Cell<i64> = const { Cell::new(0) };
}

/// The system's allocator, which counts.
struct Counting;

impl Counting {
    fn count() {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
    }

    /// Sizes are below `isize::MAX`.
    #[expect(clippy::cast_possible_wrap, reason = "as said above")]
    fn hold(asked: usize, given_back: usize) {
        LIVE_BYTES.set(LIVE_BYTES.get() + asked as i64 - given_back as i64);
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
        Self::count();
        Self::hold(layout.size(), 0);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count();
        Self::hold(layout.size(), 0);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        Self::hold(size, layout.size());
        // SAFETY: the caller's promise is handed on.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        Self::hold(0, layout.size());
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(block, layout) }
    }
}
