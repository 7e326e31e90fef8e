//! Events, and nothing else.

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use omnicors_core::{Policy, Verdict, evaluate};
use tracing::{debug, enabled, warn};

use crate::request::RequestHead;

/// What is hardly meant about a policy, once, when it is prepared.
pub(crate) fn advice(policy: &Policy) {
    if enabled!(tracing::Level::WARN) {
        for advice in policy.advice() {
            warn!("CORS policy: {advice}");
        }
    }
}

/// A denial, with its reason. At debug: a stranger can cause as many as they like.
pub(crate) fn denial(policy: &Policy, head: &RequestHead<'_>, origin_verdict: Option<bool>) {
    if !enabled!(tracing::Level::DEBUG) {
        return;
    }
    let mut parts = head.parts(true);
    if let Some(allowed) = origin_verdict {
        parts = parts.origin_verdict(allowed);
    }
    if let Verdict::Denied(denial) = evaluate(policy, &parts).verdict() {
        let line = |name| head.headers.get(name).map(|value| shown(value.as_bytes()));
        debug!(
            method = %head.method,
            path = shown(head.uri.path().as_bytes()),
            origin = line(ORIGIN),
            requested_method = line(ACCESS_CONTROL_REQUEST_METHOD),
            requested_headers = line(ACCESS_CONTROL_REQUEST_HEADERS),
            change = policy.explain(&parts).change(),
            "a browser will deny this by CORS: {denial}"
        );
    }
}

/// What a stranger has sent, in one line of bearable length.
fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 120;
    match bytes.get(..LONGEST) {
        Some(start) => format!("{}…", start.escape_ascii()),
        None => bytes.escape_ascii().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use http::Request;
    use omnicors_core::PolicyConfig;
    use tracing::Level;

    use crate::SharedPolicy;

    /// What is written while `act` runs, at `level` and above.
    fn written(level: Level, act: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Written(Arc<Mutex<Vec<u8>>>);

        impl io::Write for Written {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(level)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, act);
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_denial_is_told_at_debug_with_what_to_change() {
        let cors = SharedPolicy::new(
            PolicyConfig::new()
                .allow_origins(["https://a.test"])
                .build()
                .unwrap(),
        );
        let denied = Request::get("/items")
            .header("origin", "https://b.test\u{7f}")
            .body(());
        assert!(
            denied.is_err(),
            "the http crate lets no control character through"
        );
        let denied = Request::get("/items")
            .header("origin", "https://b.test")
            .body(())
            .unwrap();
        let allowed = Request::get("/items")
            .header("origin", "https://a.test")
            .body(())
            .unwrap();
        let own = Request::post("/items")
            .header("origin", "https://own.test")
            .header("sec-fetch-site", "same-origin")
            .body(())
            .unwrap();
        let ask = |request: &Request<()>| drop(cors.decide(request));

        let long = Request::get("/items")
            .header("origin", "x".repeat(100_000))
            .body(())
            .unwrap();
        assert!(written(Level::DEBUG, || ask(&long)).len() < 1000);

        let text = written(Level::DEBUG, || ask(&denied));
        assert!(text.contains("DEBUG"), "{text}");
        assert!(
            text.contains("a browser will deny this by CORS: the policy does not allow the origin"),
            "{text}"
        );
        assert!(
            text.contains("add `https://b.test` to allow_origins"),
            "{text}"
        );
        assert_eq!(written(Level::DEBUG, || ask(&allowed)), "");
        assert_eq!(written(Level::DEBUG, || ask(&own)), "");
        assert_eq!(written(Level::INFO, || ask(&denied)), "");
    }

    #[test]
    fn advice_on_a_policy_is_told_once_at_warn() {
        let config = PolicyConfig::local_development();
        let text = written(Level::WARN, || {
            drop(SharedPolicy::new(config.build().unwrap()));
        });
        assert!(text.contains("WARN"), "{text}");
        assert!(text.contains("FOR DEVELOPMENT ONLY"), "{text}");
    }
}
