//! Measures whole servers over sockets: axum, actix-web and Rocket, each with omnicors, with the framework's own middleware, and with
//! none, under load on loopback: of `wrk` over HTTP/1.1, and of a client in this program over HTTP/2 and HTTP/3.
//!
//! Each server is a process of its own with one worker thread. They are asked in turns, so that a change in the load of the machine
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
mod http2;
mod http3;
mod interval;
mod load;
mod multiplexed;
mod report;
mod rocket;
mod tls;
mod wrk;

use std::env;
use std::process::ExitCode;

use omnicors_core::{Policy, PolicyConfig};

use crate::load::{Load, Server};

/// The origin of the requests.
const ORIGIN: &str = "https://admin.example.com:8443";

/// The origins of the policy.
const ORIGINS: [&str; 3] = ["https://example.com", "https://www.example.com", ORIGIN];

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

/// The version of HTTP in which a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
    Http3,
}

/// A framework, the name of its own middleware, and a function that serves until the process ends.
struct Framework {
    name: &'static str,
    own: &'static str,
    protocol: Protocol,
    serve: fn(Middleware),
}

const FRAMEWORKS: [Framework; 5] = [
    Framework {
        name: "axum",
        own: "tower-http",
        protocol: Protocol::Http1,
        serve: axum::serve,
    },
    Framework {
        name: "axum over HTTP/2",
        own: "tower-http",
        protocol: Protocol::Http2,
        serve: http2::serve,
    },
    Framework {
        name: "axum over HTTP/3",
        own: "tower-http",
        protocol: Protocol::Http3,
        serve: http3::serve,
    },
    Framework {
        name: "actix-web",
        own: "actix-cors",
        protocol: Protocol::Http1,
        serve: actix_web::serve,
    },
    Framework {
        name: "rocket",
        own: "rocket_cors",
        protocol: Protocol::Http1,
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
    let number = |name: &str| value(name).map(|text| text.parse::<u32>().expect("a number"));
    let load = Load {
        rounds: number("--rounds=").unwrap_or(20),
        seconds: number("--seconds=").unwrap_or(1),
    };
    let is_known = |argument: &String| {
        let known = ["--servers", "--rounds=", "--seconds="];
        known.iter().any(|name| argument.starts_with(name))
    };
    if let Some(unknown) = arguments
        .iter()
        .skip(1)
        .find(|argument| !is_known(argument))
    {
        eprintln!("unknown argument: {unknown}");
        return ExitCode::FAILURE;
    }
    let mut rows = Vec::new();
    for framework in &FRAMEWORKS {
        let servers = Middleware::ALL.map(|middleware| {
            Server::start(&format!("{}/{}", framework.name, middleware.as_str()))
        });
        rows.push((framework, load.run(framework.protocol, &servers)));
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
