//! Libraries that decide about CORS without a server: `omnicors-core`, `cors-core` and `bunner_cors_rs`.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::hint::black_box;
use std::rc::Rc;

use bunner_cors_rs as bunner;
use http::header;
use omnicors_core::{Decision, Policy, RequestParts, evaluate};
use peer_cors_core as peer;

use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins, REGEXES, is_of_patterns};
use crate::recorded::{APPLICATION, Recorded};
use crate::subject::Subject;

/// The parts of a request that CORS reads.
struct Fields {
    method: String,
    origin: Option<String>,
    request_method: Option<String>,
    request_headers: Option<String>,
}

impl Fields {
    fn new(case: &Case) -> Self {
        let field = |name| {
            let value = case.field(name)?;
            Some(String::from_utf8(value.to_vec()).expect("text"))
        };
        Self {
            method: case.method.as_str().to_owned(),
            origin: field(&header::ORIGIN),
            request_method: field(&header::ACCESS_CONTROL_REQUEST_METHOD),
            request_headers: field(&header::ACCESS_CONTROL_REQUEST_HEADERS),
        }
    }
}

/// The policies of all libraries for some origins. Each is built once, because building a million origins takes long, and only when
/// it is needed, because `bunner_cors_rs` rejects regular expressions that take more than 0.1 s to build, as they do under valgrind.
pub(crate) struct Cores {
    origins: Origins,
    omnicors: OnceCell<Rc<Policy>>,
    cors_core: OnceCell<Rc<peer::Cors>>,
    bunner: OnceCell<Rc<bunner::Cors>>,
    set: OnceCell<Rc<HashSet<Vec<u8>>>>,
}

impl Cores {
    pub(crate) fn new(origins: Origins) -> Self {
        Self {
            origins,
            omnicors: OnceCell::new(),
            cors_core: OnceCell::new(),
            bunner: OnceCell::new(),
            set: OnceCell::new(),
        }
    }

    pub(crate) fn omnicors(&self, case: &Case) -> Subject {
        let fields = Rc::new(Fields::new(case));
        let build = || Rc::new(self.origins.policy());
        let policy = Rc::clone(self.omnicors.get_or_init(build));
        let read = {
            let (fields, policy) = (Rc::clone(&fields), Rc::clone(&policy));
            move |()| {
                let parts = parts(&fields);
                let decision = evaluate(&policy, &parts);
                let status = match decision {
                    Decision::Respond { status, .. } => status,
                    Decision::Forward { .. } => APPLICATION.as_u16(),
                };
                let response_fields = decision.headers().iter().map(|field| {
                    let value = field.value.as_bytes().to_vec();
                    (field.name.as_str().to_owned(), value)
                });
                Recorded {
                    status,
                    fields: response_fields.collect(),
                }
            }
        };
        Subject::new(
            || (),
            move |()| {
                // Iterates all fields, because the other libraries return a list of them.
                let parts = parts(&fields);
                for field in evaluate(&policy, &parts).headers() {
                    black_box(field);
                }
            },
            read,
        )
    }

    pub(crate) fn cors_core(&self, case: &Case) -> Subject {
        let fields = Fields::new(case);
        let build = || Rc::new(cors_core(self.origins, &self.origins.exact()));
        let cors = Rc::clone(self.cors_core.get_or_init(build));
        let is_preflight = case.is_preflight();
        Subject::new(
            || (),
            move |()| {
                cors.evaluate(
                    black_box(fields.method.as_bytes()),
                    black_box(fields.origin.as_deref()).map(str::as_bytes),
                    fields.request_method.as_deref().map(str::as_bytes),
                    fields.request_headers.as_deref().map(str::as_bytes),
                    false,
                )
            },
            move |decision| {
                let status = match decision {
                    peer::CorsDecision::Preflight(_) => 204,
                    // The status is chosen by the server.
                    peer::CorsDecision::Rejected if is_preflight => 403,
                    _ => APPLICATION.as_u16(),
                };
                let response_fields = decision.headers().into_iter().flatten();
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_ascii_lowercase();
                Recorded {
                    status,
                    fields: response_fields
                        .map(|(name, value)| (text(name), value.to_vec()))
                        .collect(),
                }
            },
        )
    }

