//! What a request costs in instructions, which repeat exactly where times drift: each contender is run by itself under
//! valgrind, a few times and many, and what is the same in both is none of a request's.

use std::env;
use std::sync::Mutex;
use std::thread;

use omnicors_benches::valgrind::instructions;

use crate::cases::{Case, Origins, Request};
use crate::engines::Engines;
use crate::figures::ENGINE;
use crate::served::{Mount, Prepared, Served};
use crate::servers::{self, Framework};

/// What is counted, of each framework.
const CASES: [(Origins, Request); 5] = [
    (Origins::One, Request::NonCors),
    (Origins::One, Request::Actual),
    (Origins::One, Request::ActualRefused),
    (Origins::One, Request::Preflight),
    (Origins::Multiple, Request::Actual),
];

const TIMES: u32 = 200;

/// One case: instructions net of the framework's.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) group: &'static str,
    pub(crate) peer: &'static str,
    pub(crate) origins: Origins,
    pub(crate) request: Request,
    pub(crate) ours: i64,
    /// `None` where it cannot express the case.
    pub(crate) theirs: Option<i64>,
    /// `None` for the engines.
    pub(crate) by_hand: Option<i64>,
}

/// Counts all, or says why it cannot.
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
    let group = framework.map_or(ENGINE, |framework| framework.name);
    let gross = |what| per_request(group, what, case);
    let base = if framework.is_some() {
        gross(NOTHING)?
    } else {
        0
    };
    let by_hand = framework.map(|_| gross(BY_HAND)).transpose()?;
    let has_peer = framework.is_none_or(|framework| {
        (framework.serve)(&Mount::Theirs, &Case::new(origins, request)).is_some()
    });
    let theirs = has_peer.then(|| gross(THEIRS)).transpose()?;
    Ok(Counted {
        group,
        peer: framework.map_or("cors-core", |framework| framework.peer),
        origins,
        request,
        ours: gross(OURS)? - base,
        theirs: theirs.map(|count| count - base),
        by_hand: by_hand.map(|count| count - base),
    })
}

const NOTHING: &str = "nothing";
const OURS: &str = "ours";
const THEIRS: &str = "theirs";
const BY_HAND: &str = "by hand";

#[expect(
    clippy::cast_possible_truncation,
    reason = "some thousands for one request"
)]
fn per_request(group: &str, what: &str, case: usize) -> Result<i64, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let gross = |times| {
        let words = format!("--run={group}/{what}/{case}/{times}");
        instructions(&program, [words.as_str()])
    };
    Ok(((gross(1 + TIMES)? - gross(1)?) / f64::from(TIMES)) as i64)
}

/// Asks one contender so many times: what `valgrind` is given to run. `None` where there is none of that name.
pub(crate) fn run(words: &str) -> Option<()> {
    let mut words = words.split('/');
    let (group, what) = (words.next()?, words.next()?);
    let (origins, request) = *CASES.get(words.next()?.parse::<usize>().ok()?)?;
    let times = words.next()?.parse().ok()?;
    let case = Case::new(origins, request);
    let served = if group == ENGINE {
        let engines = Engines::new(origins);
        if what == OURS {
            engines.ours(&case)
        } else {
            engines.cors_core(&case)
        }
    } else {
        let framework = servers::ALL.iter().find(|one| one.name == group)?;
        (framework.serve)(&mount(framework, what, &case)?, &case)?
    };
    served.contender("").run(times);
    Some(())
}

fn mount(framework: &Framework, what: &str, case: &Case) -> Option<Mount> {
    let answer = |mount| Some(Served::answer(&(framework.serve)(&mount, case)?));
    Some(match what {
        NOTHING => Mount::Nothing,
        OURS => Mount::Ours,
        THEIRS => Mount::Theirs,
        BY_HAND => {
            let prepared = Prepared::new(&answer(Mount::Ours)?, &answer(Mount::Nothing)?);
            Mount::ByHand(prepared.into())
        }
        _ => return None,
    })
}
