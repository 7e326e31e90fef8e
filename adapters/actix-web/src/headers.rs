use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue, VARY};
use omnicors_http::omnicors_core::{Operation, ResponseHeaderName, missing_from_vary};
use smallvec::SmallVec;

/// What to put onto a response. Borrows nothing, and can wait for it.
#[derive(Clone, Debug)]
pub(crate) struct ForwardHeaders {
    pub(crate) removed: &'static [ResponseHeaderName],
    /// A request that is no preflight gets five at most.
    pub(crate) lines: SmallVec<[Line; 5]>,
}

/// A response header line that borrows nothing.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: ResponseHeaderName,
    pub(crate) value: HeaderValue,
    pub(crate) operation: Operation,
}

impl ForwardHeaders {
    /// Puts them among those of a response: the application's own CORS lines are removed, ours are set, and `Vary` is
    /// merged. Done twice, it changes nothing more.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        // Most responses have few lines, and hardly any has one of these.
        let is_removed = |name: &HeaderName| {
            let mut removed = self.removed.iter();
            removed.any(|removed| *name == header_name(*removed))
        };
        if headers.keys().any(is_removed) {
            for name in self.removed {
                headers.remove(header_name(*name));
            }
        }
        for line in &self.lines {
            line.add_to(headers);
        }
    }
}

impl Line {
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        let name = header_name(self.name);
        match self.operation {
            Operation::Set => drop(headers.insert(name, self.value.clone())),
            Operation::Merge => merge_vary(headers, &self.value),
            Operation::Append => headers.append(name, self.value.clone()),
        }
    }
}

/// Adds to `Vary` what it does not say yet.
fn merge_vary(headers: &mut HeaderMap, ours: &HeaderValue) {
    if !headers.contains_key(VARY) {
        headers.insert(VARY, ours.clone());
        return;
    }
    let names = ours.to_str().unwrap_or_default();
    let existing = || headers.get_all(VARY).map(HeaderValue::as_bytes);
    let missing: SmallVec<[&str; 3]> = missing_from_vary(names, existing).collect();
    if missing.len() == names.split(", ").count() {
        headers.append(VARY, ours.clone());
        return;
    }
    // A part of a header value is one.
    let missing = missing.into_iter();
    for part in missing.filter_map(|name| HeaderValue::from_str(name).ok()) {
        headers.append(VARY, part);
    }
}

/// Each made when this was compiled: `from_static` looks for the name among those it knows.
fn header_name(name: ResponseHeaderName) -> HeaderName {
    const ALLOW_PRIVATE_NETWORK: HeaderName =
        HeaderName::from_static(ResponseHeaderName::AccessControlAllowPrivateNetwork.as_str());
    const TIMING_ALLOW_ORIGIN: HeaderName =
        HeaderName::from_static(ResponseHeaderName::TimingAllowOrigin.as_str());
    match name {
        ResponseHeaderName::AccessControlAllowOrigin => header::ACCESS_CONTROL_ALLOW_ORIGIN,
        ResponseHeaderName::AccessControlAllowCredentials => {
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS
        }
        ResponseHeaderName::AccessControlAllowMethods => header::ACCESS_CONTROL_ALLOW_METHODS,
        ResponseHeaderName::AccessControlAllowHeaders => header::ACCESS_CONTROL_ALLOW_HEADERS,
        ResponseHeaderName::AccessControlMaxAge => header::ACCESS_CONTROL_MAX_AGE,
        ResponseHeaderName::AccessControlAllowPrivateNetwork => ALLOW_PRIVATE_NETWORK,
        ResponseHeaderName::AccessControlExposeHeaders => header::ACCESS_CONTROL_EXPOSE_HEADERS,
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
        let line = Line {
            name: ResponseHeaderName::Vary,
            value: HeaderValue::from_static(ours),
            operation: Operation::Merge,
        };
        line.add_to(&mut headers);
        line.add_to(&mut headers);
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
