//! The browser's side of CORS: what a page's `fetch()` sends, and what the page may see of the answer.
//!
//! A slow, literal transcription of the Fetch standard (<https://fetch.spec.whatwg.org>, steps numbered as in its
//! Review Draft of June 2026). It judges servers, so it shares no code and no assumption with any of them: where the
//! standard is roundabout, so is this. Sections and steps are cited at each branch, and the standard's order is kept.
//!
//! Left out, because no server's CORS policy can see it: redirects, service workers, caches (each request is the
//! first to its server), cookies, and an `Accept-Language` that the user agent may add. `304` and `407` are exempt
//! from the CORS check in the standard; here every response is checked.

mod checks;
mod header_list;
mod method;
mod request_header;

use header_list::{Extracted, HeaderList, isomorphic_decode, isomorphic_encode};

/// Fetch, "Requests", credentials mode. Only `Include` matters to the CORS check of a cross-origin request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialsMode {
    /// No credentials, ever.
    Omit,
    /// What `fetch()` uses unless told otherwise.
    SameOrigin,
    /// Cookies and the like go along, and the response needs `Access-Control-Allow-Credentials`.
    Include,
}

/// What a page asks for, as it wrote it. Always cross-origin to the server, mode "cors".
///
/// What is sent, and [`check_preflight`](Self::check_preflight), panic for a request that `fetch()` refuses to make:
/// ask [`is_valid`](Self::is_valid) first where one may be among many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The serialized origin of the page: `null` for an opaque one.
    pub origin: String,
    /// As the page writes it: `get` will do for `GET`, `patch` will not for `PATCH`.
    pub method: String,
    /// Names and values as the page passes them to `fetch()`; forbidden ones may be among them.
    pub headers: Vec<(String, String)>,
    /// What the page says of its credentials.
    pub credentials: CredentialsMode,
    /// Fetch, "Requests", use-CORS-preflight flag: a stream as body, or a listener on an `XMLHttpRequest`'s upload.
    pub use_cors_preflight: bool,
}

/// What a server sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerResponse {
    /// The status code.
    pub status: u16,
    /// The header lines, in order, names perhaps more than once.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Why a page got a network error instead of the response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// The CORS check of the preflight's response failed.
    PreflightCheck(CheckFailure),
    /// The preflight's status is not in 200-299.
    PreflightStatus(u16),
    /// `Access-Control-Allow-Methods` is no list of tokens.
    AllowMethodsMalformed,
    /// `Access-Control-Allow-Headers` is no list of tokens.
    AllowHeadersMalformed,
    /// The method, normalized.
    MethodNotAllowed(String),
    /// The first header name, in lower case, that is not allowed.
    HeaderNotAllowed(String),
    /// The CORS check of the actual response failed.
    ActualCheck(CheckFailure),
}

/// Why a CORS check failed. The standard only says "failure".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckFailure {
    /// No `Access-Control-Allow-Origin`.
    AllowOriginMissing,
    /// `*`, and the credentials mode is "include".
    AllowOriginWildcardWithCredentials,
    /// More than one value, in one line or several: the combined value.
    AllowOriginMultiple(Vec<u8>),
    /// The one value that it is instead.
    AllowOriginMismatch(Vec<u8>),
    /// No `Access-Control-Allow-Credentials`, and the credentials mode is "include".
    AllowCredentialsMissing,
    /// The value that it is instead of `true`.
    AllowCredentialsNotTrue(Vec<u8>),
}

impl PageRequest {
    /// `fetch(url, { method })` from a page of this origin, without headers, in the default credentials mode.
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

    /// The same with one more header, as `Headers.append` would add it.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same in another credentials mode.
    #[must_use]
    pub fn with_credentials(mut self, credentials: CredentialsMode) -> Self {
        self.credentials = credentials;
        self
    }

    /// Fetch, "Methods", normalize.
    #[must_use]
    pub fn normalized_method(&self) -> String {
        method::normalize(&self.method)
    }

