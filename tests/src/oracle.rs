//! The browser's side of CORS: what `fetch()` sends for a page, and what the page can read of the response.
//!
//! A slow, literal transcription of the Fetch standard (<https://fetch.spec.whatwg.org>, steps numbered as in its
//! Review Draft of June 2026). It shares no code and no assumption with the servers that it tests. Each branch cites its
//! section and step, in the order of the standard.
//!
//! It leaves out redirects, service workers, caches (each request is the first to its server), cookies, and an
//! `Accept-Language` that the user agent may add, because no server's CORS policy sees them. The standard exempts `304`
//! and `407` from the CORS check; this oracle checks every response.

mod checks;
#[allow(dead_code, reason = "the crate uses all of it")]
#[path = "../../browser/src/header_list.rs"]
mod header_list;
#[path = "../../browser/src/method.rs"]
mod method;
#[path = "../../browser/src/request_header.rs"]
mod request_header;

use header_list::{Extracted, HeaderList, isomorphic_decode, isomorphic_encode};

/// A credentials mode: <https://fetch.spec.whatwg.org/#concept-request-credentials-mode>. Only `Include` affects the CORS check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialsMode {
    /// Never sends credentials.
    Omit,
    /// The default of `fetch()`.
    SameOrigin,
    /// Sends credentials such as cookies, and requires `Access-Control-Allow-Credentials`.
    Include,
}

/// A page's request, as the page wrote it. It is always cross-origin, with the mode "cors".
///
/// Methods that return what is sent, and [`check_preflight`](Self::check_preflight), panic for a request for which `fetch()`
/// throws: call [`is_valid`](Self::is_valid) first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The serialized origin of the page: `null` for an opaque one.
    pub origin: String,
    /// The method, before normalization: `get` becomes `GET`, but `patch` does not become `PATCH`.
    pub method: String,
    /// The names and values that the page passes to `fetch()`, including forbidden ones.
    pub headers: Vec<(String, String)>,
    /// The credentials mode.
    pub credentials: CredentialsMode,
    /// Fetch, "Requests", use-CORS-preflight flag: a stream as body, or a listener on an `XMLHttpRequest`'s upload.
    pub use_cors_preflight: bool,
}

/// The response of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerResponse {
    /// The status code.
    pub status: u16,
    /// The header fields, in order. A name may occur several times.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
}

/// The reason why a page got a network error instead of the response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// The CORS check of the preflight's response failed.
    PreflightCheck(CheckFailure),
    /// The preflight's status is not in 200-299.
    PreflightStatus(u16),
    /// `Access-Control-Allow-Methods` is not a list of tokens.
    AllowMethodsMalformed,
    /// `Access-Control-Allow-Headers` is not a list of tokens.
    AllowHeadersMalformed,
    /// This method, normalized, is not allowed.
    MethodNotAllowed(String),
    /// The first header name, in lower case, that is not allowed.
    HeaderNotAllowed(String),
    /// The CORS check of the actual response failed.
    ActualCheck(CheckFailure),
}

/// The reason why a CORS check failed. The standard only says "failure".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckFailure {
    /// No `Access-Control-Allow-Origin`.
    AllowOriginMissing,
    /// `*`, and the credentials mode is "include".
    AllowOriginWildcardWithCredentials,
    /// More than one value, in one field or several: the combined value.
    AllowOriginMultiple(Vec<u8>),
    /// This other value.
    AllowOriginMismatch(Vec<u8>),
    /// No `Access-Control-Allow-Credentials`, and the credentials mode is "include".
    AllowCredentialsMissing,
    /// This value instead of `true`.
    AllowCredentialsNotTrue(Vec<u8>),
}

impl ServerResponse {
    fn header_list(&self) -> HeaderList {
        let fields = self.headers.iter();
        HeaderList::of_response(fields.map(|(name, value)| (name.as_slice(), value.as_slice())))
    }
}

