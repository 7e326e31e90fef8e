/// The target of a request: <https://www.rfc-editor.org/rfc/rfc9112#section-3.2>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    /// The host and port of an absolute target or of a CONNECT.
    pub(crate) authority: Option<&'a str>,
    /// The path without the query. Empty for a CONNECT.
    pub(crate) path: &'a str,
}

impl<'a> Target<'a> {
    /// Returns `None` if the target is not valid for the method.
    ///
    /// Proxies get absolute targets (`GET http://api.example/items`), but every server must accept them.
    pub(crate) fn parse(method: &str, target: &'a str) -> Option<Self> {
        if target.is_empty() || target.contains('#') {
            return None;
        }
        if method == "CONNECT" {
            let is_authority = !target.contains(['/', '?']);
            return is_authority.then_some(Self {
                authority: Some(target),
                path: "",
            });
        }
        if target.starts_with('/') || (method == "OPTIONS" && target == "*") {
            return Some(Self {
                authority: None,
                path: without_query(target),
            });
        }
        let (scheme, rest) = target.split_once("://")?;
        let is_http = ["http", "https"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known));
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        // A URL of these schemes has a host: https://www.rfc-editor.org/rfc/rfc9110#section-4.2.1
        (is_http && !authority.is_empty()).then_some(Self {
            authority: Some(authority),
            path: match without_query(path) {
                "" => "/",
                path => path,
            },
        })
    }
}

fn without_query(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_target_has_its_authority_and_path() {
        for (method, target, authority, path) in [
            ("GET", "/", None, "/"),
            ("GET", "/items?to=http://b.test/", None, "/items"),
            ("GET", "//b.test/", None, "//b.test/"),
            ("GET", "http://a.test", Some("a.test"), "/"),
            ("GET", "http://a.test/", Some("a.test"), "/"),
            (
                "PUT",
                "HTTPS://a.test:8443/items?a=b",
                Some("a.test:8443"),
                "/items",
            ),
            ("GET", "http://a.test?to=/b", Some("a.test"), "/"),
            ("GET", "http://a.test@b.test/", Some("a.test@b.test"), "/"),
            ("OPTIONS", "*", None, "*"),
            ("CONNECT", "a.test:443", Some("a.test:443"), ""),
        ] {
            let expected = Some(Target { authority, path });
            assert_eq!(Target::parse(method, target), expected, "{method} {target}");
        }
    }

    #[test]
    fn an_invalid_target_is_not_accepted() {
        for (method, target) in [
            ("GET", ""),
            ("GET", "*"),
            ("GET", "items"),
            ("GET", "a.test:80"),
            ("GET", "http:/a.test/"),
            ("GET", "http:///items"),
            ("GET", "ftp://a.test/"),
            ("GET", "http://b.test#.a.test/"),
            ("CONNECT", "/"),
            ("CONNECT", "http://a.test/"),
        ] {
            assert_eq!(Target::parse(method, target), None, "{method} {target}");
        }
    }
}
