//! Counters of CORS decisions for Prometheus, and a stricter policy that is compared with the one in force.
//!
//! ```sh
//! cargo run -p example-metrics
//! ```

#![forbid(unsafe_code)]

use std::error::Error;

use axum::Router;
use axum::routing::{get, post};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use omnicors::Guard;
use omnicors::adapters::tower::{CorsLayer, PolicyConfig, PolicyError, PolicyHandle};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Before the first request: its decision registers the counters with the recorder that is installed then.
    let recorder = PrometheusBuilder::new().install_recorder()?;
    let policies = policies()?;
    let app = app(&policies, recorder);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("{address}");
    println!("curl -i {address}/items -H 'Origin: https://shop.example'");
    println!("curl {address}/metrics");
    println!("curl {address}/shadow");
    axum::serve(listener, app).await?;
    Ok(())
}

/// Returns the policy in force, which lets everyone read and only reports whose requests a guard would reject. It is compared with a
/// stricter candidate.
fn policies() -> Result<PolicyHandle, PolicyError> {
    let in_force = PolicyConfig::new()
        .allow_origins(["https://app.example", "https://shop.example"])
        .guard(Guard::UnsafeMethods)
        .guard_report_only(true);
    let stricter = PolicyConfig::new().allow_origins(["https://app.example"]);
    let handle = PolicyHandle::new(in_force.build()?);
    handle.shadow(stricter.build()?);
    Ok(handle)
}

fn app(policies: &PolicyHandle, recorder: PrometheusHandle) -> Router {
    let compared = policies.clone();
    let report = async move || match compared.shadow_report() {
        Some(report) => report.to_string(),
        None => "there is no candidate".to_owned(),
    };
    let api = Router::new()
        .route("/items", get(async || "apple\n"))
        .route("/items/add", post(async || "added\n"))
        .layer(CorsLayer::new(policies.clone()));
    // Outside of the layer, so that reading the counters does not change them. In production, serve these routes on a port that only
    // your monitoring can reach: they name the origins of your users.
    let operators = Router::new()
        .route("/metrics", get(async move || recorder.render()))
        .route("/shadow", get(report));
    api.merge(operators)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    /// Sends a request and returns the whole response.
    async fn send(port: u16, method: &str, path: &str, fields: &[&str]) -> String {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n");
        for field in fields {
            request += field;
            request += "\r\n";
        }
        request += "content-length: 0\r\n\r\n";
        let mut stream = TcpStream::connect(("127.0.0.1", port))
            .await
            .expect("it listens");
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it reads");
        let mut response = String::new();
        stream
            .read_to_string(&mut response)
            .await
            .expect("it responds");
        response
    }

    /// The counters are global, so there is one test.
    #[tokio::test]
    async fn decisions_are_counted_by_reason_and_never_by_origin() {
        let recorder = PrometheusBuilder::new()
            .install_recorder()
            .expect("there is no other");
        let app = app(&policies().expect("a valid policy"), recorder);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        tokio::spawn(async move { axum::serve(listener, app).await });

        let preflight = "access-control-request-method: PUT";
        for (times, method, path, fields) in [
            (1, "GET", "/items", [].as_slice()),
            (2, "GET", "/items", &["origin: https://app.example"]),
            (3, "GET", "/items", &["origin: https://shop.example"]),
            (4, "GET", "/items", &["origin: https://stranger.example"]),
            (
                5,
                "OPTIONS",
                "/items",
                &["origin: https://app.example", preflight],
            ),
            (
                6,
                "OPTIONS",
                "/items",
                &["origin: https://stranger.example", preflight],
            ),
            (
                7,
                "GET",
                "/items",
                &["origin: https://app.example", "cookie: a=b"],
            ),
            (
                8,
                "POST",
                "/items/add",
                &["origin: https://evil.example", "sec-fetch-site: cross-site"],
            ),
        ] {
            for _ in 0..times {
                send(port, method, path, fields).await;
            }
        }

        let page = send(port, "GET", "/metrics", &[]).await;
        for (decision, reason, count) in [
            ("forward", "none", 1 + 2 + 3),
            ("forward", "origin_not_allowed", 4),
            ("forward", "credentials_not_allowed", 7),
            ("respond", "method_not_allowed", 5),
            ("respond", "origin_not_allowed", 6),
            ("would_reject", "origin_not_listed", 8),
            // Registered with the others, so that an alert sees the first increase.
            ("reject", "host_not_listed", 0),
        ] {
            let line = format!(
                r#"omnicors_decisions_total{{decision="{decision}",reason="{reason}"}} {count}"#
            );
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
        // The candidate does not allow this origin, and has no guard.
        let differences = r#"omnicors_shadow_differences_total{difference="blocked"} 3"#;
        assert!(page.lines().any(|line| line == differences), "{page}");
        for secret in ["example", "items", "origin=", "path="] {
            assert!(!page.contains(secret), "{secret}\n{page}");
        }

        let report = send(port, "GET", "/shadow", &[]).await;
        for text in [
            "36 requests in 0 minutes, 3 differ",
            "https://shop.example: 3 requests; a browser would block the request",
            "add `https://shop.example` to allow_origins",
        ] {
            assert!(report.contains(text), "{text}\n{report}");
        }
    }
}
