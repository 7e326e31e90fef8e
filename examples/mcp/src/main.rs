//! An MCP server that listens on this machine only, for the web clients of one origin.
//!
//! ```sh
//! cargo run -p example-mcp
//! ```
//!
//! Two attacks on such servers are known, and the policy stops both: a page of any site sends requests to `localhost` (the guard), and
//! a page lets its own name resolve to `127.0.0.1` (`allow_hosts`). The same policy lets the listed origin read responses.

#![forbid(unsafe_code)]

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use omnicors::adapters::tower::CorsLayer;
use omnicors::{Guard, Policy, PolicyConfig, PolicyError};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{ServerCapabilities, ServerConfig};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServerHandler, schemars, tool, tool_handler, tool_router};
use serde::Deserialize;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/mcp", listener.local_addr()?);
    axum::serve(listener, application(policy()?)).await?;
    Ok(())
}

/// The policy of an MCP server with Streamable HTTP, for web clients of one origin.
fn policy() -> Result<Policy, PolicyError> {
    PolicyConfig::new()
        .allow_origin("https://inspector.example")
        .allow_methods(["DELETE"])
        .allow_headers([
            "authorization",
            "content-type",
            "last-event-id",
            "mcp-protocol-version",
            "mcp-session-id",
        ])
        .expose_headers(["mcp-session-id", "www-authenticate"])
        .guard(Guard::All)
        .allow_loopback_hosts()
        .build()
}

fn application(policy: Policy) -> Router {
    // The policy checks `Host` and `Origin`, so that there is one list.
    let config = StreamableHttpServerConfig::default().disable_allowed_hosts();
    let sessions = Arc::new(LocalSessionManager::default());
    let mcp = StreamableHttpService::new(|| Ok(Calculator), sessions, config);
    Router::new()
        .nest_service("/mcp", mcp)
        .layer(CorsLayer::new(policy))
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Summands {
    a: i64,
    b: i64,
}

#[derive(Clone, Copy, Debug)]
struct Calculator;

#[tool_router]
impl Calculator {
    #[tool(description = "Adds two numbers")]
    fn add(Parameters(Summands { a, b }): Parameters<Summands>) -> String {
        a.saturating_add(b).to_string()
    }
}

#[tool_handler]
impl ServerHandler for Calculator {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, Response};
    use tower::ServiceExt as _;

    use super::*;

    const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#;

    async fn send(method: &str, fields: &[(&str, &str)]) -> Response<Body> {
        let mut request = Request::builder().method(method).uri("/mcp");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .body(Body::from(INITIALIZE))
            .unwrap();
        application(policy().unwrap())
            .oneshot(request)
            .await
            .unwrap()
    }

    const HOST: (&str, &str) = ("host", "localhost:8000");
    const INSPECTOR: (&str, &str) = ("origin", "https://inspector.example");
    const OTHER: (&str, &str) = ("origin", "https://other.example");
    const CROSS_SITE: (&str, &str) = ("sec-fetch-site", "cross-site");

    #[tokio::test]
    async fn a_listed_page_opens_a_session_and_reads_its_id() {
        let response = send("POST", &[HOST, INSPECTOR, CROSS_SITE]).await;
        assert_eq!(response.status(), 200);
        let headers = response.headers();
        assert!(headers.contains_key("mcp-session-id"), "{headers:?}");
        assert_eq!(headers["access-control-allow-origin"], INSPECTOR.1);
        let exposed = headers["access-control-expose-headers"].to_str().unwrap();
        assert!(exposed.contains("mcp-session-id"), "{exposed}");
    }

    #[tokio::test]
    async fn a_program_that_is_not_a_browser_opens_a_session() {
        assert_eq!(send("POST", &[HOST]).await.status(), 200);
    }

    #[tokio::test]
    async fn a_page_of_another_site_is_rejected() {
        assert_eq!(send("POST", &[HOST, OTHER, CROSS_SITE]).await.status(), 403);
        // Over plain http, browsers may leave `Sec-Fetch-Site` out.
        assert_eq!(send("POST", &[HOST, OTHER]).await.status(), 403);
    }

    #[tokio::test]
    async fn a_page_that_was_rebound_to_this_machine_is_rejected() {
        let host = ("host", "attacker.example:8000");
        let origin = ("origin", "http://attacker.example:8000");
        let fields = [host, origin, ("sec-fetch-site", "same-origin")];
        assert_eq!(send("POST", &fields).await.status(), 421);
    }

    #[tokio::test]
    async fn a_preflight_allows_the_headers_of_the_protocol() {
        let asks = ("access-control-request-method", "POST");
        let headers = (
            "access-control-request-headers",
            "content-type,mcp-protocol-version,mcp-session-id",
        );
        let response = send("OPTIONS", &[HOST, INSPECTOR, asks, headers]).await;
        assert_eq!(response.status(), 204);
        let allowed = response.headers()["access-control-allow-headers"]
            .to_str()
            .unwrap();
        assert!(allowed.contains("mcp-protocol-version"), "{allowed}");
    }
}
