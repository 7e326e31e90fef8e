//! The state of a replica or of a lookup that follows a store, through the crate `metrics`.

use std::time::Duration;
#[cfg(feature = "metrics")]
use std::time::SystemTime;

#[cfg(feature = "metrics")]
use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

/// The values of the label `mode`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    Lookup,
    Replica,
}

#[cfg(feature = "metrics")]
mod names {
    pub(super) const CONNECTED: &str = "omnicors_store_connected";
    pub(super) const CONTACT: &str = "omnicors_store_contact_timestamp_seconds";
    pub(super) const LEASE: &str = "omnicors_store_lease_seconds";
    pub(super) const REVISION: &str = "omnicors_store_revision";
    pub(super) const ORIGINS: &str = "omnicors_store_origins";
    pub(super) const CHANGES: &str = "omnicors_store_changes_total";
    pub(super) const RESTARTS: &str = "omnicors_store_restarts_total";
    pub(super) const DISCONNECTIONS: &str = "omnicors_store_disconnections_total";
}

#[cfg(not(feature = "metrics"))]
#[allow(
    clippy::unused_self,
    unused_variables,
    reason = "without the feature, nothing is recorded"
)]
impl Mode {
    pub(super) fn begin(self, lease: Duration) {}
    pub(super) fn contact(self, revision: u64, age: Option<Duration>) {}
    pub(super) fn origins(self, count: usize) {}
    pub(super) fn changes(self, count: usize) {}
    pub(super) fn restart(self) {}
    pub(super) fn disconnected(self) {}
}

#[cfg(feature = "metrics")]
impl Mode {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Lookup => "lookup",
            Self::Replica => "replica",
        }
    }

    /// Describes all metrics, and registers those that an alert compares.
    pub(super) fn begin(self, lease: Duration) {
        describe_gauge!(
            names::CONNECTED,
            "1 if there is a connection to the store of origins."
        );
        describe_gauge!(
            names::CONTACT,
            Unit::Seconds,
            "When the last read began that returned everything up to the present."
        );
        describe_gauge!(
            names::LEASE,
            Unit::Seconds,
            "For how long origins of the store are allowed after the last contact."
        );
        describe_gauge!(
            names::REVISION,
            "The revision of the last change that was applied."
        );
        describe_gauge!(names::ORIGINS, Unit::Count, "The origins in the replica.");
        describe_counter!(
            names::CHANGES,
            Unit::Count,
            "Changes of origins that were applied."
        );
        describe_counter!(
            names::RESTARTS,
            Unit::Count,
            "How often changes were lost, so that everything was read or looked up again."
        );
        describe_counter!(
            names::DISCONNECTIONS,
            Unit::Count,
            "Connections to the store that were lost or could not be opened."
        );
        let mode = self.as_str();
        gauge!(names::LEASE, "mode" => mode).set(lease.as_secs_f64());
        gauge!(names::CONNECTED, "mode" => mode).set(0.0);
        counter!(names::CHANGES, "mode" => mode).increment(0);
        counter!(names::RESTARTS, "mode" => mode).increment(0);
        counter!(names::DISCONNECTIONS, "mode" => mode).increment(0);
    }

    pub(super) fn contact(self, revision: u64, age: Option<Duration>) {
        let mode = self.as_str();
        gauge!(names::CONNECTED, "mode" => mode).set(1.0);
        #[allow(
            clippy::cast_precision_loss,
            reason = "gauges are floating-point numbers"
        )]
        gauge!(names::REVISION, "mode" => mode).set(revision as f64);
        let contact = SystemTime::now() - age.unwrap_or_default();
        if let Ok(contact) = contact.duration_since(SystemTime::UNIX_EPOCH) {
            gauge!(names::CONTACT, "mode" => mode).set(contact.as_secs_f64());
        }
    }

    pub(super) fn origins(self, count: usize) {
        #[allow(
            clippy::cast_precision_loss,
            reason = "gauges are floating-point numbers"
        )]
        gauge!(names::ORIGINS, "mode" => self.as_str()).set(count as f64);
    }

    pub(super) fn changes(self, count: usize) {
        counter!(names::CHANGES, "mode" => self.as_str()).increment(count as u64);
    }

    pub(super) fn restart(self) {
        counter!(names::RESTARTS, "mode" => self.as_str()).increment(1);
    }

    pub(super) fn disconnected(self) {
        gauge!(names::CONNECTED, "mode" => self.as_str()).set(0.0);
        counter!(names::DISCONNECTIONS, "mode" => self.as_str()).increment(1);
    }
}
