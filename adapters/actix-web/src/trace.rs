//! Events, and nothing else.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN,
};
use omnicors_http::omnicors_core::{Policy, Verdict, evaluate};
use tracing::{debug, enabled, warn};

use crate::policy::parts;

/// What is hardly meant about a policy, once, when it is prepared.
pub(crate) fn advice(policy: &Policy) {
    if enabled!(tracing::Level::WARN) {
        for advice in policy.advice() {
            warn!("CORS policy: {advice}");
        }
    }
}

/// A denial, with its reason. At debug: a stranger can cause as many as they like.
pub(crate) fn denial(policy: &Policy, request: &ServiceRequest, origin_verdict: Option<bool>) {
    if !enabled!(tracing::Level::DEBUG) {
        return;
    }
    let mut parts = parts(request, true);
    if let Some(allowed) = origin_verdict {
        parts = parts.origin_verdict(allowed);
    }
    if let Verdict::Denied(denial) = evaluate(policy, &parts).verdict() {
        let line = |name: HeaderName| request.headers().get(name).map(tracing::field::debug);
        debug!(
            method = %request.method(),
            path = request.path(),
            origin = line(ORIGIN),
            requested_method = line(ACCESS_CONTROL_REQUEST_METHOD),
            requested_headers = line(ACCESS_CONTROL_REQUEST_HEADERS),
            change = policy.explain(&parts).change(),
            "a browser will deny this by CORS: {denial}"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use actix_web::test::TestRequest;
    use omnicors_http::PolicyConfig;
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
        let policy = PolicyConfig::new().allow_origins(["https://a.test"]);
        let cors = SharedPolicy::new(policy.build().unwrap());
        let ask = |lines: &[(&'static str, &'static str)]| {
            let mut request = TestRequest::with_uri("/items");
            for line in lines {
                request = request.insert_header(*line);
            }
            drop(cors.decide(&request.to_srv_request(), None));
        };
        let denied = || ask(&[("origin", "https://b.test")]);
        let allowed = || ask(&[("origin", "https://a.test")]);
        let own = || ask(&[("origin", "https://own.test"), ("host", "own.test")]);

        let text = written(Level::DEBUG, denied);
        let expected = "a browser will deny this by CORS: the policy does not allow the origin";
        assert!(text.contains(expected), "{text}");
        let expected = "add `https://b.test` to allow_origins";
        assert!(text.contains(expected), "{text}");
        assert_eq!(written(Level::DEBUG, allowed), "");
        assert_eq!(written(Level::DEBUG, own), "");
        assert_eq!(written(Level::INFO, denied), "");
    }

    #[test]
    fn advice_on_a_policy_is_told_once_at_warn() {
        let config = PolicyConfig::local_development();
        let text = written(Level::WARN, || {
            drop(SharedPolicy::new(config.build().unwrap()));
        });
        assert!(text.contains("FOR DEVELOPMENT ONLY"), "{text}");
    }
}
