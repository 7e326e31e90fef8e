use std::fmt;
use std::sync::Arc;

use crate::choice_request::{ChoiceRequest, RequestView};
use crate::entry::Lookups;
use crate::prepared::PreparedPolicy;
use crate::vary::VaryNames;
use crate::vary_cache::VaryCache;

/// A function that chooses the policy of a request: a part of [`PolicySource`](crate::PolicySource), which has an example.
pub struct PolicyChoice<C: ?Sized> {
    choose: Arc<C>,
    vary_on: VaryNames,
    /// For this value of `vary_on`. `None` for entries of paths and hosts, which read no header: some servers clone the source for each
    /// request, and this is one reference less to count.
    vary_cache: Option<Arc<VaryCache>>,
    lookups: Lookups,
    #[cfg(feature = "tracing")]
    reported: Arc<crate::choice_events::Reported>,
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

impl<C: ?Sized> PolicyChoice<C> {
    /// Returns a choice among entries of paths or hosts.
    pub(crate) fn of_entries(choose: Arc<C>, lookups: Lookups) -> Self {
        Self {
            choose,
            vary_on: VaryNames::default(),
            vary_cache: None,
            lookups,
            #[cfg(feature = "tracing")]
            reported: Arc::default(),
        }
    }

    /// Returns a choice per request, which may read header fields.
    pub(crate) fn of_request(choose: Arc<C>) -> Self {
        Self {
            vary_cache: Some(Arc::default()),
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
        self.vary_cache = self.vary_cache.as_ref().map(|_| Arc::default());
    }

    /// Returns whether the policies need origin lookups.
    pub(crate) fn lookups(&self) -> Lookups {
        self.lookups
    }

    pub(crate) fn choose<'v, V: RequestView, P>(&self, view: &'v V) -> Choice<P>
    where
        C: Fn(&ChoiceRequest<'v, V>) -> Option<Arc<PreparedPolicy<P>>>,
    {
        let request = ChoiceRequest::new(view);
        let policy = (self.choose)(&request);
        let read = request.into_names();
        let vary_names = match &self.vary_cache {
            Some(cache) => cache.names(&self.vary_on, &read),
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

impl<C: ?Sized> Clone for PolicyChoice<C> {
    fn clone(&self) -> Self {
        Self {
            choose: Arc::clone(&self.choose),
            vary_on: self.vary_on.clone(),
            vary_cache: self.vary_cache.clone(),
            lookups: self.lookups,
            #[cfg(feature = "tracing")]
            reported: Arc::clone(&self.reported),
        }
    }
}

impl<C: ?Sized> fmt::Debug for PolicyChoice<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyChoice")
            .field("vary_on", &self.vary_on)
            .finish_non_exhaustive()
    }
}
