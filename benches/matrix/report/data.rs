//! The figures as they are stored.

use std::collections::BTreeMap;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::cases::{Origins, Request};
use crate::figures;
use crate::instructions::Counted;
use crate::targets::Target;

/// The figures of a run.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: String,
    pub(crate) compiler: String,
    /// The versions of the packages.
    pub(crate) versions: BTreeMap<String, String>,
    pub(crate) targets: Vec<TargetRow>,
    pub(crate) sources: Vec<SourceRow>,
    pub(crate) instructions: Vec<InstructionRow>,
    pub(crate) rows: Vec<Row>,
}

/// The cost of one request.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Cost {
    pub(crate) nanoseconds: f64,
    pub(crate) allocations: i64,
    pub(crate) bytes: i64,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Row {
    pub(crate) group: String,
    pub(crate) origins: String,
    pub(crate) request: String,
    pub(crate) no_middleware: Cost,
    pub(crate) omnicors: Cost,
    pub(crate) peers: Vec<Peer>,
    /// The floor; without a framework, a lookup in a `HashSet`.
    pub(crate) floor: Option<Cost>,
    /// The most common requests, which are in the chart.
    pub(crate) is_common: bool,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Peer {
    pub(crate) name: String,
    pub(crate) cost: Cost,
    pub(crate) differences: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct SourceRow {
    pub(crate) request: String,
    pub(crate) fixed: Cost,
    pub(crate) handle: Cost,
    pub(crate) per_request: Cost,
    /// Nanoseconds.
    pub(crate) tracing: Option<f64>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct InstructionRow {
    pub(crate) group: String,
    pub(crate) origins: String,
    pub(crate) request: String,
    /// The framework without any middleware.
    pub(crate) base: i64,
    pub(crate) omnicors: i64,
    pub(crate) peer: Option<CountedPeer>,
    pub(crate) floor: Option<i64>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct CountedPeer {
    pub(crate) name: String,
    pub(crate) count: i64,
    pub(crate) differences: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct TargetRow {
    pub(crate) target: String,
    pub(crate) is_met: bool,
    pub(crate) rows: usize,
    pub(crate) missed: Vec<String>,
}

impl Report {
    /// `lock` is the text of `Cargo.lock`.
    pub(crate) fn new(
        rows: &[figures::Row],
        sources: &[figures::Sources],
        instructions: &[Counted],
        targets: &[Target],
        lock: &str,
    ) -> Self {
        Self {
            machine: machine(),
            compiler: compiler(),
            versions: versions(lock, &PACKAGES),
            targets: targets.iter().map(TargetRow::from).collect(),
            sources: sources.iter().map(SourceRow::from).collect(),
            instructions: instructions.iter().map(InstructionRow::from).collect(),
            rows: rows.iter().map(Row::from).collect(),
        }
    }
}

impl From<figures::Cost> for Cost {
    fn from(cost: figures::Cost) -> Self {
        Self {
            nanoseconds: (cost.nanoseconds * 10.0).round() / 10.0,
            allocations: cost.memory.allocations,
            bytes: cost.memory.bytes,
        }
    }
}

impl From<&figures::Row> for Row {
    fn from(row: &figures::Row) -> Self {
        let peers = row.peers.iter().map(|peer| Peer {
            name: peer.name.to_owned(),
            cost: peer.cost.into(),
            differences: peer.differences.clone(),
        });
        Self {
            group: row.group.to_owned(),
            origins: row.case.origins.name().to_owned(),
            request: row.case.request.name().to_owned(),
            no_middleware: row.base.into(),
            omnicors: row.omnicors.into(),
            peers: peers.collect(),
            floor: row.floor.map(Cost::from),
            is_common: row.case.origins == Origins::One
                && matches!(row.case.request, Request::Actual | Request::Preflight),
        }
    }
}

impl From<&figures::Sources> for SourceRow {
    fn from(sources: &figures::Sources) -> Self {
        Self {
            request: sources.case.request.name().to_owned(),
            fixed: sources.fixed.into(),
            handle: sources.handle.into(),
            per_request: sources.per_request.into(),
            tracing: sources.tracing,
        }
    }
}

impl From<&Counted> for InstructionRow {
    fn from(counted: &Counted) -> Self {
        Self {
            group: counted.group.to_owned(),
            origins: counted.case.origins.name().to_owned(),
            request: counted.case.request.name().to_owned(),
            base: counted.base,
            omnicors: counted.omnicors,
            peer: counted.peer.as_ref().map(|peer| CountedPeer {
                name: peer.name.to_owned(),
                count: peer.count,
                differences: peer.differences.clone(),
            }),
            floor: counted.floor,
        }
    }
}

impl From<&Target> for TargetRow {
    fn from(target: &Target) -> Self {
        Self {
            target: target.name.to_owned(),
            is_met: target.is_met(),
            rows: target.outcomes.len(),
            missed: target.missed().map(ToString::to_string).collect(),
        }
    }
}

/// The packages whose versions are in the report.
const PACKAGES: [&str; 16] = [
    "actix-cors",
    "actix-web",
    "arc-swap",
    "bunner_cors_rs",
    "cors-core",
    "http",
    "omnicors-core",
    "poem",
    "rocket",
    "rocket_cors",
    "salvo-cors",
    "salvo_core",
    "tower",
    "tower-http",
    "tower-service",
    "warp",
];

/// Returns the model of the processor, and the number of cores.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores")
}

pub(crate) fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    version.unwrap_or_else(|_| "unknown compiler".into())
}

/// Returns the versions in `Cargo.lock`. If it has two versions of a package, the newer one was measured.
pub(crate) fn versions(lock: &str, packages: &[&str]) -> BTreeMap<String, String> {
    let version = |package: &str| {
        let name = format!("name = \"{package}\"\n");
        let found = lock.split("[[package]]\n").filter_map(|entry| {
            let version = entry.strip_prefix(name.as_str())?;
            version.strip_prefix("version = \"")?.split('"').next()
        });
        // The versions of a package are in ascending order.
        found.last().map(str::to_owned)
    };
    packages
        .iter()
        .filter_map(|package| Some(((*package).to_owned(), version(package)?)))
        .collect()
}
