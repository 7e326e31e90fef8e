//! Counts the instructions of a request, which are the same in each run.
//!
//! Each subject runs in a process of its own under valgrind, with one request and with many. The difference is the cost of the
//! additional requests.

use std::env;
use std::sync::Mutex;
use std::thread;

use omnicors_benches::valgrind::instructions;

use crate::cases::{Case, Origins, Request};
use crate::cores::Cores;
use crate::figures::CORE;
use crate::servers::{self, Framework};
use crate::subject::{Middleware, Prepared, Subject};

/// The cases that are counted with each framework.
const CASES: [(Origins, Request); 5] = [
    (Origins::One, Request::NonCors),
    (Origins::One, Request::Actual),
    (Origins::One, Request::ActualDenied),
    (Origins::One, Request::Preflight),
    (Origins::Multiple, Request::Actual),
];

const TIMES: u32 = 200;

/// The instructions of one case. Those of the framework itself are subtracted.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) group: &'static str,
    pub(crate) peer: &'static str,
    pub(crate) origins: Origins,
    pub(crate) request: Request,
    pub(crate) omnicors: i64,
    /// `None` if it cannot express the case.
    pub(crate) peer_count: Option<i64>,
    /// `None` without a framework.
    pub(crate) fixed_headers: Option<i64>,
}

/// Counts all cases.
pub(crate) fn all() -> Result<Vec<Counted>, String> {
    let mut left: Vec<Option<&Framework>> = servers::ALL.iter().map(Some).rev().collect();
    left.push(None);
    let left = Mutex::new(left);
    let counted = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = left.lock().expect("no panic").pop();
                    let Some(framework) = next else { return };
                    for (index, (origins, request)) in CASES.into_iter().enumerate() {
                        let row = row(framework, index, origins, request);
                        counted.lock().expect("no panic").push(row);
                    }
                }
            });
        }
    });
    let mut rows: Vec<Counted> = counted
        .into_inner()
        .expect("no panic")
        .into_iter()
        .collect::<Result<_, _>>()?;
    let place = |row: &Counted| {
        let group = servers::ALL.iter().position(|one| one.name == row.group);
        let case = CASES
            .iter()
            .position(|case| *case == (row.origins, row.request));
        (group, case)
    };
    rows.sort_by_key(place);
    Ok(rows)
}

fn row(
    framework: Option<&Framework>,
    case: usize,
    origins: Origins,
    request: Request,
) -> Result<Counted, String> {
    let group = framework.map_or(CORE, |framework| framework.name);
    let gross = |variant| per_request(group, variant, case);
    let base = if framework.is_some() {
        gross(NOTHING)?
    } else {
        0
    };
    let fixed_headers = framework.map(|_| gross(FIXED_HEADERS)).transpose()?;
    let has_peer = framework.is_none_or(|framework| {
        (framework.serve)(&Middleware::Peer, &Case::new(origins, request)).is_some()
    });
    let peer_count = has_peer.then(|| gross(PEER)).transpose()?;
    Ok(Counted {
        group,
        peer: framework.map_or("cors-core", |framework| framework.peer),
        origins,
        request,
        omnicors: gross(OMNICORS)? - base,
        peer_count: peer_count.map(|count| count - base),
        fixed_headers: fixed_headers.map(|count| count - base),
    })
}

const NOTHING: &str = "nothing";
const OMNICORS: &str = "omnicors";
const PEER: &str = "peer";
const FIXED_HEADERS: &str = "fixed headers";

#[expect(
    clippy::cast_possible_truncation,
    reason = "a request takes some thousand instructions"
)]
fn per_request(group: &str, variant: &str, case: usize) -> Result<i64, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let gross = |times| {
        let words = format!("--run={group}/{variant}/{case}/{times}");
        instructions(&program, [words.as_str()])
    };
    Ok(((gross(1 + TIMES)? - gross(1)?) / f64::from(TIMES)) as i64)
}

/// Runs one subject a number of times. This is the program that valgrind runs. Returns `None` if the words are not valid.
pub(crate) fn run(words: &str) -> Option<()> {
    let mut words = words.split('/');
    let (group, variant) = (words.next()?, words.next()?);
    let (origins, request) = *CASES.get(words.next()?.parse::<usize>().ok()?)?;
    let times = words.next()?.parse().ok()?;
    let case = Case::new(origins, request);
    let served = if group == CORE {
        let cores = Cores::new(origins);
        if variant == OMNICORS {
            cores.omnicors(&case)
        } else {
            cores.cors_core(&case)
        }
    } else {
        let framework = servers::ALL.iter().find(|one| one.name == group)?;
        (framework.serve)(&middleware(framework, variant, &case)?, &case)?
    };
    served.contender("").run(times);
    Some(())
}

fn middleware(framework: &Framework, variant: &str, case: &Case) -> Option<Middleware> {
    let recorded = |middleware| Some(Subject::recorded(&(framework.serve)(&middleware, case)?));
    Some(match variant {
        NOTHING => Middleware::None,
        OMNICORS => Middleware::Omnicors,
        PEER => Middleware::Peer,
        FIXED_HEADERS => {
            let prepared = Prepared::new(
                &recorded(Middleware::Omnicors)?,
                &recorded(Middleware::None)?,
            );
            Middleware::FixedHeaders(prepared.into())
        }
        _ => return None,
    })
}
