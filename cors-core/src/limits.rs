//! Limits for requests and policies.
//!
//! Fetch defines no limits, but without them a client could make the server do an unlimited amount of work. Browsers send much shorter
//! values. A policy denies an `Origin` beyond its limit as malformed. Other fields beyond their limits are not echoed.

/// The maximum length of an `Origin` value, in bytes.
///
/// ```
/// use omnicors_core::{Origin, OriginError, limits};
///
/// let text = format!("https://{}", "a".repeat(limits::ORIGIN));
/// assert_eq!(Origin::parse(text.as_bytes()), Err(OriginError::TooLong));
/// ```
pub const ORIGIN: usize = 512;

/// The maximum length of an `Access-Control-Request-Method` value that is echoed, in bytes.
///
/// ```
/// use omnicors_core::{Denial, PolicyConfig, RequestParts, Verdict, evaluate, limits};
///
/// let policy = PolicyConfig::new()
///     .allow_origins(["https://example.com"])
///     .allow_credentials(true)
///     .allow_methods(["*"])
///     .build()?;
/// let method = "A".repeat(limits::REQUEST_METHOD + 1);
/// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method(&method);
/// let verdict = evaluate(&policy, &preflight).verdict();
/// assert_eq!(verdict, Verdict::Denied(Denial::RequestMethodMalformed));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
pub const REQUEST_METHOD: usize = 64;

/// The maximum number of `Access-Control-Request-Headers` fields that are echoed. Browsers send one; some gateways split it into one field
/// per name.
///
/// ```
/// use omnicors_core::{Denial, PolicyConfig, RequestParts, Verdict, evaluate, limits};
///
/// let policy = PolicyConfig::new()
///     .allow_origins(["https://example.com"])
///     .allow_credentials(true)
///     .allow_headers(["*"])
///     .build()?;
/// let mut fields = vec![("origin", "https://example.com"), ("access-control-request-method", "GET")];
/// fields.extend([("access-control-request-headers", "x-a"); limits::REQUEST_HEADERS_FIELDS + 1]);
/// let preflight = RequestParts::read(&policy, "OPTIONS", &fields);
/// let verdict = evaluate(&policy, &preflight).verdict();
/// assert_eq!(verdict, Verdict::Denied(Denial::RequestHeadersTooLong));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
pub const REQUEST_HEADERS_FIELDS: usize = 64;

/// The maximum length of all `Access-Control-Request-Headers` values together that are echoed, in bytes.
///
/// ```
/// use omnicors_core::{Denial, PolicyConfig, RequestParts, Verdict, evaluate, limits};
///
/// let policy = PolicyConfig::new()
///     .allow_origins(["https://example.com"])
///     .allow_credentials(true)
///     .allow_headers(["*"])
///     .build()?;
/// let names = "a".repeat(limits::REQUEST_HEADERS + 1);
/// let preflight = RequestParts::new("OPTIONS")
///     .origin("https://example.com")
///     .request_method("GET")
///     .request_headers(&names);
/// let verdict = evaluate(&policy, &preflight).verdict();
/// assert_eq!(verdict, Verdict::Denied(Denial::RequestHeadersTooLong));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
pub const REQUEST_HEADERS: usize = 16 * 1024;

/// The maximum length of all `Access-Control-Expose-Headers` values of the application together that are merged, in bytes.
///
/// ```
/// use omnicors_core::adapter::expose_headers_merge;
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate, limits};
///
/// let config = PolicyConfig::new().allow_origins(["https://example.com"]);
/// let policy = config.merge_expose_headers(true).build()?;
/// let decision = evaluate(&policy, &RequestParts::new("GET").origin("https://example.com"));
/// let merge = expose_headers_merge(decision.headers()).unwrap();
///
/// let names = "a".repeat(limits::APPLICATION_EXPOSE_HEADERS + 1);
/// assert_eq!(merge.merge(None, [names.as_bytes()]), None);
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
pub const APPLICATION_EXPOSE_HEADERS: usize = 16 * 1024;

/// The maximum number of exact origins that `Timing-Allow-Origin` lists in the response to a non-CORS request.
///
/// ```
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate, limits};
///
/// let fields = |count: usize| {
///     let origins = (0..count).map(|number| format!("https://{number}.example"));
///     let policy = PolicyConfig::new().allow_origins(origins).timing_allow_origin(true).build()?;
///     let decision = evaluate(&policy, &RequestParts::new("GET"));
///     Ok::<usize, omnicors_core::PolicyError>(decision.headers().iter().count())
/// };
/// assert_eq!(fields(limits::TIMING_ORIGINS)?, 2); // `Timing-Allow-Origin` and `Vary`
/// assert_eq!(fields(limits::TIMING_ORIGINS + 1)?, 1);
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
pub const TIMING_ORIGINS: usize = 8;

/// The maximum number of shapes of patterns such as `pr-*.example.com` for one domain.
///
/// Two patterns have the same shape if they have the same number of bytes before the `*`, and the same number after it. Each shape takes
/// one table lookup for a request from a host with one label before the domain.
///
/// ```
/// use omnicors_core::{PolicyConfig, limits};
///
/// let patterns = |shapes: usize| (1..=shapes).map(|length| format!("https://{}*.example.com", "a".repeat(length)));
/// assert!(PolicyConfig::new().allow_origins(patterns(limits::LABEL_SHAPES)).build().is_ok());
/// assert!(PolicyConfig::new().allow_origins(patterns(limits::LABEL_SHAPES + 1)).build().is_err());
/// ```
pub const LABEL_SHAPES: usize = 16;

/// The maximum number of literal hosts in which a regular expression may end, in a policy with credentials or a guard.
///
/// The same host with another scheme, with ports or with subdomains counts once. A part such as `\d` counts as ten hosts. A part that matches more than 20 characters, such as `[a-z]` or `.`, is not literal.
///
/// ```
/// # #[cfg(feature = "regex")] {
/// use omnicors_core::{PolicyConfig, limits};
///
/// let is_valid = |hosts: usize| {
///     let hosts: Vec<String> = (0..hosts).map(|number| format!("a{number}")).collect();
///     let regex = format!(r"https://({})\.com", hosts.join("|"));
///     let config = PolicyConfig::new().allow_credentials(true).allow_origin_regexes([regex]);
///     config.build().is_ok()
/// };
/// assert!(is_valid(limits::REGEX_HOSTS));
/// assert!(!is_valid(limits::REGEX_HOSTS + 1));
/// # }
/// ```
pub const REGEX_HOSTS: usize = 250;

/// The maximum max age, in seconds. No browser caches the response to a preflight for a longer time.
///
/// ```
/// use omnicors_core::{PolicyConfig, limits};
/// use std::time::Duration;
///
/// let config = PolicyConfig::new().allow_origins(["https://example.com"]);
/// let longest = Duration::from_secs(limits::MAX_AGE.into());
/// assert!(config.clone().max_age(longest).build().is_ok());
/// assert!(config.max_age(longest + Duration::from_secs(1)).build().is_err());
/// ```
pub const MAX_AGE: u32 = 86_400;

/// Returns true if this number of `Access-Control-Request-Headers` fields, or their total number of bytes, exceeds the limits.
pub(crate) fn exceeds_request_headers(fields: usize, bytes: usize) -> bool {
    fields > REQUEST_HEADERS_FIELDS || bytes > REQUEST_HEADERS
}
