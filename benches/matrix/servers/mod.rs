//! Each framework: nothing mounted, ours, its own, and the application that says it all by hand.

#![expect(
    clippy::unnecessary_wraps,
    reason = "one signature for all: a framework's own may know no patterns"
)]

mod actix_web;
mod poem;
mod rocket;
mod salvo;
mod tower;
mod warp;

use crate::cases::{Case, Origins};
use crate::served::{Mount, Served};

/// A framework, and how it is called.
pub(crate) struct Framework {
    pub(crate) name: &'static str,
    /// The package of its own middleware.
    pub(crate) peer: &'static str,
    /// `None` if its own middleware cannot express the case.
    pub(crate) serve: fn(&Mount, &Case) -> Option<Served>,
}

pub(crate) const ALL: [Framework; 7] = [
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
        peer: "warp",
        serve: warp::serve,
    },
    Framework {
        name: "poem",
        peer: "poem",
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
    /// True if the case is measured here: the largest lists are so with tower alone.
    pub(crate) fn has(&self, case: &Case) -> bool {
        match case.origins {
            Origins::MillionAndPatterns => false,
            Origins::HundredThousand | Origins::Million => self.name == "tower",
            _ => true,
        }
    }
}
