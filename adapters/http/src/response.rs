use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};
use omnicors_adapter::{PreparedValues, ResponseFieldMap, VaryNames};
use omnicors_core::adapter::{EchoedField, ResponseOutline};
use omnicors_core::{Operation, Rejection, ResponseHeaderName, ResponseHeaders};

use crate::names::{constant, header_name};

/// The fields of a decision to forward a request, kept until the application has responded. They borrow nothing.
///
/// ```
/// use http::{HeaderMap, Request};
/// use omnicors_http::{HttpDecision, PolicyConfig, PreparedPolicy, decide};
///
/// let policy = PreparedPolicy::shared(PolicyConfig::new().allow_origins(["https://example.com"]).build()?);
/// let request = Request::get("/").header("origin", "https://example.com").body(())?;
/// let HttpDecision::Forward(mut fields) = decide(&policy, &request) else { panic!() };
///
/// let mut headers = HeaderMap::new();
/// fields.apply(&mut headers);
/// assert_eq!(headers["access-control-allow-origin"], "https://example.com");
/// assert_eq!(headers["vary"], "Origin");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "without these fields, a browser does not let the page read the response"]
pub struct ForwardHeaders(omnicors_adapter::ForwardHeaders<HeaderValue>);

// It is moved several times for each request.
const _: () = assert!(size_of::<ForwardHeaders>() <= 72);

impl ForwardHeaders {
    #[inline]
    pub(crate) fn new(
        headers: &ResponseHeaders<'_>,
        values: &PreparedValues<HeaderValue>,
        echo: impl Fn(EchoedField) -> Option<HeaderValue>,
    ) -> Self {
        Self(omnicors_adapter::ForwardHeaders::new(headers, values, echo))
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "like the function of the kit"
    )]
    #[inline]
    pub(crate) fn with_outline(
        outline: &ResponseOutline,
        values: &PreparedValues<HeaderValue>,
        origin: impl FnOnce() -> Option<HeaderValue>,
    ) -> Self {
        Self(omnicors_adapter::ForwardHeaders::with_outline(
            outline, values, origin,
        ))
    }

    /// Returns true if [`apply`](Self::apply) does nothing: because the request bypasses CORS, or because the fields have been
    /// applied already.
    ///
    /// ```
    /// use omnicors_http::ForwardHeaders;
    ///
    /// assert!(ForwardHeaders::default().is_empty());
    /// ```
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(crate) fn vary_on(&mut self, names: VaryNames) {
        self.0.vary_on(names);
    }

    /// Applies the fields to a response: removes the application's own CORS fields, adds the fields of the decision, and merges
    /// `Vary`.
    ///
    /// The fields are moved into the map. Afterwards this is [empty](Self::is_empty), and a second call does nothing.
    ///
    /// ```
    /// use http::Response;
    /// use omnicors_http::ForwardHeaders;
    ///
    /// fn complete(mut response: Response<String>, mut fields: ForwardHeaders) -> Response<String> {
    ///     fields.apply(response.headers_mut());
    ///     response
    /// }
    /// ```
    #[inline]
    pub fn apply(&mut self, headers: &mut HeaderMap) {
        self.0.apply(&mut Fields(headers));
    }
}