    /// Whether `fetch()` makes this request at all, rather than throw a `TypeError`. A forbidden header does not make
    /// a request invalid: it is dropped.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.try_header_list().is_some()
    }

    /// Whether this request is preceded by a preflight, when nothing is in the preflight cache.
    #[must_use]
    pub fn needs_preflight(&self) -> bool {
        // Fetch, "Main fetch", step 12: the use-CORS-preflight flag is set, or the unsafe-request flag is (it always
        // is for fetch() and XMLHttpRequest) and the method or a header is not safelisted.
        self.use_cors_preflight
            || !method::is_safelisted(&self.normalized_method())
            || !self.unsafe_header_names().is_empty()
    }

    /// Fetch, "Headers", CORS-unsafe request-header names: sorted, in lower case, each once.
    #[must_use]
    pub fn unsafe_header_names(&self) -> Vec<String> {
        request_header::unsafe_names(&self.header_list())
            .iter()
            .map(|name| isomorphic_decode(name))
            .collect()
    }

    /// The method and header lines of the preflight: Fetch, "CORS-preflight fetch", steps 1 to 6.
    #[must_use]
    pub fn preflight(&self) -> (String, Vec<(String, Vec<u8>)>) {
        // Steps 1 and 2.
        let mut lines = vec![("accept".to_owned(), b"*/*".to_vec())];
        // Step 3.
        lines.push((
            "access-control-request-method".to_owned(),
            self.normalized_method().into_bytes(),
        ));
        // Steps 4 and 5: joined by a comma, with no space.
        let names = self.unsafe_header_names();
        if !names.is_empty() {
            lines.push((
                "access-control-request-headers".to_owned(),
                names.join(",").into_bytes(),
            ));
        }
        // Step 6: "HTTP-network-or-cache fetch" appends the Origin header.
        lines.push(("origin".to_owned(), self.origin.clone().into_bytes()));
        ("OPTIONS".to_owned(), lines)
    }

    /// The method and header lines of the actual request.
    #[must_use]
    pub fn actual(&self) -> (String, Vec<(String, Vec<u8>)>) {
        let mut lines: Vec<(String, Vec<u8>)> = self
            .header_list()
            .0
            .into_iter()
            .map(|(name, value)| (isomorphic_decode(&name), value))
            .collect();
        // Fetch, "`Origin` header", append a request `Origin` header, step 3: the response tainting is "cors".
        lines.push(("origin".to_owned(), self.origin.clone().into_bytes()));
        (self.normalized_method(), lines)
    }

    /// Fetch, "CORS-preflight fetch", steps 7 and 8.
    ///
    /// # Errors
    /// When the page gets a network error, and the actual request is never sent.
    pub fn check_preflight(&self, response: &ServerResponse) -> Result<(), Blocked> {
        checks::preflight(self, &self.header_list(), response)
    }

    /// Fetch, "HTTP fetch", step 4.4: the CORS check of the actual response, whatever its status.
    ///
    /// # Errors
    /// When the page gets a network error: the server has done its work, but the page sees nothing of it.
    pub fn check_actual(&self, response: &ServerResponse) -> Result<(), Blocked> {
        checks::cors(self, &HeaderList::of_response(response)).map_err(Blocked::ActualCheck)
    }

    /// The whole exchange: Fetch, "HTTP fetch", step 4. `server` gets a method and header lines.
    ///
    /// # Errors
    /// When the page gets a network error instead of the response.
    pub fn fetch(
        &self,
        mut server: impl FnMut(&str, &[(String, Vec<u8>)]) -> ServerResponse,
    ) -> Result<ServerResponse, Blocked> {
        // Step 4.1.
        if self.needs_preflight() {
            let (method, lines) = self.preflight();
            self.check_preflight(&server(&method, &lines))?;
        }
        // Steps 4.3 and 4.4.
        let (method, lines) = self.actual();
        let response = server(&method, &lines);
        self.check_actual(&response)?;
        Ok(response)
    }

    /// The names, sorted and in lower case, of the header lines that the page can read of this response to its
    /// actual request. None of a response that fails the CORS check.
    #[must_use]
    pub fn readable_headers(&self, response: &ServerResponse) -> Vec<String> {
        if self.check_actual(response).is_err() {
            return Vec::new();
        }
        let names = checks::readable_headers(self, &HeaderList::of_response(response));
        names.iter().map(|name| isomorphic_decode(name)).collect()
    }

    /// Fetch, "TAO check": whether the page gets the detailed timing of this response.
    #[must_use]
    pub fn timing_allowed(&self, response: &ServerResponse) -> bool {
        checks::timing_allowed(self, &HeaderList::of_response(response))
    }

    /// The request's header list as the CORS algorithms see it.
    fn header_list(&self) -> HeaderList {
        let list = self.try_header_list();
        assert!(
            list.is_some(),
            "fetch() throws for {self:?}, so there is no request"
        );
        list.unwrap_or_default()
    }

    /// None where `fetch()` throws.
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
            // Step 2, validate, step 1: this throws for a name that is forbidden as well.
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
        // Fetch, "Fetching", fetch: added before main fetch, so it counts among the safelisted values.
        if !list.contains(b"accept") {
            list.append(b"accept".to_vec(), b"*/*".to_vec());
        }
        Some(list)
    }
}

/// For how many seconds the answer to a preflight may be reused, before the browser's own limit: Fetch,
/// "CORS-preflight fetch", steps 7.8 and 7.9.
#[must_use]
pub fn preflight_max_age(response: &ServerResponse) -> u64 {
    match HeaderList::of_response(response).extract_delta_seconds(b"access-control-max-age") {
        Extracted::Values(seconds) => seconds,
        Extracted::Null | Extracted::Failure => 5,
    }
}

#[cfg(test)]
mod tests;
