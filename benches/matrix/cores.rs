//! Engine against engine: bytes in, header lines out, no server.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::hint::black_box;
use std::rc::Rc;

use bunner_cors_rs as bunner;
use http::header;
use omnicors_core::{Decision, Policy, RequestParts, evaluate};
use peer_cors_core as peer;

use crate::answer::{APPLICATION, Answer};
use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins, REGEXES, is_of_patterns};
use crate::served::Served;

/// The lines of a request that CORS reads.
struct Lines {
    method: String,
    origin: Option<String>,
    request_method: Option<String>,
    request_headers: Option<String>,
}

impl Lines {
    fn new(case: &Case) -> Self {
        let line = |name| {
            let value = case.line(name)?;
            Some(String::from_utf8(value.to_vec()).expect("text"))
        };
        Self {
            method: case.method.as_str().to_owned(),
            origin: line(&header::ORIGIN),
            request_method: line(&header::ACCESS_CONTROL_REQUEST_METHOD),
            request_headers: line(&header::ACCESS_CONTROL_REQUEST_HEADERS),
        }
    }
}

/// The policies of all engines for some origins: each built once, since a million take their time, and not before it is
/// asked for, since to build bunner's expressions may take a tenth of a second at most, which is little under valgrind.
pub(crate) struct Engines {
    origins: Origins,
    ours: OnceCell<Rc<Policy>>,
    cors_core: OnceCell<Rc<peer::Cors>>,
    bunner: OnceCell<Rc<bunner::Cors>>,
    set: OnceCell<Rc<HashSet<Vec<u8>>>>,
}

impl Engines {
    pub(crate) fn new(origins: Origins) -> Self {
        Self {
            origins,
            ours: OnceCell::new(),
            cors_core: OnceCell::new(),
            bunner: OnceCell::new(),
            set: OnceCell::new(),
        }
    }

    pub(crate) fn ours(&self, case: &Case) -> Served {
        let lines = Rc::new(Lines::new(case));
        let build = || Rc::new(self.origins.policy());
        let policy = Rc::clone(self.ours.get_or_init(build));
        let read = {
            let (lines, policy) = (Rc::clone(&lines), Rc::clone(&policy));
            move |()| {
                let parts = parts(&lines);
                let decision = evaluate(&policy, &parts);
                let status = match decision {
                    Decision::Respond { status, .. } => status,
                    Decision::Forward { .. } => APPLICATION.as_u16(),
                };
                let said = decision.headers().iter().map(|line| {
                    let value = line.value.as_bytes().to_vec();
                    (line.name.as_str().to_owned(), value)
                });
                Answer {
                    status,
                    lines: said.collect(),
                }
            }
        };
        Served::new(
            || (),
            move |()| {
                // All lines are walked: the others make a list of them.
                let parts = parts(&lines);
                for line in evaluate(&policy, &parts).headers() {
                    black_box(line);
                }
            },
            read,
        )
    }

    pub(crate) fn cors_core(&self, case: &Case) -> Served {
        let lines = Lines::new(case);
        let build = || Rc::new(cors_core(self.origins, &self.origins.exact()));
        let cors = Rc::clone(self.cors_core.get_or_init(build));
        let is_preflight = case.is_preflight();
        Served::new(
            || (),
            move |()| {
                cors.evaluate(
                    black_box(lines.method.as_bytes()),
                    black_box(lines.origin.as_deref()).map(str::as_bytes),
                    lines.request_method.as_deref().map(str::as_bytes),
                    lines.request_headers.as_deref().map(str::as_bytes),
                    false,
                )
            },
            move |decision| {
                let status = match decision {
                    peer::CorsDecision::Preflight(_) => 204,
                    // What its documentation leaves to the server.
                    peer::CorsDecision::Rejected if is_preflight => 403,
                    _ => APPLICATION.as_u16(),
                };
                let said = decision.headers().into_iter().flatten();
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_ascii_lowercase();
                Answer {
                    status,
                    lines: said
                        .map(|(name, value)| (text(name), value.to_vec()))
                        .collect(),
                }
            },
        )
    }

    pub(crate) fn bunner(&self, case: &Case) -> Served {
        let lines = Lines::new(case);
        let build = || Rc::new(bunner(self.origins, &self.origins.exact()));
        let cors = Rc::clone(self.bunner.get_or_init(build));
        Served::new(
            || (),
            move |()| {
                let request = bunner::RequestContext {
                    method: black_box(&lines.method),
                    origin: black_box(lines.origin.as_deref()),
                    access_control_request_method: lines.request_method.as_deref(),
                    access_control_request_headers: lines.request_headers.as_deref(),
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
                    // As its documentation has a server do.
                    D::SimpleRejected(rejection) => (403, rejection.headers),
                    D::NotApplicable => (APPLICATION.as_u16(), bunner::Headers::new()),
                };
                let said = headers.into_iter();
                Answer {
                    status,
                    lines: said
                        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_bytes()))
                        .collect(),
                }
            },
        )
    }

    /// One lookup of the same bytes: what no list of origins can do without. `None` where there is nothing to look up.
    pub(crate) fn look_up(&self, case: &Case) -> Option<Served> {
        let origin = case.line(&header::ORIGIN)?.to_vec();
        let set = Rc::clone(self.set.get_or_init(|| {
            let exact = self.origins.exact().into_iter();
            Rc::new(exact.map(String::into_bytes).collect())
        }));
        let is_listed = set.contains(&origin);
        (!set.is_empty()).then(|| {
            Served::new(
                || (),
                move |()| set.contains(black_box(&*origin)),
                move |found| {
                    assert_eq!(found, is_listed);
                    Answer {
                        status: 0,
                        lines: Vec::new(),
                    }
                },
            )
        })
    }
}

fn parts(lines: &Lines) -> RequestParts<'_> {
    let mut parts = RequestParts::new(black_box(lines.method.as_str()));
    if let Some(origin) = &lines.origin {
        parts = parts.origin(black_box(origin.as_str()));
    }
    if let Some(method) = &lines.request_method {
        parts = parts.request_method(method);
    }
    if let Some(headers) = &lines.request_headers {
        parts = parts.request_headers(headers);
    }
    parts
}

/// The same in the words of cors-core. Its suffixes look at hosts alone, so that the patterns become a function.
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
        .expect("options without a fault")
}

/// The same in the words of `bunner_cors_rs`.
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
    bunner::Cors::new(options).expect("options without a fault")
}
