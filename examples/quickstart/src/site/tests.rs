mod explanations;

use std::future::IntoFuture as _;

use omnicors_core::PolicyConfig;
use omnicors_tower::CorsLayer;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::api;

/// The ports of the page and the API, which are served until the runtime of the test ends.
struct Served {
    page: u16,
    api: u16,
}

struct HttpResponse {
    status: u16,
    head: String,
    body: String,
}

const POLICY: &str = "allow_origins = [\"http://app.localhost:*\"]\nallow_methods = [\"PUT\"]\n";

async fn served() -> Served {
    let bind = || TcpListener::bind(("127.0.0.1", 0));
    let (page, api) = (bind().await.unwrap(), bind().await.unwrap());
    let address = |listener: &TcpListener| listener.local_addr().unwrap();
    let served = Served {
        page: address(&page).port(),
        api: address(&api).port(),
    };
    let config: PolicyConfig = toml::from_str(POLICY).unwrap();
    let handle = PolicyHandle::new(config.build().unwrap());
    let origin = format!("http://{}", address(&api));
    let site = Arc::new(Site::new(handle, POLICY.to_owned(), origin, served.page));
    let app = api::with_log(CorsLayer::new(site.handle.clone()), &site.log);
    tokio::spawn(axum::serve(api, app).into_future());
    tokio::spawn(axum::serve(page, router(site)).into_future());
    served
}

