//! The settings with which a server that says what it is sends the headers of a correction.

use http::{HeaderMap, HeaderName, StatusCode, header};
use omnicors_browser::Correction;

/// A proxy can be in front of the application.
const NOT_TWICE: &str = "If the application behind it sends them, change them there, not in both.";

/// Returns the usual setting of a server that says what it is.
pub(super) fn new(present: &HeaderMap, correction: &Correction) -> Option<String> {
    let allow_origin = present.get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN).iter();
    if allow_origin.count() > 1 {
        // Another one would not help.
        return None;
    }
    let wanted = Wanted::new(correction)?;
    let value = |name: &HeaderName| {
        present
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let (server, powered_by) = (
        value(&header::SERVER),
        value(&HeaderName::from_static("x-powered-by")),
    );
    let is = |text: &str, product: &str| {
        let name = text.split(['/', ' ', ';']).next().unwrap_or_default();
        name.eq_ignore_ascii_case(product)
    };
    Some(if is(powered_by, "Express") {
        format!(
            "`X-Powered-By` says Express: with the package `cors`, `app.use(cors({{ {} }}))` before the routes.",
            wanted.express()
        )
    } else if is(powered_by, "PHP") {
        format!(
            "`X-Powered-By` says PHP: `{}`, after a comparison of `$_SERVER['HTTP_ORIGIN']` with the list.",
            wanted.lines(
                |name, value| format!("header('{name}: {value}');"),
                "if ($_SERVER['REQUEST_METHOD'] === 'OPTIONS') { http_response_code(204); exit; }"
            )
        )
    } else if is(server, "nginx") {
        format!(
            "`Server` says nginx: if it is to send the headers, `{}`. Without `always`, most error responses do not get them. {NOT_TWICE}",
            wanted.lines(
                |name, value| format!("add_header {name} \"{value}\" always;"),
                "if ($request_method = OPTIONS) { return 204; }"
            )
        )
    } else if is(server, "Apache") {
        format!(
            "`Server` says Apache: if it is to send the headers, `{}`. {NOT_TWICE}",
            wanted.lines(
                |name, value| format!("Header always set {name} \"{value}\""),
                "RewriteEngine On` `RewriteCond %{REQUEST_METHOD} =OPTIONS` `RewriteRule ^ - [R=204,L]"
            )
        )
    } else if is(server, "Caddy") {
        format!(
            "`Server` says Caddy: if it is to send the headers, `{}`. {NOT_TWICE}",
            wanted.lines(
                |name, value| format!("header {name} \"{value}\""),
                "@preflight method OPTIONS` `respond @preflight 204"
            )
        )
    } else if is(server, "Kestrel") {
        format!(
            "`Server` says Kestrel: in ASP.NET Core, `policy{}`, and `app.UseCors()` before `UseAuthorization`.",
            wanted.kestrel()
        )
    } else if is(server, "AmazonS3") {
        format!(
            "`Server` says Amazon S3: in the CORS configuration of the bucket, add {}.",
            wanted.s3()
        )
    } else {
        return None;
    })
}

/// The headers that the server must send.
struct Wanted<'a> {
    headers: Vec<(&'static str, &'a str)>,
    /// True if the status must be 204.
    is_no_content: bool,
}

const ORIGIN: &str = "Access-Control-Allow-Origin";
const CREDENTIALS: &str = "Access-Control-Allow-Credentials";
const METHODS: &str = "Access-Control-Allow-Methods";
const HEADERS: &str = "Access-Control-Allow-Headers";
const NAMES: [&str; 5] = [ORIGIN, CREDENTIALS, METHODS, HEADERS, "Vary"];

