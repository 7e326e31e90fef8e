use std::cell::{OnceCell, RefCell};
use std::fmt;

use omnicors_core::adapter::{is_token, same_host};
use smallvec::SmallVec;

use crate::host::Host;

/// What a [`ChoiceRequest`] reads from the request of a framework.
///
/// ```
/// use omnicors_adapter::{ChoiceRequest, RequestView};
///
/// /// The request of a framework that has no extensions.
/// struct Request {
///     method: String,
///     path: String,
///     headers: Vec<(String, String)>,
/// }
///
/// impl RequestView for Request {
///     type Extensions<'a> = ();
///
///     fn method(&self) -> &str {
///         &self.method
///     }
///
///     fn authority(&self) -> Option<&str> {
///         None
///     }
///
///     fn path(&self) -> &str {
///         &self.path
///     }
///
///     fn query(&self) -> Option<&str> {
///         None
///     }
///
///     fn header(&self, name: &str, index: usize) -> Option<&[u8]> {
///         let fields = self.headers.iter().filter(|field| field.0.eq_ignore_ascii_case(name));
///         fields.map(|field| field.1.as_bytes()).nth(index)
///     }
///
///     fn extensions(&self) {}
/// }
///
/// let headers = vec![("Host".to_owned(), "API.example.com:8080".to_owned())];
/// let request = Request { method: "GET".to_owned(), path: "/items".to_owned(), headers };
/// let request = ChoiceRequest::new(&request);
/// assert_eq!(request.host(), Some("api.example.com"));
/// ```
pub trait RequestView {
    /// The place where other middleware leaves values for the choice.
    type Extensions<'a>
    where
        Self: 'a;

    /// Returns the method. See the example of [`RequestView`].
    fn method(&self) -> &str;

    /// Returns `:authority`, or the host and port of an absolute target. See the example of [`RequestView`].
    fn authority(&self) -> Option<&str>;

    /// Returns the path of the target as the client sent it: not decoded, and before a router strips a prefix.
    /// See the example of [`RequestView`].
    fn path(&self) -> &str;

    /// Returns the query of the target, without `?`. See the example of [`RequestView`].
    fn query(&self) -> Option<&str>;

    /// Returns the value of a header field. `index` selects one of several fields with the same name.
    /// See the example of [`RequestView`].
    fn header(&self, name: &str, index: usize) -> Option<&[u8]>;

    /// Returns the extensions. See the example of [`RequestView`].
    fn extensions(&self) -> Self::Extensions<'_>;
}

/// A request, for a function that chooses its policy.
///
/// `V` is what the adapter shows of the request. Each adapter has an alias with its type, also named `ChoiceRequest`.
///
/// ```
/// use omnicors_adapter::{ChoiceRequest, RequestView};
///
/// /// Returns true if a page may read what this request asks for.
/// fn is_public<V: RequestView>(request: &ChoiceRequest<'_, V>) -> bool {
///     request.method() == "GET" && request.host() == Some("public.example.com")
/// }
/// ```
pub struct ChoiceRequest<'a, V> {
    view: &'a V,
    /// The names given to `header`.
    names: RefCell<SmallVec<[&'static str; 4]>>,
    /// The host in lower case, if the client has sent it in another case.
    lower_case_host: OnceCell<String>,
}

impl<'a, V: RequestView> ChoiceRequest<'a, V> {
    /// Creates this from what the adapter shows of a request. See the example of [`RequestView`].
    pub fn new(view: &'a V) -> Self {
        Self {
            view,
            names: RefCell::default(),
            lower_case_host: OnceCell::new(),
        }
    }

