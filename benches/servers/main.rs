//! Measures whole servers over sockets: axum, actix-web and Rocket, each with omnicors, with the framework's own middleware, and with
//! none, under the load of `wrk` on loopback.
//!
//! Each server is a process of its own with one worker thread. `wrk` asks them in turns, so that a change in the load of the machine
//! affects all of them. The result is a ratio with a confidence interval: if that contains 1, no difference can be seen.
//!
//! `cargo xtask bench --servers` runs it. `--rounds=N` changes the number of rounds, and `--seconds=N` their length.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic fails the benchmark"
)]

mod actix_web;
mod axum;
mod load;
mod report;
mod rocket;

use std::env;
use std::process::ExitCode;

use omnicors_core::{Policy, PolicyConfig};

use crate::load::{Load, Server};

/// The origins of the policy. The requests are from the last one.
const ORIGINS: [&str; 3] = [
    "https://example.com",
    "https://www.example.com",
    "https://admin.example.com:8443",
];

const METHODS: [&str; 2] = ["PUT", "DELETE"];

/// What the application responds.
const BODY: &str = "hello";

/// The CORS middleware of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Middleware {
    None,
    Omnicors,
    Own,
}

impl Middleware {
    const ALL: [Self; 3] = [Self::None, Self::Omnicors, Self::Own];

    fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Omnicors => "omnicors",
            Self::Own => "own",
        }
    }
}

/// A framework, the name of its own middleware, and a function that serves until the process ends.
struct Framework {
    name: &'static str,
    own: &'static str,
    serve: fn(Middleware),
}

const FRAMEWORKS: [Framework; 3] = [
    Framework {
        name: "axum",
        own: "tower-http",
        serve: axum::serve,
    },
    Framework {
        name: "actix-web",
        own: "actix-cors",
        serve: actix_web::serve,
    },
    Framework {
        name: "rocket",
        own: "rocket_cors",
        serve: rocket::serve,
    },
];

fn policy() -> Policy {
    let policy = PolicyConfig::new().allow_origins(ORIGINS);
    policy
        .allow_methods(METHODS)
        .build()
        .expect("a valid policy")
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    let value = |name: &str| {
        let mut arguments = arguments.iter();
        arguments.find_map(|argument| argument.strip_prefix(name))
    };
    if let Some(server) = value("--serve=") {
        return serve(server);
    }
    let number = |name: &str, default| {
        let number = value(name).map(|text| text.parse().expect("a number"));
        number.unwrap_or(default)
    };
    let load = Load {
        rounds: number("--rounds=", 20),
        seconds: number("--seconds=", 1),
    };
    let mut rows = Vec::new();
    for framework in &FRAMEWORKS {
        let servers = Middleware::ALL.map(|middleware| {
            Server::start(&format!("{}/{}", framework.name, middleware.as_str()))
        });
        rows.push((framework, load.run(&servers)));
    }
    let text = report::table(&rows, load);
    print!("{text}");
    match report::write(&text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("could not write the report: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a server, in a process that [`Server::start`] has started.
fn serve(server: &str) -> ExitCode {
    for framework in &FRAMEWORKS {
        for middleware in Middleware::ALL {
            if server == format!("{}/{}", framework.name, middleware.as_str()) {
                (framework.serve)(middleware);
                return ExitCode::SUCCESS;
            }
        }
    }
    eprintln!("unknown server: {server}");
    ExitCode::FAILURE
}
