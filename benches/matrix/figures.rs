//! Measures the cases, and holds the results.

use omnicors_benches::{Effort, measure};

use crate::cases::{Case, Origins, Request};
use crate::cores::Cores;
use crate::counting::Memory;
use crate::recorded::Recorded;
use crate::servers::{Framework, Source, serve_from};
use crate::subject::{Middleware, Subject};

/// The cost of one request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) nanoseconds: f64,
    pub(crate) memory: Memory,
}

impl Cost {
    /// Returns the difference from `base`.
    pub(crate) fn beyond(self, base: Self) -> Self {
        Self {
            nanoseconds: self.nanoseconds - base.nanoseconds,
            memory: Memory {
                allocations: self.memory.allocations - base.memory.allocations,
                bytes: self.memory.bytes - base.memory.bytes,
            },
        }
    }
}

/// The cost of another library, and how its responses differ from the expected ones.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) cost: Cost,
    pub(crate) differences: Vec<String>,
}

/// The results of one case. The cost of the framework itself is subtracted.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The name of the framework, or [`CORE`].
    pub(crate) group: &'static str,
    pub(crate) case: Case,
    /// The cost without any middleware.
    pub(crate) base: Cost,
    pub(crate) omnicors: Cost,
    pub(crate) peers: Vec<Peer>,
    /// The cost of the floor, or `None` for patterns; for [`CORE`], the cost of a lookup in a `HashSet`.
    pub(crate) floor: Option<Cost>,
}

/// The cost of a request with tower, by the source of the policy. The cost of the framework is not subtracted.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    pub(crate) case: Case,
    pub(crate) fixed: Cost,
    pub(crate) handle: Cost,
    pub(crate) per_request: Cost,
    /// The time in nanoseconds of a fixed policy with the feature `tracing` and no subscriber, which another build has measured.
    pub(crate) tracing: Option<f64>,
}

pub(crate) const CORE: &str = "core";

/// Measures all subjects in turns.
fn costs(effort: Effort, served: &[&Subject]) -> Vec<Cost> {
    let names = (0..served.len()).map(|number| number.to_string());
    let contenders = names.clone().zip(served);
    let contenders = contenders
        .map(|(name, served)| served.contender(name))
        .collect();
    let figures = measure(effort, contenders);
    let costs = names.zip(served).map(|(name, served)| Cost {
        nanoseconds: figures.nanoseconds(&name),
        memory: served.count(),
    });
    costs.collect()
}

/// Measures one case with a framework.
pub(crate) fn framework(framework: &Framework, case: &Case, effort: Effort) -> Row {
    check(framework, case);
    let serve = |middleware| (framework.serve)(middleware, case);
    let plain = serve(Middleware::None).expect("an application");
    let omnicors = serve(Middleware::Omnicors).expect("omnicors supports every case");
    let (peer, floor) = (serve(Middleware::Peer), serve(Middleware::Floor));
    let mut served = vec![&plain, &omnicors];
    served.extend(&peer);
    served.extend(&floor);
    let costs = costs(effort, &served);
    let mut others = costs[2..].iter().map(|cost| cost.beyond(costs[0]));
    let peers = peer.iter().map(|peer| Peer {
        name: framework.peer,
        cost: others.next().expect("a cost for each"),
        differences: peer.recorded().differences(case),
    });
    Row {
        group: framework.name,
        case: case.clone(),
        base: costs[0],
        omnicors: costs[1].beyond(costs[0]),
        peers: peers.collect(),
        floor: floor.and_then(|_| others.next()),
    }
}

/// Asserts that the response of omnicors is correct, and that the floor gives the same response.
pub(crate) fn check(framework: &Framework, case: &Case) {
    let recorded = |middleware| Some((framework.serve)(middleware, case)?.recorded().sorted());
    let omnicors = recorded(Middleware::Omnicors).expect("omnicors supports every case");
    assert_correct(&omnicors, case);
    if let Some(floor) = recorded(Middleware::Floor) {
        assert_eq!(floor, omnicors, "{}: {case:?}", framework.name);
    }
}

/// Measures one case with the libraries that need no server.
pub(crate) fn core(cores: &Cores, case: &Case, effort: Effort) -> Row {
    let omnicors = cores.omnicors(case);
    assert_correct(&omnicors.recorded(), case);
    let (cors_core, bunner) = (cores.cors_core(case), cores.bunner(case));
    let look_up = cores.look_up(case);
    if let Some(look_up) = &look_up {
        look_up.recorded();
    }
    let mut served = vec![&omnicors, &cors_core, &bunner];
    served.extend(&look_up);
    let costs = costs(effort, &served);
    Row {
        group: CORE,
        case: case.clone(),
        base: Cost::default(),
        omnicors: costs[0],
        peers: vec![
            Peer {
                name: "cors-core",
                cost: costs[1],
                differences: cors_core.recorded().differences(case),
            },
            Peer {
                name: "bunner_cors_rs",
                cost: costs[2],
                differences: bunner.recorded().differences(case),
            },
        ],
        floor: look_up.map(|_| costs[3]),
    }
}

const COMMON: [Request; 3] = [Request::NonCors, Request::Actual, Request::Preflight];

/// Measures the sources of a policy. `tracing` has the times that another build has measured.
pub(crate) fn sources(effort: Effort, tracing: &[f64]) -> Vec<Sources> {
    let measured = COMMON.iter().enumerate().map(|(index, request)| {
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

/// Returns the times of a fixed policy in this build, in nanoseconds.
pub(crate) fn fixed(effort: Effort) -> [f64; 3] {
    COMMON.map(|request| {
        let served = serve_from(Source::Fixed, &Case::new(Origins::One, request));
        costs(effort, &[&served])[0].nanoseconds
    })
}

fn assert_correct(recorded: &Recorded, case: &Case) {
    let differences = recorded.differences(case);
    assert!(
        differences.is_empty(),
        "{case:?}: {differences:?}: {recorded:?}"
    );
}
