//! Counts the instructions of a request, which are nearly the same in each run.
//!
//! The cases of a group run in one process under callgrind, and each middleware of a case is a section.

use std::path::Path;
use std::sync::Mutex;
use std::{env, fs, process, thread};

use omnicors_benches::COUNTED;
use omnicors_benches::callgrind::{section_end_of_callgrind, sections};

use crate::cases::{self, Case, Origins, Request};
use crate::cores::Cores;
use crate::figures::CORE;
use crate::report;
use crate::servers::{self, Framework};
use crate::subject::{Middleware, Subject};

/// The cases that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// All but those with the largest lists, which take too long to build under valgrind.
    All,
    /// Those of the baseline, without the other middleware.
    Baseline,
}

/// The cases of the baseline.
const OF_BASELINE: [(Origins, Request); 8] = [
    (Origins::One, Request::NonCors),
    (Origins::One, Request::Actual),
    (Origins::One, Request::ActualDenied),
    (Origins::One, Request::Preflight),
    (Origins::Multiple, Request::Actual),
    (Origins::All, Request::NonCors),
    (Origins::All, Request::Actual),
    (Origins::All, Request::Preflight),
];

impl Chosen {
    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Baseline => "baseline",
        }
    }

    pub(crate) fn cases(self) -> Vec<Case> {
        let mut cases = cases::all();
        cases.retain(|case| match self {
            Self::All => !case.origins.is_large(),
            Self::Baseline => OF_BASELINE.contains(&(case.origins, case.request)),
        });
        if self == Self::Baseline {
            cases.extend(cases::guarded());
        }
        cases
    }

    /// Returns the number of servers that are built for each section. Hash maps of Rocket and actix-web have random seeds, so the
    /// instructions of a request differ from one server to the next.
    fn servers(self) -> u32 {
        match self {
            Self::All => 5,
            Self::Baseline => 100,
        }
    }

    fn has(self, middleware: Middleware) -> bool {
        self == Self::All || middleware != Middleware::Peer
    }
}

/// The instructions of one case. Those of the framework itself are subtracted.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) group: &'static str,
    pub(crate) case: Case,
    /// Those of the framework without any middleware.
    pub(crate) base: i64,
    pub(crate) omnicors: i64,
    pub(crate) peer: Option<CountedPeer>,
    /// `None` for patterns, and without a framework.
    pub(crate) floor: Option<i64>,
}

/// The instructions of another library, and how its responses differ from the expected ones.
#[derive(Clone, Debug)]
pub(crate) struct CountedPeer {
    pub(crate) name: &'static str,
    pub(crate) count: i64,
    pub(crate) differences: Vec<String>,
}

/// Counts the chosen cases of all groups.
pub(crate) fn count(chosen: Chosen) -> Result<Vec<Counted>, String> {
    // For the files of callgrind. Another process may count at the same time.
    let directory = report::directory().join(format!("callgrind-{}", process::id()));
    let counted = count_in(chosen, &directory);
    // It is already empty, unless an error is reported below.
    let _ = fs::remove_dir_all(&directory);
    counted
}

fn count_in(chosen: Chosen, directory: &Path) -> Result<Vec<Counted>, String> {
    let groups = || [None].into_iter().chain(servers::ALL.iter().map(Some));
    // The slowest groups are the last of the list, and are taken first.
    let left = Mutex::new(groups().enumerate().collect::<Vec<_>>());
    let counted = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = left.lock().expect("no panic").pop();
                    let Some((index, framework)) = next else {
                        return;
                    };
                    let directory = directory.join(index.to_string());
                    let rows = group(framework, chosen, &directory);
                    counted.lock().expect("no panic").push((index, rows));
                }
            });
        }
    });
    let mut counted = counted.into_inner().expect("no panic");
    counted.sort_by_key(|(index, _)| *index);
    let mut all = Vec::new();
    for (_, rows) in counted {
        all.extend(rows?);
    }
    Ok(all)
}

fn group(
    framework: Option<&Framework>,
    chosen: Chosen,
    directory: &Path,
) -> Result<Vec<Counted>, String> {
    let name = framework.map_or(CORE, |framework| framework.name);
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let argument = format!("--run={}/{name}", chosen.name());
    let sections = sections(&program, [argument.as_str()], directory)?;
    let per_request = |section: &str| {
        let found = sections.iter().find(|(name, _)| name == section);
        found.map(|(_, total)| {
            i64::try_from(total / u64::from(COUNTED * chosen.servers())).expect("a small number")
        })
    };
    let mut rows = Vec::new();
    for (index, case) in chosen.cases().into_iter().enumerate() {
        let gross = |middleware| per_request(&section(index, middleware));
        let base = gross(Middleware::None).unwrap_or(0);
        let net = |middleware| gross(middleware).map(|count| count - base);
        let Some(omnicors) = net(Middleware::Omnicors) else {
            // The framework does not have this case.
            continue;
        };
        let peer = net(Middleware::Peer).map(|count| CountedPeer {
            name: framework.map_or("cors-core", |framework| framework.peer),
            count,
            differences: peer_differences(framework, &case),
        });
        rows.push(Counted {
            group: name,
            base,
            omnicors,
            peer,
            floor: net(Middleware::Floor),
            case,
        });
    }
    Ok(rows)
}

/// Returns the name of a section, which the program prints.
fn section(case: usize, middleware: Middleware) -> String {
    format!("{case} {middleware:?}")
}

fn peer_differences(framework: Option<&Framework>, case: &Case) -> Vec<String> {
    let subject = subject(framework, Middleware::Peer, case);
    subject.map_or_else(Vec::new, |peer| peer.recorded().differences(case))
}

/// Runs the sections of one group. This is the program that valgrind runs. Returns `None` if the words are not valid.
pub(crate) fn run(words: &str) -> Option<()> {
    let (chosen, group) = words.split_once('/')?;
    let chosen = [Chosen::All, Chosen::Baseline]
        .into_iter()
        .find(|one| one.name() == chosen)?;
    let framework = servers::ALL.iter().find(|one| one.name == group);
    if framework.is_none() && group != CORE {
        return None;
    }
    for (index, case) in chosen.cases().iter().enumerate() {
        if framework.is_some_and(|framework| !framework.has(case)) {
            continue;
        }
        for middleware in Middleware::ALL.into_iter().filter(|one| chosen.has(*one)) {
            let mut instances =
                (0..chosen.servers()).map_while(|_| subject(framework, middleware, case));
            if let Some(first) = instances.next() {
                for subject in [first].into_iter().chain(instances) {
                    subject.contender("").count();
                }
                section_end_of_callgrind();
                println!("{}", section(index, middleware));
            }
        }
    }
    Some(())
}

fn subject(framework: Option<&Framework>, middleware: Middleware, case: &Case) -> Option<Subject> {
    if let Some(framework) = framework {
        return (framework.serve)(middleware, case);
    }
    let cores = Cores::new(case.origins);
    match middleware {
        Middleware::Omnicors => Some(cores.omnicors(case)),
        Middleware::Peer => Some(cores.cors_core(case)),
        Middleware::None | Middleware::Floor => None,
    }
}
