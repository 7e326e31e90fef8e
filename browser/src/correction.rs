//! The fields that a blocked response must have.

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};

use crate::checks;
use crate::exchange::{Exchange, ExchangeKind};
use crate::header_list::HeaderList;
use crate::method;
use crate::network_error::NetworkError;
use crate::preflight;
use crate::request::Request;

/// The status and the headers that the last response must have so that the page is not blocked by it.
///
/// It says what the response must be, not which setting of the server makes it so. A correction of a preflight makes the browser
/// send the actual request, whose response can need a correction of its own.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use omnicors_browser::{Credentials, ExchangeKind, Page};
///
/// let mut server = |_: Request<Bytes>| Response::builder().header("access-control-allow-origin", "*").body("").unwrap();
/// let fetch = Page::new("https://app.example")?.fetch("https://api.example/").credentials(Credentials::Include);
/// let correction = fetch.send_now(&mut server).correction().expect("a CORS header field is wrong");
/// assert_eq!(correction.kind(), ExchangeKind::Actual);
/// assert_eq!(correction.status(), None);
/// let headers: Vec<_> = correction.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
/// assert_eq!(
///     headers,
///     ["access-control-allow-origin: https://app.example", "access-control-allow-credentials: true", "vary: Origin"]
/// );
///
/// // The corrected response can be read.
/// let mut corrected = |request: Request<Bytes>| {
///     let mut response = server(request);
///     correction.apply(&mut response);
///     response
/// };
/// fetch.send_now(&mut corrected).assert_readable();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    kind: ExchangeKind,
    status: Option<StatusCode>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Correction {
    /// Returns the kind of the exchange whose response must change.
    ///
    /// # Examples
    ///
    /// See the example of [`Correction`].
    #[must_use]
    pub fn kind(&self) -> ExchangeKind {
        self.kind
    }

    /// Returns the status that the response must have; `None` if its status does not block the page.
    ///
    /// # Examples
    ///
    /// See the example of [`Correction`].
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// Returns the headers that the response must have. Each replaces all headers of its name.
    ///
    /// # Examples
    ///
    /// See the example of [`Correction`].
    #[must_use]
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// Changes a response accordingly.
    ///
    /// # Examples
    ///
    /// See the example of [`Correction`].
    pub fn apply<B>(&self, response: &mut Response<B>) {
        if let Some(status) = self.status {
            *response.status_mut() = status;
        }
        for (name, value) in &self.headers {
            response.headers_mut().insert(name, value.clone());
        }
    }
}

/// Returns the correction of the last response, if headers can correct it.
pub(crate) fn correction(
    error: &NetworkError,
    request: &Request,
    exchanges: &[Exchange],
) -> Option<Correction> {
    let last = exchanges.last()?;
    let response = last.response()?;
    let (status, present) = (response.status(), response.headers());
    let mut correction = Correction {
        kind: last.kind(),
        status: None,
        headers: Vec::new(),
    };
    match error {
        // The page must change: `PATCH` is another method.
        NetworkError::MethodNotAllowed(method) if method::is_misspelled_patch(method) => {
            return None;
        }
        NetworkError::PreflightCheck(_)
        | NetworkError::PreflightStatus(_)
        | NetworkError::InvalidAllowMethods(_)
        | NetworkError::InvalidAllowHeaders(_)
        | NetworkError::MethodNotAllowed(_)
        | NetworkError::HeaderNotAllowed(_) => {
            let checked = Request {
                is_preflight: true,
                ..request.clone()
            };
            correction.add_origin(&checked, present)?;
            // "CORS-preflight fetch", step 7: https://fetch.spec.whatwg.org/#cors-preflight-fetch
            correction.status = (!status.is_success()).then_some(StatusCode::NO_CONTENT);
            correction.add_lists(request, present)?;
        }
        NetworkError::CorsCheck(_) => {
            correction.add_origin(request, present)?;
            correction.add_vary(present);
        }
        NetworkError::ResourcePolicy(_) => {
            let field = |value| {
                let name = HeaderName::from_static("cross-origin-resource-policy");
                (name, HeaderValue::from_static(value))
            };
            let is_enough = |(name, value): &(HeaderName, HeaderValue)| {
                let headers = HeaderMap::from_iter([(name.clone(), value.clone())]);
                checks::resource_policy(request, &headers).is_ok()
            };
            let same_site = Some(field("same-site")).filter(is_enough);
            let policy = same_site.unwrap_or_else(|| field("cross-origin"));
            correction.headers.push(policy);
        }
        _ => return None,
    }
    Some(correction)
}

