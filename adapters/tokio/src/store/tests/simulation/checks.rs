//! What each node may answer at each time. The truth is the database's own record of what it contained.

use std::time::Duration;

use omnicors_core::{LookupResult, Origin};

use super::database::{Database, ORIGINS};
use super::node::{Answer, LEASE};
use crate::store::OriginReplica;

/// The time that a step of the simulation takes. Everything that is measured can be wrong by that.
pub(super) const TICK: Duration = Duration::from_millis(20);

/// How long it takes at most until a node follows again after the last fault: it waits 1 s for a hint, 5 s for an answer, up to 5 s before
/// it connects again, and 5 s for an answer of that attempt if it began during the fault.
pub(super) const RECOVERY: Duration = Duration::from_secs(16);

/// How long it takes at most until a node that follows knows a change: 1 s without hints, and the time of the messages.
const FOLLOWS: Duration = Duration::from_millis(1_400);

/// What was seen in all runs, so that a test cannot pass because nothing happened.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) checked: u64,
    /// A replica allowed an origin that had been removed, during its lease.
    pub(super) stale: u64,
    /// A replica denied because its lease was over, and would have allowed an origin that had been removed.
    pub(super) ended: u64,
}

/// Checks the answers of a replica. `calm` is the time since the last fault.
pub(super) fn check_replica(
    database: &Database,
    replica: &OriginReplica,
    now: Duration,
    calm: Duration,
    tally: &mut Seen,
) {
    let status = replica.status();
    let since_contact = status.since_contact.unwrap();
    let contact = now.saturating_sub(since_contact + TICK);
    if calm > RECOVERY {
        assert!(status.is_connected, "there is no contact: {status:?}");
        assert!(since_contact <= FOLLOWS, "there is no contact: {status:?}");
    }
    for origin in ORIGINS {
        tally.checked += 1;
        if replica.contains(&Origin::parse(origin.as_bytes()).unwrap()) {
            let leased = now.saturating_sub(LEASE + TICK);
            assert!(
                database.was(origin, true, leased, now),
                "{origin} is allowed after the lease: {status:?}"
            );
            assert!(
                database.was(origin, true, contact, now),
                "{origin} is allowed, and was removed before the last contact: {status:?}"
            );
            tally.stale += u64::from(!database.contains(origin));
        } else if status.lease_remaining > TICK {
            assert!(
                database.was(origin, false, contact, now),
                "{origin} is denied, and was added before the last contact: {status:?}"
            );
        } else {
            // It was in the store when the node last knew it.
            let was_allowed = !database.was(origin, false, contact, contact);
            tally.ended += u64::from(was_allowed && !database.contains(origin));
        }
    }
}

/// Checks the answer of a lookup.
pub(super) fn check_lookup(database: &Database, answer: &Answer, calm: Duration, tally: &mut Seen) {
    tally.checked += 1;
    let Answer {
        origin,
        result,
        asked,
        returned,
    } = *answer;
    let returned = returned + TICK;
    let is_calm = calm > RECOVERY + FOLLOWS;
    let window = if is_calm { FOLLOWS } else { LEASE };
    let begin = asked.saturating_sub(window + TICK);
    match result {
        LookupResult::Allowed => assert!(
            database.was(origin, true, begin, returned),
            "{origin} was allowed between {asked:?} and {returned:?}"
        ),
        _ if !is_calm => {}
        LookupResult::NotAllowed => assert!(
            database.was(origin, false, begin, returned),
            "{origin} was denied between {asked:?} and {returned:?}"
        ),
        failure => {
            panic!("{origin} was not looked up between {asked:?} and {returned:?}: {failure:?}")
        }
    }
}