impl Served {
    /// Sends a request with header fields, one per line. `PAGE` is replaced by the port of the page.
    async fn send(&self, port: u16, request: &str, lines: &[&str], body: &str) -> HttpResponse {
        let lines = lines.iter().map(|line| format!("{line}\r\n"));
        let lines = lines
            .collect::<String>()
            .replace("PAGE", &self.page.to_string());
        let text = format!(
            "{request} HTTP/1.1\r\nConnection: close\r\n{lines}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        HttpResponse {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    async fn page(&self, request: &str, lines: &[&str], body: &str) -> HttpResponse {
        self.send(self.page, request, lines, body).await
    }

    /// Sends the request of the page itself.
    async fn replace(&self, policy: &str) -> HttpResponse {
        self.page("POST /policy", &FROM_PAGE, policy).await
    }

    async fn policy_in_force(&self) -> String {
        let response = self
            .page("GET /policy", &["Host: localhost:PAGE"], "")
            .await;
        response.json()["policy"].as_str().unwrap().to_owned()
    }

    /// Sends a preflight for PATCH to the API.
    async fn preflight(&self, id: &str) -> HttpResponse {
        let lines = [
            "Host: api",
            "Origin: http://app.localhost:PAGE",
            "Access-Control-Request-Method: PATCH",
        ];
        let request = format!("OPTIONS /items?request={id}");
        self.send(self.api, &request, &lines, "").await
    }
}

impl HttpResponse {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

const FROM_PAGE: [&str; 4] = [
    "Host: localhost:PAGE",
    "Origin: http://localhost:PAGE",
    "Sec-Fetch-Site: same-origin",
    "Content-Type: application/toml",
];

const OTHER_POLICY: &str =
    "allow_origins = [\"http://app.localhost:*\"]\nallow_methods = [\"PATCH\"]\n";

#[tokio::test]
async fn a_new_policy_is_in_force_at_once() {
    let served = served().await;
    let before = served.preflight("1").await;
    assert!(
        before
            .head
            .contains("access-control-allow-methods: get, head, post, put")
    );
    let replaced = served.replace(OTHER_POLICY).await;
    assert_eq!(
        (replaced.status, &replaced.json()["revision"]),
        (200, &1.into())
    );
    let warnings = replaced.json()["warnings"][0].as_str().unwrap().to_owned();
    assert!(warnings.starts_with("FOR DEVELOPMENT ONLY"), "{warnings}");
    let after = served.preflight("2").await;
    assert!(
        after
            .head
            .contains("access-control-allow-methods: get, head, post, patch")
    );
    assert_eq!(served.policy_in_force().await, OTHER_POLICY);
}

#[tokio::test]
async fn all_mistakes_are_reported_and_the_policy_in_force_stays() {
    let served = served().await;
    let wrong = "allow_origins = [\"https://Example.com/\", \"null\"]\nallow_methods = [\"patch\"]";
    let response = served.replace(wrong).await;
    assert_eq!(response.status, 422);
    let mistakes = response.json();
    let mistakes = mistakes["mistakes"].as_array().unwrap();
    let places: Vec<_> = mistakes.iter().map(|mistake| &mistake["place"]).collect();
    assert_eq!(
        places,
        ["allow_origins[0]", "allow_origins[1]", "allow_methods[0]"]
    );
    assert_eq!(mistakes[0]["suggestion"], "https://example.com");
    assert_eq!(mistakes[0]["replacement"], "\"https://example.com\"");
    assert_eq!(mistakes[1]["opt_out"], "dangerously_allow_opaque_origins");
    assert_eq!(served.policy_in_force().await, POLICY);
    let after = served.preflight("1").await;
    assert!(
        after
            .head
            .contains("access-control-allow-methods: get, head, post, put")
    );
}

#[tokio::test]
async fn only_the_page_can_replace_the_policy() {
    let served = served().await;
    let toml = "Content-Type: application/toml";
    let own = "Origin: http://localhost:PAGE";
    let host = "Host: localhost:PAGE";
    let forged: [(u16, &[&str]); 11] = [
        // Another site, and another origin of the same site.
        (
            403,
            &[
                host,
                "Origin: https://evil.test",
                "Sec-Fetch-Site: cross-site",
                toml,
            ],
        ),
        (
            403,
            &[
                host,
                "Origin: http://app.localhost:PAGE",
                "Sec-Fetch-Site: same-site",
                toml,
            ],
        ),
        (403, &[host, "Origin: null", toml]),
        (403, &[host, own, "Sec-Fetch-Site: cross-site", toml]),
        (403, &[host, "Origin: https://localhost:PAGE", toml]),
        (403, &[host, own, "Origin: https://evil.test", toml]),
        // A program that is not a browser.
        (403, &[host, toml]),
        // DNS rebinding: the page is same-origin, but the host name is unknown.
        (
            421,
            &[
                "Host: evil.test:PAGE",
                "Origin: http://evil.test:PAGE",
                "Sec-Fetch-Site: same-origin",
                toml,
            ],
        ),
        (421, &["Host: localhost", own, toml]),
        // The origin of a frame.
        (
            404,
            &[
                "Host: app.localhost:PAGE",
                "Origin: http://app.localhost:PAGE",
                "Sec-Fetch-Site: same-origin",
                toml,
            ],
        ),
        // A content type that a form can send.
        (
            415,
            &[
                host,
                own,
                "Sec-Fetch-Site: same-origin",
                "Content-Type: text/plain",
            ],
        ),
    ];
    for (status, lines) in forged {
        let response = served.page("POST /policy", lines, OTHER_POLICY).await;
        assert_eq!(response.status, status, "{lines:?}");
        assert!(!response.head.contains("access-control"), "{lines:?}");
    }
    assert_eq!(served.policy_in_force().await, POLICY);
    assert_eq!(served.replace(OTHER_POLICY).await.status, 200);
}

#[tokio::test]
async fn only_the_page_can_read_the_policy_and_explanations() {
    let served = served().await;
    for request in ["GET /policy", "GET /explanation/omit/1", "GET /usage/axum"] {
        for (status, lines) in [
            (200, ["Host: localhost:PAGE", "Sec-Fetch-Site: same-origin"]),
            (200, ["Host: 127.0.0.1:PAGE", "Sec-Fetch-Site: same-origin"]),
            (403, ["Host: localhost:PAGE", "Sec-Fetch-Site: cross-site"]),
            (403, ["Host: localhost:PAGE", "Sec-Fetch-Site: same-site"]),
            (403, ["Host: localhost:PAGE", "Origin: https://evil.test"]),
            (
                404,
                ["Host: app.localhost:PAGE", "Sec-Fetch-Site: same-origin"],
            ),
            (421, ["Host: evil.test:PAGE", "Sec-Fetch-Site: same-origin"]),
            (400, ["Host: localhost:PAGE", "Host: localhost:PAGE"]),
        ] {
            assert_eq!(
                served.page(request, &lines, "").await.status,
                status,
                "{request} {lines:?}"
            );
        }
    }
}

#[tokio::test]
async fn frames_have_any_loopback_name_and_the_page_has_two() {
    let served = served().await;
    for (host, page, frame) in [
        ("localhost", 200, 200),
        ("127.0.0.1", 200, 200),
        ("a.b.localhost", 404, 200),
        ("evil.test", 421, 421),
        ("localhost.evil.test", 421, 421),
        ("evillocalhost", 421, 421),
    ] {
        let host_line = format!("Host: {host}:PAGE");
        for path in [
            "/",
            "/elements.js",
            "/codemirror.js",
            "/editor.js",
            "/policy-editor.js",
            "/frames.js",
            "/explanation.js",
            "/requests.js",
            "/usage.js",
            "/page.js",
            "/style.css",
            "/requests.css",
            "/mark.svg",
        ] {
            let response = served.page(&format!("GET {path}"), &[&host_line], "").await;
            assert_eq!(response.status, page, "{host} {path}");
        }
        for path in ["/frame", "/frame.js"] {
            let response = served.page(&format!("GET {path}"), &[&host_line], "").await;
            assert_eq!(response.status, frame, "{host} {path}");
            assert!(response.head.contains("frame-ancestors http://localhost:"));
        }
    }
}

#[tokio::test]
async fn no_other_file_is_served() {
    let served = served().await;
    for path in [
        "/Cargo.toml",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/page/index.html",
        "//",
    ] {
        let response = served
            .page(&format!("GET {path}"), &["Host: localhost:PAGE"], "")
            .await;
        assert_eq!(response.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_policy_that_is_too_long_is_not_accepted() {
    let served = served().await;
    let comment = format!("#{}\n", "x".repeat(MAX_POLICY_LENGTH));
    assert_eq!(served.replace(&comment).await.status, 413);
}

#[tokio::test]
async fn the_policy_in_force_is_shown_for_each_way_to_use_it() {
    let served = served().await;
    let usage = async |tab: &str| {
        let request = format!("GET /usage/{tab}");
        served.page(&request, &["Host: localhost:PAGE"], "").await
    };
    for tab in TABS {
        let parts = usage(tab.id).await.json();
        assert!(parts.as_array().unwrap().len() > 1, "{}", tab.name);
    }
    assert_eq!(usage("other").await.status, 404);

    let put = ".allow_methods([\"PUT\"])";
    let patch = ".allow_methods([\"PATCH\"])";
    assert!(usage("axum").await.body.contains(&put.replace('"', "\\\"")));
    assert_eq!(served.replace(OTHER_POLICY).await.status, 200);
    assert!(
        usage("axum")
            .await
            .body
            .contains(&patch.replace('"', "\\\""))
    );
    assert_eq!(usage("toml").await.json()[0]["text"], OTHER_POLICY);
}
