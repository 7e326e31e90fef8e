//! Tests that every adapter passes: origin lookups, rejections, echoed fields, exposed headers, and `Vary`.
//!
//! Each adapter has a `tests/contract.rs` that includes this file, implements `Application`, and runs all `tests!`.

#[path = "contract/choice.rs"]
pub(crate) mod choice;
#[path = "contract/fields.rs"]
pub(crate) mod fields;
#[path = "contract/lookup.rs"]
pub(crate) mod lookup;
#[path = "contract/rejection.rs"]
pub(crate) mod rejection;

use std::time::Duration;

use crate::{Policy, PolicyConfig, PolicySource};

pub(crate) use lookup::look_up;

const LISTED: &str = "https://listed.example";
const TENANT: &str = "https://tenant.example";
const UNLISTED: &str = "https://unlisted.example";
const BROKEN: &str = "https://broken.example";

/// The application's own `Cache-Control`.
pub(crate) const CACHE_CONTROL: &str = "public, max-age=60";

/// The application's own `Vary`.
pub(crate) const VARY: &str = "Accept-Encoding";

/// The application's own `Access-Control-Expose-Headers`.
pub(crate) const EXPOSE_HEADERS: &str = "X-Own, ETag, *";

/// The timeout of the lookup.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(50);

/// An application with an adapter. It responds to every request with 200 and the fields [`CACHE_CONTROL`], [`VARY`] and
/// [`EXPOSE_HEADERS`].
pub(crate) trait Application: Sized {
    /// Builds the service. If `with_lookup` is true, calls `lookup_origins(TIMEOUT, look_up)` on the adapter.
    async fn new(policy: PolicySource, with_lookup: bool) -> Self;

    /// Sends a request to the service, without a socket.
    async fn send(
        &self,
        method: &'static str,
        path: &str,
        fields: &[(&'static str, String)],
    ) -> Response;
}

/// The response to a request.
#[derive(Debug)]
pub(crate) struct Response {
    status: u16,
    /// Names in lower case.
    fields: Vec<(String, String)>,
    body: String,
}

impl Response {
    /// Takes the status and the header fields of a framework's response.
    pub(crate) fn new(
        status: u16,
        fields: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
    ) -> Self {
        let fields = fields.into_iter().map(|(name, value)| {
            let value = std::str::from_utf8(value.as_ref()).unwrap();
            (name.as_ref().to_ascii_lowercase(), value.to_owned())
        });
        Self {
            status,
            fields: fields.collect(),
            body: String::new(),
        }
    }

    #[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
    pub(crate) fn with_body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = String::from_utf8(body.as_ref().to_vec()).unwrap();
        self
    }

    fn values(&self, name: &str) -> Vec<&str> {
        let fields = self.fields.iter().filter(|field| field.0 == name);
        fields.map(|field| field.1.as_str()).collect()
    }

    fn allow_origin(&self) -> Vec<&str> {
        self.values("access-control-allow-origin")
    }

    /// Returns the names in `Vary`, sorted and in lower case.
    fn vary(&self) -> Vec<String> {
        let values = self.values("vary");
        let names = values.iter().flat_map(|value| value.split(','));
        let mut names: Vec<_> = names.map(|name| name.trim().to_ascii_lowercase()).collect();
        names.sort_unstable();
        names
    }

    /// Asserts that `Vary` has `Origin` and, if the application has run, its own names.
    #[track_caller]
    fn assert_varies_by_origin(&self) {
        let expected: &[&str] = match self.status {
            200 => &["accept-encoding", "origin"],
            _ => &["origin"],
        };
        assert_eq!(self.vary(), expected, "{self:?}");
    }

    /// Asserts that the origin is denied and that no cache may store the response.
    #[track_caller]
    fn assert_is_denied_and_not_stored(&self) {
        assert_eq!(self.allow_origin(), [""; 0], "{self:?}");
        assert_eq!(self.values("cache-control"), ["no-store"], "{self:?}");
        self.assert_varies_by_origin();
    }
}

/// Returns a policy that looks origins up.
pub(crate) fn looking_up() -> Policy {
    policy(listed().lookup_origins(true))
}

/// Returns a policy that does not look origins up.
pub(crate) fn not_looking_up() -> Policy {
    policy(listed())
}

fn listed() -> PolicyConfig {
    let config = PolicyConfig::new().allow_origins([LISTED]);
    config.allow_methods(["PUT"])
}

fn policy(config: PolicyConfig) -> Policy {
    config.build().unwrap()
}

async fn get(application: &impl Application, origin: &str) -> Response {
    let fields = [("origin", origin.to_owned())];
    application.send("GET", "/", &fields).await
}

async fn preflight(application: &impl Application, origin: &str, names: &[String]) -> Response {
    let mut fields = vec![
        ("origin", origin.to_owned()),
        ("access-control-request-method", "PUT".to_owned()),
    ];
    let names = names.iter();
    fields.extend(names.map(|name| ("access-control-request-headers", name.clone())));
    application.send("OPTIONS", "/", &fields).await
}

/// Defines a test for each function of the contract, with the test attribute of the framework's runtime.
macro_rules! tests {
    (#[$test:meta] $application:ty) => {
        contract::tests! {
            #[$test] $application:
            fields::up_to_64_requested_headers_fields_are_echoed,
            fields::exposed_names_of_the_application_are_kept_if_the_policy_merges_them,
            lookup::the_result_of_a_lookup_allows_or_denies_the_origin,
            lookup::a_failed_lookup_denies_the_origin_and_is_not_stored,
            lookup::a_request_can_be_dropped_during_its_lookup,
            lookup::without_a_lookup_an_origin_of_a_handles_policy_is_denied_and_not_stored,
            lookup::a_predicate_that_panics_does_not_allow_the_origin,
            rejection::a_rejected_request_gets_403_and_is_not_stored,
            choice::a_response_varies_by_the_fields_that_choose_its_policy,
            choice::a_response_varies_by_the_fields_that_the_choice_reads,
            choice::a_response_without_a_policy_gets_only_vary,
            choice::a_choice_that_panics_denies_the_request,
            choice::the_entry_of_the_path_decides,
            choice::the_entry_of_the_host_decides,
            choice::the_guard_of_an_entry_checks_its_path,
        }

        #[$test]
        #[should_panic(expected = "set `lookup_origins(true)` in the policy")]
        async fn an_unused_lookup_panics_when_the_service_is_built() {
            <$application>::new(contract::not_looking_up().into(), true).await;
        }

        #[$test]
        #[should_panic(expected = "set `lookup_origins(true)` in the policy")]
        async fn an_unused_lookup_of_all_entries_panics_when_the_service_is_built() {
            <$application>::new(contract::choice::not_looking_up_for_paths(), true).await;
        }
    };
    (#[$test:meta] $application:ty: $($part:ident::$name:ident,)*) => {$(
        #[$test]
        async fn $name() {
            contract::$part::$name::<$application>().await;
        }
    )*};
}
pub(crate) use tests;