    /// Returns the method. See the example of [`ChoiceRequest`].
    ///
    /// The method of a preflight is `OPTIONS`.
    pub fn method(&self) -> &'a str {
        self.view.method()
    }

    /// Returns the host that the request is for, in lower case, without the port and a dot at the end. See the example of
    /// [`ChoiceRequest`].
    ///
    /// This is the `Host` field, `:authority` of HTTP/2, or the host of an absolute target. Returns `None` if the request has no
    /// host, if it has several that differ, or if the host is not valid. `X-Forwarded-Host` is not read, because any client can
    /// send it.
    ///
    /// Do not name it in [`vary_on`](crate::PolicySource::vary_on): the host is a part of the URL, which caches compare.
    pub fn host(&self) -> Option<&str> {
        let name = self.host_and_port()?.name;
        if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Some(name);
        }
        let lower_case = || name.to_ascii_lowercase();
        Some(self.lower_case_host.get_or_init(lower_case))
    }

    pub(crate) fn host_and_port(&self) -> Option<Host<'a>> {
        let host = self.view.header("host", 0);
        let authority = self.view.authority().map(str::as_bytes);
        let sent = match (host, authority) {
            _ if self.view.header("host", 1).is_some() => None,
            (Some(host), Some(authority)) => same_host(host, authority),
            (host, authority) => host.or(authority),
        };
        Host::parse(sent?)
    }

    /// Returns the path of the target as the client sent it: not decoded, and before a router strips a prefix.
    ///
    /// Routers read some paths in several ways: see [`PathPolicies`](crate::PathPolicies), which is safe against that.
    ///
    /// ```
    /// use omnicors_adapter::{ChoiceRequest, RequestView};
    ///
    /// fn is_health_check<V: RequestView>(request: &ChoiceRequest<'_, V>) -> bool {
    ///     request.path() == "/health"
    /// }
    /// ```
    pub fn path(&self) -> &'a str {
        self.view.path()
    }

    /// Returns the query of the target, without `?`.
    ///
    /// ```
    /// use omnicors_adapter::{ChoiceRequest, RequestView};
    ///
    /// fn is_preview<V: RequestView>(request: &ChoiceRequest<'_, V>) -> bool {
    ///     request.query() == Some("preview=1")
    /// }
    /// ```
    pub fn query(&self) -> Option<&'a str> {
        self.view.query()
    }

    /// Returns the value of a header field, and adds its name to `Vary` of the response.
    ///
    /// Returns `None` if the request does not have the field, has it several times, or if its value is not text.
    ///
    /// ```
    /// use omnicors_adapter::{ChoiceRequest, RequestView};
    ///
    /// fn is_of_tenant<V: RequestView>(request: &ChoiceRequest<'_, V>) -> bool {
    ///     request.header("x-tenant") == Some("acme")
    /// }
    /// ```
    ///
    /// # Preflights
    ///
    /// A browser sends a preflight without cookies, without `Authorization`, and without the fields that the page sets
    /// ([Fetch, CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch)); its `Accept` is `*/*`. So a choice by
    /// one of these fields chooses another policy for the preflight than for the request after it. A preflight has the same
    /// `Origin`, `Host`, `User-Agent`, `Accept-Encoding`, `Referer` and `Sec-Fetch-*` fields as that request, and every field that
    /// a proxy in front of the server adds. If a preflight does not have a field that the choice reads, the feature `tracing` logs
    /// a warning once.
    pub fn header(&self, name: &'static str) -> Option<&'a str> {
        if !is_token(name.as_bytes()) {
            // No request has such a field, and `Vary` must not name it.
            return None;
        }
        let mut names = self.names.borrow_mut();
        if !names.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
        let value = self.view.header(name, 0)?;
        if self.view.header(name, 1).is_some() {
            return None;
        }
        std::str::from_utf8(value).ok()
    }

    /// Returns the place where other middleware leaves values for the choice.
    ///
    /// Name the header fields that the middleware has read with [`vary_on`](crate::PolicySource::vary_on).
    ///
    /// ```
    /// use omnicors_adapter::{ChoiceRequest, RequestView};
    ///
    /// fn has_extensions<'a, V: RequestView<Extensions<'a> = Option<u32>>>(request: &ChoiceRequest<'a, V>) -> bool {
    ///     request.extensions().is_some()
    /// }
    /// ```
    pub fn extensions(&self) -> V::Extensions<'a> {
        self.view.extensions()
    }

    /// Returns the names that were given to [`header`](Self::header).
    pub(crate) fn into_names(self) -> SmallVec<[&'static str; 4]> {
        self.names.into_inner()
    }
}

impl<V: RequestView> fmt::Debug for ChoiceRequest<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChoiceRequest")
            .field("method", &self.method())
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A request with a method, an authority, a path and fields.
    #[derive(Clone, Default)]
    pub(crate) struct View {
        pub(crate) method: &'static str,
        pub(crate) authority: Option<&'static str>,
        pub(crate) path: &'static str,
        pub(crate) fields: Vec<(&'static str, &'static [u8])>,
    }

    impl RequestView for View {
        type Extensions<'a> = ();

        fn method(&self) -> &str {
            self.method
        }

        fn authority(&self) -> Option<&str> {
            self.authority
        }

        fn path(&self) -> &str {
            self.path
        }

        fn query(&self) -> Option<&str> {
            None
        }

        fn header(&self, name: &str, index: usize) -> Option<&[u8]> {
            let fields = self.fields.iter();
            let mut fields = fields.filter(|field| field.0.eq_ignore_ascii_case(name));
            fields.nth(index).map(|field| field.1)
        }

        fn extensions(&self) {}
    }

    #[test]
    fn a_host_is_known_if_the_request_names_exactly_one() {
        for (authority, fields, expected) in [
            (None, &[][..], None),
            (None, &["api.example"], Some("api.example")),
            (Some("api.example"), &[], Some("api.example")),
            (Some("API.example"), &["api.EXAMPLE"], Some("api.example")),
            (Some("api.example"), &["other.example"], None),
            (None, &["api.example", "other.example"], None),
            (None, &["api.example", "api.example"], None),
            (Some("api.example"), &["api.example", "api.example"], None),
            (None, &["API.Example.:8080"], Some("api.example")),
            (None, &["api.example:80:80"], None),
            (None, &["user@api.example"], None),
            (None, &["api.example, other.example"], None),
            (None, &[""], None),
        ] {
            let fields = fields.iter().map(|host| ("Host", host.as_bytes()));
            let view = View {
                authority,
                fields: fields.collect(),
                ..View::default()
            };
            let request = ChoiceRequest::new(&view);
            assert_eq!(request.host(), expected, "{authority:?} {:?}", view.fields);
            assert!(request.into_names().is_empty());
        }
    }

    #[test]
    fn the_names_of_the_fields_that_are_read_are_kept_once() {
        let view = View {
            fields: vec![
                ("x-tenant", b"a"),
                ("x-twice", b"a"),
                ("x-twice", b"a"),
                ("x-bytes", b"\xFF"),
            ],
            ..View::default()
        };
        let request = ChoiceRequest::new(&view);
        assert_eq!(request.header("X-Tenant"), Some("a"));
        assert_eq!(request.header("x-tenant"), Some("a"));
        assert_eq!(request.header("x-twice"), None);
        assert_eq!(request.header("x-bytes"), None);
        assert_eq!(request.header("x-absent"), None);
        assert_eq!(request.header("x-tenant, origin"), None);
        let names = request.into_names();
        assert_eq!(names[..], ["X-Tenant", "x-twice", "x-bytes", "x-absent"]);
    }
}
