//! The events of replicas and of lookups that follow a store.

#![cfg_attr(
    not(feature = "tracing"),
    allow(unused_variables, reason = "without the feature, no event is emitted")
)]

use std::path::Path;
use std::time::Duration;

use omnicors_core::PolicyError;

use super::gauges::Mode;
use super::image::ImageError;
use super::position::Position;
use super::store_error::StoreError;

pub(super) fn connected(revision: u64) {
    #[cfg(feature = "tracing")]
    tracing::info!(target: "omnicors", revision, "CORS: connected to the store of origins");
}

pub(super) fn disconnected(error: &StoreError, remaining: Duration) {
    #[cfg(feature = "tracing")]
    tracing::warn!(
        target: "omnicors",
        lease_seconds = remaining.as_secs(),
        "CORS: no connection to the store of origins: {error}"
    );
}

pub(super) fn lease_ended(mode: Mode) {
    #[cfg(feature = "tracing")]
    match mode {
        Mode::Replica => tracing::error!(
            target: "omnicors",
            "CORS: the lease is over, so every origin of the store is denied until its changes are read again"
        ),
        Mode::Lookup => tracing::error!(
            target: "omnicors",
            "CORS: the changes of the store were not read during the lease, so each origin is looked up again, at most every second"
        ),
    }
}

pub(super) fn read_all(position: &Position, rejected: u64) {
    #[cfg(feature = "tracing")]
    tracing::info!(
        target: "omnicors",
        revision = position.revision(),
        rejected,
        "CORS: all origins of the store were read"
    );
    #[cfg(feature = "tracing")]
    if rejected > 0 {
        tracing::warn!(
            target: "omnicors",
            rejected,
            "CORS: the store contains texts that are not origins of single sites; they are never allowed"
        );
    }
}

pub(super) fn not_merged(error: &PolicyError) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "omnicors", "CORS: the set of origins was not built again: {error}");
}

#[cfg(feature = "filter")]
pub(super) fn filter_built(position: &Position, origins: usize) {
    #[cfg(feature = "tracing")]
    tracing::info!(
        target: "omnicors",
        revision = position.revision(),
        origins,
        "CORS: the filter of the origins of the store was built"
    );
}

#[cfg(feature = "filter")]
pub(super) fn filter_not_built(error: &StoreError) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "omnicors", "CORS: the filter of the origins of the store was not built: {error}");
}

pub(super) fn image_not_read(path: &Path, error: &ImageError) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "omnicors", path = %path.display(), "CORS: the image of the origins is not used: {error}");
}

pub(super) fn image_not_written(path: &Path, error: &std::io::Error) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "omnicors", path = %path.display(), "CORS: the image of the origins was not written: {error}");
}