impl<'a> Wanted<'a> {
    /// Returns `None` if a value would have to be escaped in a setting, or the correction has other headers.
    fn new(correction: &'a Correction) -> Option<Self> {
        let is_plain = |value: &&str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ,-._:/[]*".contains(&byte);
            value.bytes().all(is_plain)
        };
        let mut headers = Vec::new();
        for (name, value) in correction.headers() {
            let name = NAMES.into_iter().find(|known| name == *known)?;
            headers.push((name, value.to_str().ok().filter(is_plain)?));
        }
        (!headers.is_empty()).then_some(Self {
            headers,
            is_no_content: correction.status() == Some(StatusCode::NO_CONTENT),
        })
    }

    fn value(&self, wanted: &str) -> Option<&'a str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| *value)
    }

    /// Returns the elements of a list, each in double quotes.
    fn quoted(&self, wanted: &str) -> Option<String> {
        let value = self.value(wanted)?;
        let quoted: Vec<_> = value
            .split(", ")
            .map(|element| format!("\"{element}\""))
            .collect();
        Some(quoted.join(", "))
    }

    /// Returns a setting for each header, and one that responds to preflights.
    fn lines(&self, header: impl Fn(&str, &str) -> String, responds: &str) -> String {
        let mut lines: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| header(name, value))
            .collect();
        if self.is_no_content {
            lines.push(responds.to_owned());
        }
        lines.join("` `")
    }

    fn express(&self) -> String {
        let list = |option, name| {
            let elements = self.quoted(name)?;
            Some(format!("{option}: [{elements}]"))
        };
        let options = [
            list("origin", ORIGIN),
            self.value(CREDENTIALS)
                .map(|_| "credentials: true".to_owned()),
            list("methods", METHODS),
            list("allowedHeaders", HEADERS),
        ];
        options.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn kestrel(&self) -> String {
        let call = |function, name| {
            let elements = self.quoted(name)?;
            Some(format!(".{function}({elements})"))
        };
        let calls = [
            call("WithOrigins", ORIGIN),
            call("WithMethods", METHODS),
            call("WithHeaders", HEADERS),
            self.value(CREDENTIALS)
                .map(|_| ".AllowCredentials()".to_owned()),
        ];
        calls.into_iter().flatten().collect()
    }

    fn s3(&self) -> String {
        let member = |member, name| {
            let value = self.value(name)?;
            Some(format!("`{value}` to `{member}`"))
        };
        let members = [
            member("AllowedOrigins", ORIGIN),
            member("AllowedMethods", METHODS),
            member("AllowedHeaders", HEADERS),
        ];
        members
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" and ")
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Request, Response};
    use omnicors_browser::{Credentials, Page};

    use super::*;

    fn hint_of(method: &str, fields: &[(&str, &str)], status: u16) -> Option<String> {
        let page = Page::new("https://app.example").unwrap();
        let fetch = page
            .fetch("https://api.example/")
            .method(method)
            .credentials(Credentials::Include);
        let outcome = fetch.send_now(&mut |_: Request<Bytes>| {
            let mut response = Response::builder().status(status);
            for (name, value) in fields {
                response = response.header(*name, *value);
            }
            response.body("").unwrap()
        });
        let last = outcome.exchanges().last().unwrap().response().unwrap();
        new(last.headers(), &outcome.correction().unwrap())
    }

    /// The settings are those of the documentation of each server.
    #[test]
    fn a_server_that_says_what_it_is_gets_its_usual_setting() {
        for (name, value, settings) in [
            (
                "server",
                "nginx/1.27.0",
                &[
                    "`add_header Access-Control-Allow-Origin \"https://app.example\" always;`",
                    "`add_header Access-Control-Allow-Credentials \"true\" always;`",
                    "`add_header Access-Control-Allow-Methods \"PUT\" always;`",
                    "`if ($request_method = OPTIONS) { return 204; }`",
                ][..],
            ),
            (
                "server",
                "Apache/2.4.62 (Debian)",
                &[
                    "`Header always set Access-Control-Allow-Origin \"https://app.example\"`",
                    "`Header always set Access-Control-Allow-Methods \"PUT\"`",
                    "`RewriteRule ^ - [R=204,L]`",
                ],
            ),
            (
                "server",
                "Caddy",
                &[
                    "`header Access-Control-Allow-Origin \"https://app.example\"`",
                    "`header Access-Control-Allow-Methods \"PUT\"`",
                    "`respond @preflight 204`",
                ],
            ),
            (
                "server",
                "Kestrel",
                &[
                    "`policy.WithOrigins(\"https://app.example\").WithMethods(\"PUT\").AllowCredentials()`",
                ],
            ),
            (
                "server",
                "AmazonS3",
                &["`https://app.example` to `AllowedOrigins` and `PUT` to `AllowedMethods`."],
            ),
            (
                "x-powered-by",
                "Express",
                &[
                    "`app.use(cors({ origin: [\"https://app.example\"], credentials: true, methods: [\"PUT\"] }))`",
                ],
            ),
            (
                "x-powered-by",
                "PHP/8.3.0",
                &[
                    "`header('Access-Control-Allow-Origin: https://app.example');`",
                    "`header('Access-Control-Allow-Methods: PUT');`",
                    "http_response_code(204);",
                ],
            ),
        ] {
            let hint = hint_of("PUT", &[(name, value)], 405).unwrap();
            for setting in settings {
                assert!(hint.contains(setting), "{hint}");
            }
        }
    }

    #[test]
    fn a_server_that_is_not_known_gets_no_setting() {
        for value in ["uvicorn", "nginxx", "cloudflare", ""] {
            assert_eq!(hint_of("GET", &[("server", value)], 200), None, "{value}");
        }
    }

    #[test]
    fn a_header_that_is_sent_twice_gets_no_setting() {
        let origin = ("access-control-allow-origin", "https://app.example");
        let fields = [("server", "nginx"), origin, origin];
        assert_eq!(hint_of("GET", &fields, 200), None);
    }

    #[test]
    fn a_value_that_would_have_to_be_escaped_gets_no_setting() {
        let fields = [
            ("server", "nginx"),
            ("access-control-allow-methods", "PUT, $A"),
        ];
        assert_eq!(hint_of("DELETE", &fields, 200), None);
        let fields = [
            ("server", "nginx"),
            ("access-control-allow-methods", "PUT, A"),
        ];
        assert!(hint_of("DELETE", &fields, 200).is_some());
    }
}
