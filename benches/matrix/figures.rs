//! What was measured.

use omnicors_benches::{Effort, measure};

use crate::answer::Answer;
use crate::cases::{Case, Origins, Request};
use crate::counting::Asked;
use crate::engines::Engines;
use crate::served::{Mount, Prepared, Served};
use crate::servers::{Framework, Source, serve_from};

/// What one request costs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) nanoseconds: f64,
    pub(crate) asked: Asked,
}

impl Cost {
    /// What is on top of `base`.
    pub(crate) fn beyond(self, base: Self) -> Self {
        Self {
            nanoseconds: self.nanoseconds - base.nanoseconds,
            asked: Asked {
                allocations: self.asked.allocations - base.asked.allocations,
                bytes: self.asked.bytes - base.asked.bytes,
            },
        }
    }
}

/// What another one costs, and what it says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) cost: Cost,
    pub(crate) otherwise: Vec<String>,
}

/// One case, by all that can be asked it. All costs are net of the framework's.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The framework, or "engine".
    pub(crate) group: &'static str,
    pub(crate) case: Case,
    /// What the framework alone takes.
    pub(crate) base: Cost,
    pub(crate) ours: Cost,
    pub(crate) peers: Vec<Peer>,
    /// An application that sets the fields without a library; for engines, one lookup of the origin.
    pub(crate) limit: Option<Cost>,
}

/// What a policy costs by where it comes from: with tower, gross.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    pub(crate) case: Case,
    pub(crate) fixed: Cost,
    pub(crate) handle: Cost,
    pub(crate) per_request: Cost,
    /// Nanoseconds of a fixed one, with the events compiled in and nobody to listen: from another build.
    pub(crate) tracing: Option<f64>,
}

pub(crate) const ENGINE: &str = "engine";

/// Measures what is served, in turns.
fn costs(effort: Effort, served: &[&Served]) -> Vec<Cost> {
    let names = (0..served.len()).map(|number| number.to_string());
    let contenders = names.clone().zip(served);
    let contenders = contenders
        .map(|(name, served)| served.contender(name))
        .collect();
    let figures = measure(effort, contenders);
    let costs = names.zip(served).map(|(name, served)| Cost {
        nanoseconds: figures.nanoseconds(&name),
        asked: served.count(),
    });
    costs.collect()
}

/// One row of a framework.
pub(crate) fn framework(framework: &Framework, case: &Case, effort: Effort) -> Row {
    let serve = |mount| (framework.serve)(&mount, case);
    let plain = serve(Mount::Nothing).expect("the application alone");
    let ours = serve(Mount::Ours).expect("ours knows every case");
    let answer = checked(&ours.answer(), case);
    let prepared = Prepared::new(&answer, &plain.answer());
    let by_hand = serve(Mount::ByHand(prepared.into())).expect("the application alone");
    let same = by_hand.answer();
    assert_eq!(same.status, answer.status, "{case:?}");
    for line in &answer.lines {
        assert!(
            same.lines.contains(line),
            "{case:?}: {line:?} not in {same:?}"
        );
    }
    let theirs = serve(Mount::Theirs);
    let mut served = vec![&plain, &ours, &by_hand];
    served.extend(&theirs);
    let costs = costs(effort, &served);
    let peers = theirs.iter().map(|theirs| Peer {
        name: framework.peer,
        cost: costs[3].beyond(costs[0]),
        otherwise: theirs.answer().otherwise(case),
    });
    Row {
        group: framework.name,
        case: case.clone(),
        base: costs[0],
        ours: costs[1].beyond(costs[0]),
        peers: peers.collect(),
        limit: Some(costs[2].beyond(costs[0])),
    }
}

/// One row of the engines.
pub(crate) fn engine(engines: &Engines, case: &Case, effort: Effort) -> Row {
    let ours = engines.ours(case);
    checked(&ours.answer(), case);
    let (cors_core, bunner) = (engines.cors_core(case), engines.bunner(case));
    let look_up = engines.look_up(case);
    if let Some(look_up) = &look_up {
        look_up.answer();
    }
    let mut served = vec![&ours, &cors_core, &bunner];
    served.extend(&look_up);
    let costs = costs(effort, &served);
    Row {
        group: ENGINE,
        case: case.clone(),
        base: Cost::default(),
        ours: costs[0],
        peers: vec![
            Peer {
                name: "cors-core",
                cost: costs[1],
                otherwise: cors_core.answer().otherwise(case),
            },
            Peer {
                name: "bunner_cors_rs",
                cost: costs[2],
                otherwise: bunner.answer().otherwise(case),
            },
        ],
        limit: look_up.map(|_| costs[3]),
    }
}

const USUAL: [Request; 3] = [Request::NonCors, Request::Actual, Request::Preflight];

/// What a policy from elsewhere costs, beside what another build has measured.
pub(crate) fn sources(effort: Effort, tracing: &[f64]) -> Vec<Sources> {
    let measured = USUAL.iter().enumerate().map(|(index, request)| {
        let case = Case::new(Origins::One, *request);
        let served = [Source::Fixed, Source::Handle, Source::PerRequest]
            .map(|source| serve_from(source, &case));
        let costs = costs(effort, &served.each_ref());
        Sources {
            case,
            fixed: costs[0],
            handle: costs[1],
            per_request: costs[2],
            tracing: tracing.get(index).copied(),
        }
    });
    measured.collect()
}

/// What a fixed one costs in this build, in nanoseconds.
pub(crate) fn fixed(effort: Effort) -> [f64; 3] {
    USUAL.map(|request| {
        let served = serve_from(Source::Fixed, &Case::new(Origins::One, request));
        costs(effort, &[&served])[0].nanoseconds
    })
}

/// Ours has to be right, or there is nothing to be measured.
fn checked(answer: &Answer, case: &Case) -> Answer {
    let otherwise = answer.otherwise(case);
    assert!(otherwise.is_empty(), "{case:?}: {otherwise:?}: {answer:?}");
    answer.clone()
}
