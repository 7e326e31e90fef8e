//! Generated cases: policies, and requests of pages to servers with these policies. They are the same in each run, unless
//! `OMNICORS_SEED` or `OMNICORS_EFFORT` changes them.

use std::collections::BTreeMap;
use std::time::Duration;

use omnicors_browser::{Mode, Page as BrowserPage, Redirect};
use omnicors_core::{Guard, Policy, PolicyConfig, RequestParts, evaluate};
use omnicors_tests::cases::lookup_result;
use omnicors_tests::effort::{self, Random};

use super::hosts::HOSTS;
use super::{BrowserCase, BrowserCases, Credentials, Hop, On, Page, Ports};

/// The number of policies, and of requests for each.
const POLICIES: usize = 50;
const REQUESTS: usize = 24;

const PATTERNS: [&str; 24] = [
    "http://localhost:{page}",
    "http://localhost:*",
    "http://*.localhost:{page}",
    "http://*.localhost:*",
    "http://app.localhost:{page}",
    "http://app.localhost:{other}",
    "http://a.b.localhost:{other}",
    "http://pr-*.localhost:*",
    "http://127.0.0.1:{page}",
    "http://127.0.0.1:{other}",
    "http://127.0.0.1:*",
    "http://[::1]:{page}",
    "http://[::1]:*",
    "http://[::ffff:7f00:1]:{page}",
    "http://localhost.:{page}",
    "http://app.localhost.:*",
    "http://a_b.localhost:{page}",
    "http://_a.localhost:*",
    "http://-a.localhost:{page}",
    "http://a-.localhost:*",
    "http://xn--bcher-kva.localhost:{page}",
    "http://xn--bcher-kva.localhost:{other}",
    "null",
    "https://example.com",
];

/// Methods as a page writes them.
const METHODS: [&str; 14] = [
    "GET", "get", "HEAD", "POST", "pOst", "PUT", "put", "DELETE", "PATCH", "patch", "OPTIONS",
    "QUERY", "purge", "TRACE",
];

const ALLOWED_METHODS: [&str; 8] = [
    "PUT", "DELETE", "PATCH", "QUERY", "purge", "OPTIONS", "GET", "*",
];

const ALLOWED_HEADERS: [&str; 9] = [
    "Content-Type",
    "X-Api-Key",
    "authorization",
    "range",
    "x-b",
    "Accept",
    "Accept-Language",
    "content-language",
    "*",
];

const EXPOSED: [&str; 4] = ["X-Total", "x-request-id", "x-not-there", "*"];

/// Request headers: safelisted or not, by name or by value.
const HEADERS: [(&str, &str); 30] = [
    ("Accept", "application/json"),
    ("accept", "text/html;q=\"0.5\""),
    ("ACCEPT", "a(b)"),
    ("Accept-Language", "en, de;q=0.5"),
    ("accept-language", "en_US"),
    ("Content-Language", "de"),
    ("content-language", "d\"e"),
    ("Content-Type", "text/plain"),
    ("content-type", "TEXT/Plain;charset=UTF-8"),
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("Content-Type", "multipart/form-data;boundary=a"),
    ("Content-Type", "application/json"),
    ("Content-Type", "text/plain;a=\"b\""),
    ("Content-Type", "text/plain, text/html"),
    ("Content-Type", "text"),
    ("Range", "bytes=0-9"),
    ("Range", "bytes=5-"),
    ("Range", "bytes=-9"),
    ("Range", "bytes=9-1"),
    ("Range", "bytes=0-1,3-4"),
    ("Range", "bytes= 0-1"),
    ("Authorization", "Bearer x"),
    ("X-Api-Key", "1"),
    ("X-B", "2"),
    ("x-b", ""),
    ("x-z_a", "3"),
    ("Cookie", "forbidden=1"),
    ("Sec-Forbidden", "1"),
    ("X-Method-Override", "GET, TRACE"),
    ("X-Http-Method", "PUT"),
];

