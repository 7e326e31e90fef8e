//! The servers, and their configurations.

use crate::install::{self, Package};

/// A server of another project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignServer {
    /// The name of its folder, or of the module of a Rust server.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// The packages whose versions matter, the one that decides about CORS last. Empty for a program, which is asked.
    pub packages: &'static [&'static str],
    /// The mistake of [`Configuration::Mistake`].
    pub mistake: &'static str,
    /// How it is started.
    pub kind: Kind,
}

/// How a server is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A script for Node.js.
    Node,
    /// A script for Python.
    Python,
    /// A program with a file of its own for its configuration.
    File(Program),
    /// A function in the program `rust-server`.
    Rust,
}

/// A program with a configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// nginx.
    Nginx,
    /// The HTTP server of the Apache project.
    Apache,
    /// Caddy.
    Caddy,
}

/// A configuration of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Configuration {
    /// The library as it is without any setting.
    Default,
    /// One exact origin with credentials, and everything else that the application needs.
    Right,
    /// A usual mistake, because of which something does not work.
    Mistake,
    /// Too many origins are allowed, with credentials.
    Dangerous,
}

impl Configuration {
    /// All configurations.
    pub const ALL: [Self; 4] = [Self::Default, Self::Right, Self::Mistake, Self::Dangerous];

    /// Returns the name in the sources of the servers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Right => "right",
            Self::Mistake => "mistake",
            Self::Dangerous => "dangerous",
        }
    }
}

impl ForeignServer {
    /// Returns the configurations. A program with a configuration file has no CORS without a setting.
    #[must_use]
    pub fn configurations(self) -> &'static [Configuration] {
        match self.kind {
            Kind::File(_) => &Configuration::ALL[1..],
            Kind::Node | Kind::Python | Kind::Rust => &Configuration::ALL,
        }
    }

    /// Returns true if [`install::install`] provides what the server needs.
    #[must_use]
    pub fn is_in(self, packages: &[Package]) -> bool {
        packages.iter().any(|package| package.name == self.name)
    }
}

/// All servers.
pub const ALL: [ForeignServer; 16] = [
    ForeignServer {
        name: "nginx",
        title: "nginx",
        packages: &[],
        mistake: "`add_header` has no `always`, and the login comes before preflights",
        kind: Kind::File(Program::Nginx),
    },
    ForeignServer {
        name: "apache",
        title: "Apache httpd",
        packages: &[],
        mistake: "`Header` has no `always`, and nothing answers preflights",
        kind: Kind::File(Program::Apache),
    },
    ForeignServer {
        name: "caddy",
        title: "Caddy",
        packages: &[],
        mistake: "nothing answers preflights, and the application does not know them",
        kind: Kind::File(Program::Caddy),
    },
    ForeignServer {
        name: "express",
        title: "Express",
        packages: &["express", "cors"],
        mistake: "the login is registered before `cors`",
        kind: Kind::Node,
    },
    ForeignServer {
        name: "fastify",
        title: "Fastify",
        packages: &["fastify", "@fastify/cors"],
        mistake: "`methods` is not set",
        kind: Kind::Node,
    },
    ForeignServer {
        name: "hono",
        title: "Hono",
        packages: &["hono"],
        mistake: "`cors` is registered for one path",
        kind: Kind::Node,
    },
    ForeignServer {
        name: "koa",
        title: "Koa",
        packages: &["koa", "@koa/cors"],
        mistake: "`origin` ends with a slash",
        kind: Kind::Node,
    },
    ForeignServer {
        name: "starlette",
        title: "Starlette",
        packages: &["starlette"],
        mistake: "`allow_origins` ends with a slash",
        kind: Kind::Python,
    },
    ForeignServer {
        name: "flask",
        title: "Flask",
        packages: &["Flask", "flask-cors"],
        mistake: "only views are decorated, and the login runs before them",
        kind: Kind::Python,
    },
    ForeignServer {
        name: "django",
        title: "Django",
        packages: &["Django", "django-cors-headers"],
        mistake: "the login is listed before `CorsMiddleware`",
        kind: Kind::Python,
    },
    ForeignServer {
        name: "tower-http",
        title: "axum",
        packages: &["axum", "tower-http"],
        mistake: "`allow_methods` and `allow_headers` are not called",
        kind: Kind::Rust,
    },
    ForeignServer {
        name: "actix-cors",
        title: "actix-web",
        packages: &["actix-web", "actix-cors"],
        mistake: "the login is wrapped around `Cors`",
        kind: Kind::Rust,
    },
    ForeignServer {
        name: "rocket-cors",
        title: "Rocket",
        packages: &["rocket", "rocket_cors"],
        mistake: "`allowed_headers` lacks `Content-Type`",
        kind: Kind::Rust,
    },
    ForeignServer {
        name: "warp",
        title: "warp",
        packages: &["warp"],
        mistake: "`recover` is outside of `cors`",
        kind: Kind::Rust,
    },
    ForeignServer {
        name: "poem",
        title: "poem",
        packages: &["poem"],
        mistake: "`allow_header` is called without `Content-Type`",
        kind: Kind::Rust,
    },
    ForeignServer {
        name: "salvo-cors",
        title: "salvo",
        packages: &["salvo_core", "salvo-cors"],
        mistake: "the hoop is added to a router instead of the service",
        kind: Kind::Rust,
    },
];

/// Returns the servers that `cargo xtask test` starts.
#[must_use]
pub fn sample() -> Vec<ForeignServer> {
    let packages = &install::ALL[..install::SAMPLE];
    let servers = ALL.into_iter();
    servers.filter(|server| server.is_in(packages)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::Manager;

    #[test]
    fn each_server_that_cargo_does_not_build_can_be_installed() {
        for server in ALL {
            let is_rust = server.kind == Kind::Rust;
            assert_ne!(server.is_in(&install::ALL), is_rust, "{}", server.name);
        }
        for package in install::ALL {
            let named = ALL.iter().find(|server| server.name == package.name);
            let kind = named.unwrap().kind;
            let expected = match package.manager {
                Manager::Npm => kind == Kind::Node,
                Manager::Pip => kind == Kind::Python,
                Manager::Debian(..) => matches!(kind, Kind::File(_)),
            };
            assert!(expected, "{}", package.name);
        }
        assert_eq!(sample().len(), install::SAMPLE);
    }
}
