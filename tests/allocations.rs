//! Counts allocations: `evaluate`, iterating over the headers of its decision, and reading the verdict must not allocate, in
//! any case of the table. Neither must a choice of the policy by header.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
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
fn the_allocator_counts_allocations() {
    let (boxed, allocations) = counting(|| Box::new(black_box(1)));
    assert_eq!(allocations, 1);
    drop(boxed);

    let mut list = vec![1_u64];
    let ((), allocations) = counting(|| list.resize(black_box(1_000), 1));
    assert_eq!(allocations, 1, "growing a vector counts");

    let (zeroed, allocations) = counting(|| vec![0_u8; black_box(10)]);
    assert_eq!(allocations, 1, "zeroed memory counts");
    drop(zeroed);

    // The core's `explain` allocates, so the counter also works inside the core.
    let table = cases::load();
    for case in &table.cases {
        let policy = &table.policies[&case.policy];
        let parts = RequestParts::read(policy, &case.request.method, &case.request.fields);
        let (explanation, allocations) = counting(|| policy.explain(&parts));
        assert!(allocations > 0, "{explanation}");
    }

    let ((), allocations) = counting(|| {});
    assert_eq!(allocations, 0);
}

/// The kit, on which every adapter builds, makes the choice.
#[cfg(feature = "servers")]
#[test]
fn a_choice_by_header_allocates_only_for_the_first_request() {
    use omnicors_http::{PreparedPolicy, RequestHead, per_request};

    let policy = PolicyConfig::public_read_only().build().unwrap();
    let policy = PreparedPolicy::shared(policy);
    let source = per_request(move |request| {
        let is_known = request.header("x-tenant") == Some("acme");
        // Not every request reads the second name.
        let is_english = is_known && request.header("accept-language") == Some("en");
        is_english.then(|| policy.clone())
    });
    let request = |tenant| {
        let request = http::Request::get("/").header("x-tenant", tenant);
        let request = request.header("accept-language", "en");
        request.body(()).unwrap()
    };
    let requests = [request("acme"), request("other")];
    for source in [source.clone(), source.vary_on(["x-region"])] {
        for (round, request) in (0..3).flat_map(|round| requests.iter().map(move |it| (round, it)))
        {
            let head = RequestHead::from(request);
            let (has_policy, allocations) = counting(|| {
                let choice = source.choose(&head);
                assert!(!choice.vary_names.is_empty());
                choice.policy.is_some()
            });
            let tenant = &request.headers()["x-tenant"];
            assert_eq!(has_policy, tenant == "acme");
            assert_eq!(allocations > 0, round == 0, "{tenant:?}: {allocations}");
        }
    }
}

#[test]
fn a_million_origins_take_at_most_22_bytes_each_beyond_their_text() {
    const COUNT: usize = 1_000_000;
    let before = LIVE_BYTES.get();
    let origins = (0..COUNT).map(|number| format!("https://tenant-{number}.example"));
    let text: usize = origins.clone().map(|origin| origin.len()).sum();
    let policy = PolicyConfig::new().allow_origins(origins).build().unwrap();
    let held = usize::try_from(LIVE_BYTES.get() - before).unwrap();
    assert_eq!(policy.origins().unwrap().len(), COUNT);
    assert!(
        held >= text + 8 * COUNT,
        "the policy holds only {held} bytes"
    );
    let each = (held - text).div_ceil(COUNT);
    assert!(each <= 22, "{each}");
    drop(policy);
    assert_eq!(
        LIVE_BYTES.get(),
        before,
        "dropping the policy frees all of it"
    );
    println!("allocations: a million exact origins hold {each} bytes each beyond their text");
}

/// Does everything that a server does with the core for one request.
fn serve(policy: &Policy, case: &Case) {
    let mut parts = RequestParts::read(policy, &case.request.method, &case.request.fields);
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
        for (name, _) in &case.application_fields {
            black_box(removed.matches(name));
        }
    }
    for field in decision.headers() {
        black_box((
            field.name.as_str(),
            field.value.as_bytes(),
            field.value.as_str(),
        ));
        if let FieldValue::Echo(EchoedField::RequestHeaders(index), _) = field.value {
            black_box(index);
        }
        let application_values = || {
            let fields = case.application_fields.iter();
            fields
                .filter(|(name, _)| name.eq_ignore_ascii_case("vary"))
                .map(|(_, value)| value.as_bytes())
        };
        for missing in missing_from_vary(field.value.as_str(), application_values) {
            black_box(missing);
        }
    }
    black_box(decision.verdict().is_allowed());
    black_box(decision.verdict_with_credentials().is_allowed());
    for text in prepared_values(policy) {
        black_box(text);
    }
}

/// Runs `f`, and returns its result and the number of allocations.
fn counting<T>(f: impl FnOnce() -> T) -> (T, u64) {
    let before = ALLOCATIONS.get();
    let result = f();
    (result, ALLOCATIONS.get() - before)
}

thread_local! {
    /// A counter per thread, because tests run in parallel. It is constant-initialized and has no destructor, so that
    /// counting does not allocate.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };

    /// The bytes that this thread allocated and did not free; negative if it freed memory of other threads.
    static LIVE_BYTES: Cell<i64> = const { Cell::new(0) };
}

/// The system's allocator, with counters.
struct CountingAllocator;

impl CountingAllocator {
    fn count() {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
    }

    /// Sizes are below `isize::MAX`.
    #[expect(clippy::cast_possible_wrap, reason = "sizes are below `isize::MAX`")]
    fn count_bytes(allocated: usize, freed: usize) {
        LIVE_BYTES.set(LIVE_BYTES.get() + allocated as i64 - freed as i64);
    }
}

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[expect(
    unsafe_code,
    reason = "an allocator needs `unsafe`; each call is forwarded unchanged"
)]
// SAFETY: every call is forwarded to `System`, which upholds the contract; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        Self::count_bytes(layout.size(), 0);
        // SAFETY: the caller upholds the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count();
        Self::count_bytes(layout.size(), 0);
        // SAFETY: the caller upholds the contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        Self::count_bytes(size, layout.size());
        // SAFETY: the caller upholds the contract.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        Self::count_bytes(0, layout.size());
        // SAFETY: the caller upholds the contract.
        unsafe { System.dealloc(block, layout) }
    }
}