/// Fields of the application's response, which the policy must replace or keep.
const RESPONSE: [&str; 7] = [
    "Access-Control-Allow-Origin: *",
    "Access-Control-Allow-Credentials: true",
    "Access-Control-Expose-Headers: X-Secret",
    "Access-Control-Expose-Headers: *",
    "X-Secret: 1",
    "Set-Cookie: application=1; SameSite=Lax",
    "ETag: \"1\"",
];

pub(super) fn load(ports: Ports) -> BrowserCases {
    let times = usize::try_from(effort::times()).expect("a small number");
    let mut generator = Generator {
        random: Random::from_environment(),
        ports,
    };
    let mut all = BrowserCases {
        policies: BTreeMap::new(),
        cases: Vec::new(),
    };
    while all.policies.len() < POLICIES * times {
        let config = generator.config();
        // Some combinations are faults.
        let Ok(policy) = config.build() else {
            continue;
        };
        let name = format!("generated {}", all.policies.len());
        for index in 0..REQUESTS {
            let case = generator.case(&name, &policy, index);
            all.cases.push(case);
        }
        all.policies.insert(name, policy);
    }
    all
}

struct Generator {
    random: Random,
    ports: Ports,
}

impl Generator {
    /// Returns up to `count` different items.
    fn some<'a>(&mut self, items: &[&'a str], count: usize) -> Vec<&'a str> {
        let mut chosen: Vec<&str> = Vec::new();
        for _ in 0..self.random.below(count + 1) {
            let item = self.random.choose(items);
            if !chosen.contains(&item) {
                chosen.push(item);
            }
        }
        chosen
    }

    fn config(&mut self) -> PolicyConfig {
        let is_any = self.random.one_in(6);
        let origins: Vec<String> = if is_any {
            vec!["*".to_owned()]
        } else {
            let patterns = self.some(&PATTERNS, 7).into_iter();
            let page = self.ports.page.to_string();
            let other = self.ports.other.to_string();
            patterns
                .map(|pattern| pattern.replace("{page}", &page).replace("{other}", &other))
                .collect()
        };
        let looks_up = !is_any && (origins.is_empty() || self.random.one_in(4));
        let credentials = self.random.one_in(2);
        let allows_opaque = origins.iter().any(|origin| origin == "null");
        let is_static = origins.len() == 1 && self.random.one_in(2);
        // Together with `*`, a guard is a fault.
        let guard = match self.random.below(8) {
            0 if !is_any => Guard::All,
            1 if !is_any => Guard::UnsafeMethods,
            _ => Guard::Off,
        };
        PolicyConfig::new()
            .allow_origins(&origins)
            .lookup_origins(looks_up)
            .static_origin(is_static)
            .allow_credentials(credentials)
            .allow_others_without_credentials(credentials && self.random.one_in(4))
            .allow_methods(self.some(&ALLOWED_METHODS, 4))
            .allow_headers(self.some(&ALLOWED_HEADERS, 5))
            .expose_headers(self.some(&EXPOSED, 3))
            .merge_expose_headers(self.random.one_in(4))
            .max_age(Some(Duration::from_mins(1)).filter(|_| self.random.one_in(2)))
            .preflight_status(if self.random.one_in(4) { 200 } else { 204 })
            .forward_preflights(self.random.one_in(5))
            .guard(guard)
            .dangerously_allow_opaque_origins(allows_opaque || self.random.one_in(8))
            .dangerously_allow_any_origin_with_credentials(true)
    }

    fn case(&mut self, name: &str, policy: &Policy, index: usize) -> BrowserCase {
        let is_upload = self.random.one_in(8);
        let mode = match self.random.below(10) {
            _ if is_upload => Mode::Cors,
            0 => Mode::NoCors,
            1 => Mode::SameOrigin,
            _ => Mode::Cors,
        };
        let redirect = match self.random.below(8) {
            _ if is_upload => Redirect::Follow,
            0 => Redirect::Error,
            1 => Redirect::Manual,
            _ => Redirect::Follow,
        };
        let credentials = match self.random.below(3) {
            0 if !is_upload => Credentials::Omit,
            0 | 1 => Credentials::SameOrigin,
            _ => Credentials::Include,
        };
        let method = self.random.choose(&METHODS).to_owned();
        let takes_body = !matches!(method.as_str(), "GET" | "get" | "HEAD");
        let has_body = if takes_body {
            self.random.one_in(2)
        } else {
            self.random.one_in(20)
        };
        let mut response: Vec<String> = Vec::new();
        if self.random.one_in(2) {
            let fields = self.some(&RESPONSE, 4).into_iter();
            response = fields.map(str::to_owned).collect();
        }
        let statuses = [200, 200, 200, 201, 204, 404, 500];
        BrowserCase {
            name: format!("{name}, request {index}"),
            policy: name.to_owned(),
            page: self.page(policy),
            method,
            headers: self.headers(),
            body: has_body.then(|| "x".to_owned()),
            credentials,
            mode,
            redirect,
            upload_listener: is_upload,
            hops: self.hops(),
            preflight_response: Vec::new(),
            response,
            status: statuses[self.random.below(statuses.len())],
            verdict: None,
            readable: None,
            on: On::Axum,
            cannot_carry: BTreeMap::new(),
        }
    }

    /// Returns a page. Two thirds of the pages have an allowed origin, if there is one.
    fn page(&mut self, policy: &Policy) -> Page {
        let mut page = self.any_page();
        if !self.random.one_in(3) {
            for _ in 0..40 {
                if self.is_allowed(&page, policy) {
                    break;
                }
                page = self.any_page();
            }
        }
        page
    }

    fn any_page(&mut self) -> Page {
        Page {
            host: self.random.choose(&HOSTS).to_owned(),
            other_port: self.random.one_in(4),
            sandboxed: self.random.one_in(12),
        }
    }

    fn is_allowed(&self, page: &Page, policy: &Policy) -> bool {
        let port = if page.other_port {
            self.ports.other
        } else {
            self.ports.page
        };
        let opened = if page.sandboxed {
            BrowserPage::opaque()
        } else {
            let url = format!("http://{}:{port}", page.host);
            BrowserPage::new(&url).expect("the host is valid")
        };
        let origin = opened.origin().to_string();
        let parts = RequestParts::new("GET").origin(&origin);
        let parts = parts.lookup_result(lookup_result(&origin));
        evaluate(policy, &parts).verdict().is_allowed()
    }

    fn headers(&mut self) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> = Vec::new();
        if self.random.one_in(3) {
            return headers;
        }
        for _ in 0..=self.random.below(3) {
            let (name, value) = HEADERS[self.random.below(HEADERS.len())];
            // A safelisted value has at most 128 bytes.
            let value = match self.random.below(12) {
                0 if name.starts_with("Accept") => "a".repeat(128),
                1 if name.starts_with("Accept") => "a".repeat(129),
                _ => value.to_owned(),
            };
            let is_new = |header: &(String, String)| !header.0.eq_ignore_ascii_case(name);
            if headers.iter().all(is_new) {
                headers.push((name.to_owned(), value));
            }
        }
        headers
    }

    /// Returns a host for an address. A `Location` is written in ASCII.
    fn host(&mut self, index: usize) -> String {
        match self.random.below(6) {
            0 => return "page".to_owned(),
            1 | 2 => return "127.0.0.1".to_owned(),
            _ => {}
        }
        loop {
            let host = self.random.choose(&HOSTS);
            if index == 0 || host.is_ascii() {
                return host.to_owned();
            }
        }
    }

    fn hops(&mut self) -> Vec<Hop> {
        let count = match self.random.below(8) {
            0..=4 => 1,
            5 | 6 => 2,
            _ => 3,
        };
        let statuses = [301, 302, 303, 307, 308];
        (0..count)
            .map(|index| Hop {
                host: self.host(index),
                user_info: index > 0 && self.random.one_in(6),
                policy: None,
                redirect: (index + 1 < count).then(|| statuses[self.random.below(statuses.len())]),
            })
            .collect()
    }
}
