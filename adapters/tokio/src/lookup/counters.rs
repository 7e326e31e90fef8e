//! Counters of lookups, through the crate `metrics`. No label depends on the request, so that a client cannot create time series.

use metrics::{Unit, counter, describe_counter};
use omnicors_core::LookupResult;

const LOOKUPS: &str = "omnicors_lookups_total";

/// Where a result comes from: the values of the label `source`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    Cache,
    #[cfg(feature = "filter")]
    Filter,
    Function,
}

impl Source {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            #[cfg(feature = "filter")]
            Self::Filter => "filter",
            Self::Function => "function",
        }
    }

    /// Counts a result that a request has received.
    pub(super) fn count(self, result: LookupResult) {
        counter!(LOOKUPS, "source" => self.as_str(), "result" => name(result)).increment(1);
    }
}

/// Describes the counter.
pub(super) fn describe() {
    describe_counter!(
        LOOKUPS,
        Unit::Count,
        "Results of origin lookups that requests have received, by their source."
    );
}

const fn name(result: LookupResult) -> &'static str {
    match result {
        LookupResult::Allowed => "allowed",
        LookupResult::NotAllowed => "not_allowed",
        LookupResult::Failed => "failed",
        LookupResult::TimedOut => "timed_out",
        LookupResult::NotBegun => "not_begun",
    }
}