impl Correction {
    fn set(&mut self, name: HeaderName, value: &str) -> Option<()> {
        self.headers
            .push((name, HeaderValue::from_str(value).ok()?));
        Some(())
    }

    /// [CORS check](https://fetch.spec.whatwg.org/#cors-check).
    fn add_origin(&mut self, request: &Request, present: &HeaderMap) -> Option<()> {
        if checks::cors(request, &checks::header_list(present)).is_ok() {
            return Some(());
        }
        let origin = request.serialized_origin();
        let values: Vec<_> = present
            .get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN)
            .iter()
            .collect();
        if values != [origin.as_str()] {
            self.set(header::ACCESS_CONTROL_ALLOW_ORIGIN, &origin)?;
        }
        let values: Vec<_> = present
            .get_all(header::ACCESS_CONTROL_ALLOW_CREDENTIALS)
            .iter()
            .collect();
        if request.includes_credentials_mode() && values != ["true"] {
            self.set(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true")?;
        }
        Some(())
    }

    /// Adds `Vary: Origin` if the response is about to depend on the origin
    /// ([CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches)).
    fn add_vary(&mut self, present: &HeaderMap) {
        let sets_origin =
            |(name, _): &(HeaderName, HeaderValue)| *name == header::ACCESS_CONTROL_ALLOW_ORIGIN;
        if !self.headers.iter().any(sets_origin) {
            return;
        }
        if checks::varies_on_origin(present) {
            return;
        }
        let elements = checks::elements(present, &header::VARY);
        let value = [elements, vec!["Origin".to_owned()]].concat().join(", ");
        if let Ok(value) = HeaderValue::from_str(&value) {
            self.headers.push((header::VARY, value));
        }
    }

    /// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch), steps 7.1 to 7.7.
    fn add_lists(&mut self, request: &Request, present: &HeaderMap) -> Option<()> {
        let fields = checks::header_list(present);
        let allows = |fields: &HeaderList| preflight::lists(request, fields).is_ok();
        if allows(&fields) {
            return Some(());
        }
        // With credentials, `*` is only a name.
        let include = request.includes_credentials_mode();
        let allows_any = |list: &[String]| !include && list.iter().any(|element| element == "*");

        let mut methods = tokens(present, &header::ACCESS_CONTROL_ALLOW_METHODS);
        let method = &request.method;
        let mut needed = Vec::new();
        if !method::is_safelisted(method)
            && !method::is_misspelled_patch(method)
            && !allows_any(&methods)
            && !methods.contains(method)
        {
            needed.push(method.clone());
        }
        if include && !needed.is_empty() {
            methods.retain(|method| method != "*");
        }
        self.set_list(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            &[methods, needed].concat(),
            present,
        )?;

        let mut names = tokens(present, &header::ACCESS_CONTROL_ALLOW_HEADERS);
        let has_wildcard = allows_any(&names);
        let mut needed: Vec<String> = request
            .unsafe_header_names()
            .iter()
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect();
        // Step 7.6: `*` does not cover `Authorization`.
        needed.retain(|name| {
            (!has_wildcard || name == "authorization")
                && !names.iter().any(|item| item.eq_ignore_ascii_case(name))
        });
        if include && !needed.is_empty() {
            names.retain(|name| name != "*");
        }
        self.set_list(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            &[names, needed].concat(),
            present,
        )
    }

    /// Sets a list, if the response does not already have it.
    fn set_list(
        &mut self,
        name: HeaderName,
        elements: &[String],
        present: &HeaderMap,
    ) -> Option<()> {
        if *elements == checks::elements(present, &name) {
            return Some(());
        }
        self.set(name, &elements.join(", "))
    }
}

/// Returns the tokens of a list. A list that is not valid, such as `GET; PUT`, still names them.
fn tokens(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    // `'` can be part of a name, but none has it: `'PUT'` is quoted by mistake.
    let is_separator = |character: char| {
        character == '\'' || !method::is_method(character.encode_utf8(&mut [0; 4]))
    };
    let elements = checks::elements(headers, name);
    let tokens = elements
        .iter()
        .flat_map(|element| element.split(is_separator));
    tokens
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .collect()
}
