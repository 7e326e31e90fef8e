use std::fmt;
use std::sync::Arc;

use omnicors_core::Policy;

use crate::choice_request::{ChoiceRequest, RequestView};
use crate::entry::{Lookups, rejecting_all};
use crate::panics::caught;
use crate::prepared::PreparedPolicy;
use crate::vary::VaryNames;
use crate::vary_cache::VaryCache;

/// A function that chooses the policy of a request: a part of [`PolicySource`](crate::PolicySource), which has an example.
pub struct PolicyChoice<C: ?Sized, P> {
    choose: Arc<C>,
    vary_on: VaryNames,
    /// `None` for entries of paths and hosts, which read no header and run no code of the application: some servers clone the source for each
    /// request, and this is one reference less to count.
    of_application: Option<Arc<OfApplication<P>>>,
    lookups: Lookups,
    #[cfg(feature = "tracing")]
    reported: Arc<crate::choice_events::Reported>,
}

/// What only a function of the application needs.
struct OfApplication<P> {
    /// For the `vary_on` of the choice.
    vary_cache: VaryCache,
    /// The policy for a request for which the function panics. The function could have chosen a policy that rejects it, so this does.
    after_panic: Arc<PreparedPolicy<P>>,
}

/// The policy that was chosen for a request: made by [`PolicySource::choose`](crate::PolicySource::choose), which has an example.
#[derive(Debug)]
pub struct Choice<P> {
    /// The policy, or `None` to bypass CORS.
    pub policy: Option<Arc<PreparedPolicy<P>>>,
    /// The names of the request fields that the choice depends on, for `Vary` of the response.
    ///
    /// An adapter adds them to every response: with [`ForwardHeaders::vary_on`](crate::ForwardHeaders::vary_on) if the application
    /// is run, and with [`VaryNames::merge_into`] if it is not.
    pub vary_names: VaryNames,
}

impl<C: ?Sized, P> PolicyChoice<C, P> {
    /// Returns a choice among entries of paths or hosts.
    pub(crate) fn of_entries(choose: Arc<C>, lookups: Lookups) -> Self {
        Self {
            choose,
            vary_on: VaryNames::default(),
            of_application: None,
            lookups,
            #[cfg(feature = "tracing")]
            reported: Arc::default(),
        }
    }

    /// Returns a choice by a function of the application, which may read header fields and may panic.
    pub(crate) fn of_application(choose: Arc<C>) -> Self
    where
        P: for<'a> From<&'a Policy>,
    {
        let of_application = OfApplication {
            vary_cache: VaryCache::default(),
            after_panic: rejecting_all("the function of `per_request` has panicked: correct it"),
        };
        Self {
            of_application: Some(Arc::new(of_application)),
            ..Self::of_entries(choose, Lookups::Unknown)
        }
    }

    /// Adds names of fields that the choice depends on.
    ///
    /// # Panics
    ///
    /// Panics if one of the names is not a valid header name.
    #[track_caller]
    pub(crate) fn vary_on(&mut self, names: impl IntoIterator<Item = &'static str>) {
        self.vary_on = self.vary_on.with(names);
        self.of_application = self.of_application.as_ref().map(|before| {
            Arc::new(OfApplication {
                vary_cache: VaryCache::default(),
                after_panic: Arc::clone(&before.after_panic),
            })
        });
    }

    /// Returns whether the policies need origin lookups.
    pub(crate) fn lookups(&self) -> Lookups {
        self.lookups
    }

    pub(crate) fn choose<'v, V: RequestView>(&self, view: &'v V) -> Choice<P>
    where
        C: Fn(&ChoiceRequest<'v, V>) -> Option<Arc<PreparedPolicy<P>>>,
    {
        let request = ChoiceRequest::new(view);
        let of_application = self.of_application.as_deref();
        let policy = match of_application {
            Some(OfApplication { after_panic, .. }) => {
                caught(|| (self.choose)(&request)).unwrap_or_else(|| Some(Arc::clone(after_panic)))
            }
            None => (self.choose)(&request),
        };
        let read = request.into_names();
        let vary_names = match of_application {
            Some(OfApplication { vary_cache, .. }) => vary_cache.names(&self.vary_on, &read),
            None => self.vary_on.and_read(&read),
        };
        #[cfg(feature = "tracing")]
        if !vary_names.is_empty() {
            let names = vary_names.names();
            crate::choice_events::fields_missing_in_preflight(view, names, &self.reported);
        }
        Choice { policy, vary_names }
    }
}

impl<C: ?Sized, P> Clone for PolicyChoice<C, P> {
    fn clone(&self) -> Self {
        Self {
            choose: Arc::clone(&self.choose),
            vary_on: self.vary_on.clone(),
            of_application: self.of_application.clone(),
            lookups: self.lookups,
            #[cfg(feature = "tracing")]
            reported: Arc::clone(&self.reported),
        }
    }
}

impl<C: ?Sized, P> fmt::Debug for PolicyChoice<C, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyChoice")
            .field("vary_on", &self.vary_on)
            .finish_non_exhaustive()
    }
}