/// Calls the function of an adapter's `on_reject`, and copies the fields that describe a body, such as `Content-Type`, from the header map of
/// the response that it makes. Returns that response, so that the adapter sends its body. Everything else of it is discarded.
///
/// Returns `None` if the function panics: then the body stays empty.
///
/// ```
/// use http::{HeaderValue, Response};
/// use omnicors_http::{Rejection, call_on_reject};
///
/// let make = |rejection: Rejection| {
///     let mut made = Response::new(rejection.to_string());
///     made.headers_mut().insert("content-type", HeaderValue::from_static("text/plain"));
///     made.headers_mut().insert("cache-control", HeaderValue::from_static("public"));
///     made
/// };
/// let mut rejected = Response::builder().status(421).header("cache-control", "no-store").body(String::new())?;
/// let made = call_on_reject(Rejection::HostNotListed, make, Response::headers, rejected.headers_mut());
/// if let Some(made) = made {
///     *rejected.body_mut() = made.into_body();
/// }
/// assert_eq!(rejected.headers()["content-type"], "text/plain");
/// assert_eq!(rejected.headers()["cache-control"], "no-store");
/// assert_eq!(rejected.body(), "the policy does not list the host of the request");
/// # Ok::<(), http::Error>(())
/// ```
pub fn call_on_reject<M>(
    rejection: Rejection,
    make: impl FnOnce(Rejection) -> M,
    headers_of: impl Fn(&M) -> &HeaderMap,
    to: &mut HeaderMap,
) -> Option<M> {
    omnicors_adapter::call_on_reject(rejection, make, |name, made| {
        if let Some(value) = headers_of(made).get(name) {
            // If the map is full, the field is left out.
            let _ = to.try_insert(HeaderName::from_static(name), value.clone());
        }
    })
}

/// The header fields of a response.
pub(crate) struct Fields<'a>(pub(crate) &'a mut HeaderMap);

impl ResponseFieldMap for Fields<'_> {
    type Value = HeaderValue;

    #[inline]
    fn constant(text: &'static str) -> HeaderValue {
        constant(text)
    }

    fn owned(text: String) -> Option<HeaderValue> {
        HeaderValue::try_from(text).ok()
    }

    fn bytes(value: &HeaderValue) -> &[u8] {
        value.as_bytes()
    }

    #[inline]
    fn each_name(&self, visit: impl FnMut(&str)) {
        self.0.keys().map(HeaderName::as_str).for_each(visit);
    }

    fn values(&self, name: ResponseHeaderName) -> impl Iterator<Item = &[u8]> {
        let values = self.0.get_all(header_name(name)).into_iter();
        values.map(HeaderValue::as_bytes)
    }

    fn remove(&mut self, name: ResponseHeaderName) {
        self.0.remove(header_name(name));
    }

    #[inline]
    fn insert(&mut self, name: ResponseHeaderName, value: HeaderValue) -> Option<()> {
        self.0.try_insert(header_name(name), value).ok().map(drop)
    }

    fn append(&mut self, name: ResponseHeaderName, value: HeaderValue) -> Option<()> {
        self.0.try_append(header_name(name), value).ok().map(drop)
    }
}

/// Adds a field to a response that the application did not make. Returns `None` if the map is full.
pub(crate) fn add(
    headers: &mut HeaderMap,
    name: ResponseHeaderName,
    operation: Operation,
    value: HeaderValue,
) -> Option<()> {
    let mut fields = Fields(headers);
    match operation {
        // The response has no `Vary` to merge with.
        Operation::Set | Operation::Merge => fields.insert(name, value),
        Operation::Append => fields.append(name, value),
    }
}

#[cfg(test)]
mod tests {
    use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, VARY};
    use omnicors_core::{PolicyConfig, RequestParts, evaluate};

    use super::*;

    #[test]
    fn a_full_map_gets_no_fields() {
        let mut headers = HeaderMap::new();
        for number in 0_u32.. {
            let name = HeaderName::try_from(format!("x-{number}")).unwrap();
            if headers
                .try_insert(name, HeaderValue::from_static(""))
                .is_err()
            {
                break;
            }
        }
        let policy = PolicyConfig::new().allow_origins(["https://a.example"]);
        let policy = policy.build().unwrap();
        let request = RequestParts::new("GET").origin("https://a.example");
        let decision = evaluate(&policy, &request);
        let value = |_| Some(HeaderValue::from_static("https://a.example"));
        ForwardHeaders::new(decision.headers(), &PreparedValues::from(&policy), value)
            .apply(&mut headers);
        assert!(!headers.contains_key(VARY));
        assert!(!headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    }
}