    pub(crate) fn bunner(&self, case: &Case) -> Subject {
        let fields = Fields::new(case);
        let build = || Rc::new(bunner(self.origins, &self.origins.exact()));
        let cors = Rc::clone(self.bunner.get_or_init(build));
        Subject::new(
            || (),
            move |()| {
                let request = bunner::RequestContext {
                    method: black_box(&fields.method),
                    origin: black_box(fields.origin.as_deref()),
                    access_control_request_method: fields.request_method.as_deref(),
                    access_control_request_headers: fields.request_headers.as_deref(),
                    access_control_request_private_network: false,
                };
                cors.check(&request)
            },
            |decision| {
                use bunner::CorsDecision as D;
                let (status, headers) = match decision.expect("a decision") {
                    D::PreflightAccepted { headers } => (204, headers),
                    D::PreflightRejected(rejection) => (403, rejection.headers),
                    D::SimpleAccepted { headers } => (APPLICATION.as_u16(), headers),
                    // Its documentation recommends this status.
                    D::SimpleRejected(rejection) => (403, rejection.headers),
                    D::NotApplicable => (APPLICATION.as_u16(), bunner::Headers::new()),
                };
                let response_fields = headers.into_iter();
                Recorded {
                    status,
                    fields: response_fields
                        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_bytes()))
                        .collect(),
                }
            },
        )
    }

    /// Returns one lookup of the origin in a `HashSet`, for comparison, or `None` if the case has no origin or no list.
    pub(crate) fn look_up(&self, case: &Case) -> Option<Subject> {
        let origin = case.field(&header::ORIGIN)?.to_vec();
        let set = Rc::clone(self.set.get_or_init(|| {
            let exact = self.origins.exact().into_iter();
            Rc::new(exact.map(String::into_bytes).collect())
        }));
        let is_listed = set.contains(&origin);
        (!set.is_empty()).then(|| {
            Subject::new(
                || (),
                move |()| set.contains(black_box(&*origin)),
                move |found| {
                    assert_eq!(found, is_listed);
                    Recorded {
                        status: 0,
                        fields: Vec::new(),
                    }
                },
            )
        })
    }
}

fn parts(fields: &Fields) -> RequestParts<'_> {
    let mut parts = RequestParts::new(black_box(fields.method.as_str()));
    if let Some(origin) = &fields.origin {
        parts = parts.origin(black_box(origin.as_str()));
    }
    if let Some(method) = &fields.request_method {
        parts = parts.request_method(method);
    }
    if let Some(headers) = &fields.request_headers {
        parts = parts.request_headers(headers);
    }
    parts
}

/// Builds the policy with cors-core. Its suffixes do not check scheme and port, so the patterns are a function.
fn cors_core(origins: Origins, exact: &[String]) -> peer::Cors {
    use peer::{AllowHeaders, AllowOrigin};
    let origin = match origins {
        Origins::All => AllowOrigin::Any,
        _ if origins.has_patterns() => {
            let exact: HashSet<Vec<u8>> =
                exact.iter().map(|origin| origin.clone().into()).collect();
            AllowOrigin::predicate(move |origin| exact.contains(origin) || is_of_patterns(origin))
        }
        _ => AllowOrigin::exact(exact),
    };
    peer::Cors::builder()
        .allow_origin(origin)
        .allow_methods(METHODS)
        .allow_headers(AllowHeaders::list(HEADERS))
        .max_age(std::time::Duration::from_secs(MAX_AGE.into()))
        .build()
        .expect("valid options")
}

/// Builds the policy with `bunner_cors_rs`.
fn bunner(origins: Origins, exact: &[String]) -> bunner::Cors {
    use bunner::{AllowedHeaders, AllowedMethods, CorsOptions, Origin, OriginMatcher};
    let origin = match origins {
        Origins::All => Origin::any(),
        Origins::One => Origin::exact(exact[0].as_str()),
        _ => {
            let listed = exact
                .iter()
                .map(|origin| OriginMatcher::exact(origin.as_str()));
            let patterns: &[&str] = if origins.has_patterns() {
                &REGEXES
            } else {
                &[]
            };
            let patterns = patterns
                .iter()
                .map(|regex| OriginMatcher::pattern_str(regex).expect("an expression"));
            Origin::list(listed.chain(patterns))
        }
    };
    let options = CorsOptions::new()
        .origin(origin)
        .methods(AllowedMethods::list(METHODS))
        .allowed_headers(AllowedHeaders::list(HEADERS))
        .max_age(MAX_AGE.into());
    bunner::Cors::new(options).expect("valid options")
}
