//! The frameworks.

mod actix_web;
mod http;
mod poem;
mod rocket;
mod salvo;
mod tower;
mod warp;

use ::http::{HeaderMap, HeaderName, HeaderValue};

use crate::cases::{Case, Origins};
use crate::subject::{Middleware, Subject};

/// A framework.
pub(crate) struct Framework {
    pub(crate) name: &'static str,
    /// The name of its CORS middleware.
    pub(crate) peer: &'static str,
    /// Creates a server with a middleware. Returns `None` if the middleware cannot express the case.
    pub(crate) serve: fn(Middleware, &Case) -> Option<Subject>,
}

pub(crate) const ALL: [Framework; 9] = [
    Framework {
        name: "tower",
        peer: "tower-http",
        serve: tower::serve,
    },
    Framework {
        name: "tower, cloned",
        peer: "tower-http",
        serve: tower::serve_cloned,
    },
    Framework {
        name: "http",
        peer: "tower-http",
        serve: http::serve,
    },
    Framework {
        name: "actix-web",
        peer: "actix-cors",
        serve: actix_web::serve,
    },
    Framework {
        name: "rocket",
        peer: "rocket_cors",
        serve: rocket::serve,
    },
    Framework {
        name: "warp",
        peer: "warp::cors",
        serve: warp::serve,
    },
    Framework {
        name: "warp, wrap",
        peer: "warp::cors",
        serve: warp::serve_wrapped,
    },
    Framework {
        name: "poem",
        peer: "poem Cors",
        serve: poem::serve,
    },
    Framework {
        name: "salvo",
        peer: "salvo-cors",
        serve: salvo::serve,
    },
];

pub(crate) use tower::{Source, serve_from};

impl Framework {
    /// Returns true if the case is measured with this framework. The largest lists are only measured with tower.
    pub(crate) fn has(&self, case: &Case) -> bool {
        match case.origins {
            Origins::MillionAndPatterns => false,
            Origins::HundredThousand | Origins::Million => self.name == "tower",
            _ => true,
        }
    }
}

/// The fields that the application sets.
type OwnFields = &'static [(&'static str, &'static str)];

fn set_own_fields(headers: &mut HeaderMap, own_fields: OwnFields) {
    for (name, value) in own_fields {
        let name = HeaderName::from_static(name);
        headers.insert(name, HeaderValue::from_static(value));
    }
}