impl PageRequest {
    /// Returns `fetch(url, { method })` from a page of this origin, without headers, in the default credentials mode.
    #[must_use]
    pub fn new(origin: &str, method: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            method: method.to_owned(),
            headers: Vec::new(),
            credentials: CredentialsMode::SameOrigin,
            use_cors_preflight: false,
        }
    }

    /// Adds a header, as `Headers.append` does.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the credentials mode.
    #[must_use]
    pub fn with_credentials(mut self, credentials: CredentialsMode) -> Self {
        self.credentials = credentials;
        self
    }

    /// Returns the normalized method: <https://fetch.spec.whatwg.org/#concept-method-normalize>.
    #[must_use]
    pub fn normalized_method(&self) -> String {
        method::normalize(&self.method)
    }

    /// Returns true if `fetch()` makes this request, and false if it throws a `TypeError`. A forbidden header does not make
    /// a request invalid: `fetch()` drops it.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.try_header_list().is_some()
    }

    /// Returns true if the browser sends a preflight before this request, with an empty preflight cache.
    #[must_use]
    pub fn needs_preflight(&self) -> bool {
        // Fetch, "Main fetch", step 12: the use-CORS-preflight flag is set, or the unsafe-request flag is (it always
        // is for fetch() and XMLHttpRequest) and the method or a header is not safelisted.
        self.use_cors_preflight
            || !method::is_safelisted(&self.normalized_method())
            || !self.unsafe_header_names().is_empty()
    }

    /// Returns the <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>: sorted, in lower case, without duplicates.
    #[must_use]
    pub fn unsafe_header_names(&self) -> Vec<String> {
        request_header::unsafe_names(&self.header_list())
            .iter()
            .map(|name| isomorphic_decode(name))
            .collect()
    }

    /// Returns the method and fields of the preflight: <https://fetch.spec.whatwg.org/#cors-preflight-fetch>, steps 1 to 6.
    #[must_use]
    pub fn preflight(&self) -> (String, Vec<(String, Vec<u8>)>) {
        // Steps 1 and 2.
        let mut fields = vec![("accept".to_owned(), b"*/*".to_vec())];
        // Step 3.
        fields.push((
            "access-control-request-method".to_owned(),
            self.normalized_method().into_bytes(),
        ));
        // Steps 4 and 5: joined by a comma, with no space.
        let names = self.unsafe_header_names();
        if !names.is_empty() {
            fields.push((
                "access-control-request-headers".to_owned(),
                names.join(",").into_bytes(),
            ));
        }
        // Step 6: "HTTP-network-or-cache fetch" appends the Origin header.
        fields.push(("origin".to_owned(), self.origin.clone().into_bytes()));
        ("OPTIONS".to_owned(), fields)
    }

    /// Returns the method and header fields of the actual request.
    #[must_use]
    pub fn actual(&self) -> (String, Vec<(String, Vec<u8>)>) {
        let mut fields: Vec<(String, Vec<u8>)> = self
            .header_list()
            .0
            .into_iter()
            .map(|(name, value)| (isomorphic_decode(&name), value))
            .collect();
        // Fetch, "`Origin` header", append a request `Origin` header, step 3: the response tainting is "cors".
        fields.push(("origin".to_owned(), self.origin.clone().into_bytes()));
        (self.normalized_method(), fields)
    }

    /// Checks the response to the preflight: <https://fetch.spec.whatwg.org/#cors-preflight-fetch>, steps 7 and 8.
    ///
    /// # Errors
    /// Returns the reason if the page gets a network error and the browser does not send the actual request.
    pub fn check_preflight(&self, response: &ServerResponse) -> Result<(), Blocked> {
        checks::preflight(self, &self.header_list(), response)
    }

    /// Checks the actual response, whatever its status: <https://fetch.spec.whatwg.org/#http-fetch>, step 4.4.
    ///
    /// # Errors
    /// Returns the reason if the page gets a network error. The server has processed the request, but the page sees nothing.
    pub fn check_actual(&self, response: &ServerResponse) -> Result<(), Blocked> {
        checks::cors(self, &response.header_list()).map_err(Blocked::ActualCheck)
    }

    /// Runs the whole exchange: <https://fetch.spec.whatwg.org/#http-fetch>, step 4. `server` gets a method and header fields.
    ///
    /// # Errors
    /// Returns the reason if the page gets a network error instead of the response.
    pub fn fetch(
        &self,
        mut server: impl FnMut(&str, &[(String, Vec<u8>)]) -> ServerResponse,
    ) -> Result<ServerResponse, Blocked> {
        // Step 4.1.
        if self.needs_preflight() {
            let (method, fields) = self.preflight();
            self.check_preflight(&server(&method, &fields))?;
        }
        // Steps 4.3 and 4.4.
        let (method, fields) = self.actual();
        let response = server(&method, &fields);
        self.check_actual(&response)?;
        Ok(response)
    }

    /// Returns the names, sorted and in lower case, of the header fields that the page can read of this response to its
    /// actual request. The list is empty if the CORS check fails.
    #[must_use]
    pub fn readable_headers(&self, response: &ServerResponse) -> Vec<String> {
        if self.check_actual(response).is_err() {
            return Vec::new();
        }
        let names = checks::readable_headers(self, &response.header_list());
        names.iter().map(|name| isomorphic_decode(name)).collect()
    }

    /// Returns whether the page gets detailed timing of this response: <https://fetch.spec.whatwg.org/#concept-tao-check>.
    #[must_use]
    pub fn timing_allowed(&self, response: &ServerResponse) -> bool {
        checks::timing_allowed(self, &response.header_list())
    }

    /// Returns the request's header list as the CORS algorithms see it.
    fn header_list(&self) -> HeaderList {
        let list = self.try_header_list();
        assert!(
            list.is_some(),
            "fetch() throws for {self:?}, so there is no request"
        );
        list.unwrap_or_default()
    }

    /// Returns `None` if `fetch()` throws.
    fn try_header_list(&self) -> Option<HeaderList> {
        // Fetch, "Request class", constructor, "If init["method"] exists", step 2.
        if !method::is_method(&self.method) || method::is_forbidden(&self.method) {
            return None;
        }
        let mut list = HeaderList::default();
        for (name, value) in &self.headers {
            // Web IDL, ByteString: a code point over U+00FF throws.
            let (name, value) = (isomorphic_encode(name)?, isomorphic_encode(value)?);
            // Fetch, "Headers class", append, step 1.
            let value = header_list::normalize(&value);
            // Step 2, validate, step 1: `fetch()` throws for a forbidden name too.
            if !header_list::is_header_name(&name) || !header_list::is_header_value(&value) {
                return None;
            }
            // Step 2, validate, step 3.
            if request_header::is_forbidden(&name, &value) {
                continue;
            }
            // Step 4.
            list.append(name, value);
        }
        // Fetch, "Fetching", fetch: added before main fetch, so it counts as a safelisted value.
        if !list.contains(b"accept") {
            list.append(b"accept".to_vec(), b"*/*".to_vec());
        }
        Some(list)
    }
}

/// Returns for how many seconds a browser may cache the preflight, ignoring its own limit:
/// <https://fetch.spec.whatwg.org/#cors-preflight-fetch>, steps 7.8 and 7.9.
#[must_use]
pub fn preflight_max_age(response: &ServerResponse) -> u64 {
    match response
        .header_list()
        .extract_delta_seconds(b"access-control-max-age")
    {
        Extracted::Values(seconds) => seconds,
        Extracted::Null | Extracted::Failure => 5,
    }
}

#[cfg(test)]
mod tests;
