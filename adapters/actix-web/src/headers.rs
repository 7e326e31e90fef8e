use actix_web::http::header::{
    self, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, HeaderMap, HeaderName, HeaderValue, VARY,
};
use omnicors_http::omnicors_core::{
    HeaderLine, LineValue, RequestKind, ResponseHeaderName, ResponseHeaders, missing_from_vary,
};
use smallvec::SmallVec;

/// What to put onto the response of the application. Borrows nothing, and can wait for it.
///
/// A few fields, and not a list of lines: it is moved several times before it is used.
#[derive(Clone, Debug)]
pub(crate) struct ForwardHeaders {
    removed: &'static [ResponseHeaderName],
    vary: Option<&'static str>,
    allow_origin: Option<HeaderValue>,
    allow_credentials: bool,
    timing_allow_origin: bool,
    expose_headers: Option<HeaderValue>,
    /// Those that only a preflight gets, which is hardly ever forwarded.
    of_preflight: Vec<Line>,
}

/// A response header line that borrows nothing.
pub(crate) type Line = (HeaderName, HeaderValue);

impl ForwardHeaders {
    /// Takes the lines of a decision, and what makes a value of one.
    #[inline]
    pub(crate) fn new(
        headers: &ResponseHeaders<'_>,
        value: impl Fn(HeaderLine<'_>) -> Option<HeaderValue>,
    ) -> Self {
        use ResponseHeaderName as Name;
        let get = |name| headers.get(name).and_then(&value);
        Self {
            removed: headers.removed(),
            vary: match headers.get(Name::Vary).map(|line| line.value) {
                Some(LineValue::Constant(names)) => Some(names),
                _ => None,
            },
            allow_origin: get(Name::AccessControlAllowOrigin),
            allow_credentials: headers.get(Name::AccessControlAllowCredentials).is_some(),
            timing_allow_origin: headers.get(Name::TimingAllowOrigin).is_some(),
            expose_headers: get(Name::AccessControlExposeHeaders),
            of_preflight: if headers.kind() == RequestKind::Preflight {
                lines_of_preflight(headers, value)
            } else {
                Vec::new()
            },
        }
    }

    /// Puts them among those of a response: the application's own CORS lines are removed, ours are set, and `Vary` is
    /// merged. They are used up, without having been moved.
    pub(crate) fn apply_once(&mut self, headers: &mut HeaderMap) {
        // Most responses have few lines, and to look at each takes less than to look for any.
        let (mut has_vary, mut has_stale) = (false, false);
        for name in headers.keys() {
            if let Some(name) = ResponseHeaderName::named(name) {
                has_vary |= name == ResponseHeaderName::Vary;
                has_stale |= self.removed.contains(&name);
            }
        }
        if has_stale {
            remove(headers, self.removed);
        }
        match self.vary.take() {
            Some(names) if has_vary => merge_vary(headers, names),
            Some(names) => headers.append(VARY, constant(names)),
            None => {}
        }
        // What is set here is not there any more: `append` says the same as `insert`, and need not return what was.
        if let Some(origin) = self.allow_origin.take() {
            if self.timing_allow_origin {
                headers.append(TIMING_ALLOW_ORIGIN, origin.clone());
            }
            headers.append(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        if self.allow_credentials {
            headers.append(ACCESS_CONTROL_ALLOW_CREDENTIALS, constant("true"));
        }
        if let Some(names) = self.expose_headers.take() {
            headers.append(ACCESS_CONTROL_EXPOSE_HEADERS, names);
        }
        if !self.of_preflight.is_empty() {
            for (name, value) in self.of_preflight.drain(..) {
                headers.append(name, value);
            }
        }
    }
}

#[cold]
fn lines_of_preflight(
    headers: &ResponseHeaders<'_>,
    value: impl Fn(HeaderLine<'_>) -> Option<HeaderValue>,
) -> Vec<Line> {
    let owned = |line: HeaderLine<'_>| Some((header_name(line.name), value(line)?));
    headers.of_preflight().filter_map(owned).collect()
}

/// Hardly any application sets a line of CORS.
#[cold]
fn remove(headers: &mut HeaderMap, names: &[ResponseHeaderName]) {
    for name in names {
        headers.remove(header_name(*name));
    }
}

/// Adds to `Vary` what it does not say yet.
fn merge_vary(headers: &mut HeaderMap, names: &'static str) {
    let existing = || headers.get_all(VARY).map(HeaderValue::as_bytes);
    let missing: SmallVec<[&str; 3]> = missing_from_vary(names, existing).collect();
    // Mostly all of them are, and then they are one value.
    if missing.len() == names.split(", ").count() {
        headers.append(VARY, constant(names));
        return;
    }
    for name in missing {
        headers.append(VARY, constant(name));
    }
}

/// The value with this text. That it is one has been checked when this was compiled, for those that nearly every response
/// has.
pub(crate) fn constant(text: &'static str) -> HeaderValue {
    const ANY: HeaderValue = HeaderValue::from_static("*");
    const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
    const TRUE: HeaderValue = HeaderValue::from_static("true");
    match text {
        "*" => ANY,
        "Origin" => ORIGIN,
        "true" => TRUE,
        _ => HeaderValue::from_static(text),
    }
}

const TIMING_ALLOW_ORIGIN: HeaderName =
    HeaderName::from_static(ResponseHeaderName::TimingAllowOrigin.as_str());

/// Each made when this was compiled: `from_static` looks for the name among those it knows.
pub(crate) fn header_name(name: ResponseHeaderName) -> HeaderName {
    const ALLOW_PRIVATE_NETWORK: HeaderName =
        HeaderName::from_static(ResponseHeaderName::AccessControlAllowPrivateNetwork.as_str());
    match name {
        ResponseHeaderName::AccessControlAllowOrigin => ACCESS_CONTROL_ALLOW_ORIGIN,
        ResponseHeaderName::AccessControlAllowCredentials => ACCESS_CONTROL_ALLOW_CREDENTIALS,
        ResponseHeaderName::AccessControlAllowMethods => header::ACCESS_CONTROL_ALLOW_METHODS,
        ResponseHeaderName::AccessControlAllowHeaders => header::ACCESS_CONTROL_ALLOW_HEADERS,
        ResponseHeaderName::AccessControlMaxAge => header::ACCESS_CONTROL_MAX_AGE,
        ResponseHeaderName::AccessControlAllowPrivateNetwork => ALLOW_PRIVATE_NETWORK,
        ResponseHeaderName::AccessControlExposeHeaders => ACCESS_CONTROL_EXPOSE_HEADERS,
        ResponseHeaderName::TimingAllowOrigin => TIMING_ALLOW_ORIGIN,
        ResponseHeaderName::Vary => VARY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vary(existing: &[&'static str], ours: &'static str) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in existing {
            headers.append(VARY, HeaderValue::from_static(line));
        }
        // Twice: the second time changes nothing more.
        merge_vary(&mut headers, ours);
        merge_vary(&mut headers, ours);
        let lines = headers.get_all(VARY);
        lines
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn vary_is_merged_and_never_says_a_thing_twice() {
        assert_eq!(vary(&[], "Origin"), ["Origin"]);
        assert_eq!(vary(&["accept"], "Origin"), ["accept", "Origin"]);
        assert_eq!(vary(&["accept, origin"], "Origin"), ["accept, origin"]);
        assert_eq!(
            vary(
                &["accept", "ORIGIN"],
                "Origin, Access-Control-Request-Method"
            ),
            ["accept", "ORIGIN", "Access-Control-Request-Method"]
        );
        assert_eq!(vary(&["*"], "Origin"), ["*"]);
    }
}
