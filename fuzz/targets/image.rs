//! Starts a replica from an arbitrary image while the store cannot be reached.
//!
//! The first byte says how the rest becomes a file: with bit 0, it gets a right checksum; with bit 1, the last contact is now.
//!
//! * Nothing panics.
//! * The replica starts if and only if the file is a valid image of this store.
//! * It allows the origins of single sites that are in the image, while the lease is not over, and nothing else.

#![no_main]

use std::cell::LazyCell;
use std::fs;
use std::future::pending;
use std::path::PathBuf;
use std::process;
use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;
use omnicors_core::Origin;
use omnicors_fuzz::image::{self, CONTACT, Image};
use omnicors_tests::naive;
use omnicors_tokio::{
    Changes, OriginReplica, OriginStore, Position, ReplicaOptions, StoreError, StoreSession,
};
use tokio::runtime::{Builder, Runtime};

/// Long enough for a slow run.
const LEASE: Duration = Duration::from_secs(3_600);

thread_local! {
    static RUNTIME: LazyCell<Runtime> = LazyCell::new(|| {
        let runtime = Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime")
    });
    static PATH: LazyCell<PathBuf> = LazyCell::new(|| {
        std::env::temp_dir().join(format!("omnicors-fuzz-{}.image", process::id()))
    });
}

fuzz_target!(|data: &[u8]| {
    let Some((&how, body)) = data.split_first() else {
        return;
    };
    let mut file = body.to_vec();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.expect("a time after 1970");
    if how & 2 != 0
        && let Some(contact) = file.get_mut(CONTACT)
    {
        let (seconds, nanoseconds) = contact.split_at_mut(8);
        seconds.copy_from_slice(&now.as_secs().to_le_bytes());
        nanoseconds.copy_from_slice(&now.subsec_nanos().to_le_bytes());
    }
    if how & 1 != 0 {
        file.extend(crc32fast::hash(&file).to_le_bytes());
    }
    let image = image::read(&file).filter(|image| image.name == image::STORE && has_time(image));
    let replica = PATH.with(|path| {
        fs::write(&**path, &file).expect("a file");
        start(path)
    });
    assert_eq!(replica.is_some(), image.is_some(), "a valid image is used");
    if let (Some(replica), Some(image)) = (replica, image) {
        check(&replica, &image, now);
    }
});

/// Returns true if the time of the contact can be represented.
fn has_time(image: &Image<'_>) -> bool {
    SystemTime::UNIX_EPOCH.checked_add(contact(image)).is_some()
}

fn contact(image: &Image<'_>) -> Duration {
    let (seconds, nanoseconds) = image.contact;
    Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanoseconds.into()))
}

fn start(path: &PathBuf) -> Option<OriginReplica> {
    let options = ReplicaOptions::new().lease(LEASE).image(path);
    let replica = OriginReplica::with_options(options, Unreachable);
    RUNTIME.with(|runtime| runtime.block_on(replica)).ok()
}

fn check(replica: &OriginReplica, image: &Image<'_>, now: Duration) {
    // Times near the end of the lease are not checked.
    let contact = contact(image);
    let age = now.checked_sub(contact);
    let is_over = age.is_some_and(|age| age >= LEASE) || contact > now + Duration::from_secs(600);
    let is_valid = age.is_some_and(|age| age < LEASE / 2);
    for text in &image.origins {
        let Ok(origin) = Origin::parse(text.as_bytes()) else {
            continue;
        };
        let is_allowed = replica.contains(&origin);
        if is_allowed {
            assert!(!is_over, "{text:?} is allowed after the lease");
            assert!(
                naive::is_origin(text.as_bytes()),
                "{text:?} is not an origin"
            );
            assert!(!naive::is_opaque(text.as_bytes()), "{text:?} is opaque");
        }
        if is_valid && is_ordinary(text) {
            assert!(is_allowed, "{text:?} is in the image");
        }
    }
    for text in [
        "null",
        "file://",
        "https://a.example",
        "https://other.example",
    ] {
        let origin = Origin::parse(text.as_bytes()).expect("an origin");
        if replica.contains(&origin) {
            assert!(image.origins.contains(&text), "{text} is not in the image");
        }
    }
}

/// Returns true for an origin that a store certainly may contain.
fn is_ordinary(text: &str) -> bool {
    let host = text.strip_prefix("https://");
    host.is_some_and(|host| {
        host.len() < 60
            && host.ends_with(".example")
            && host.split('.').all(|label| !label.is_empty())
            && host
                .bytes()
                .all(|byte| byte == b'.' || byte.is_ascii_lowercase())
    })
}

/// A store that cannot be reached.
struct Unreachable;

struct Session;

impl OriginStore for Unreachable {
    type Session = Session;

    fn name(&self) -> String {
        image::STORE.to_owned()
    }

    async fn connect(&self) -> Result<Session, StoreError> {
        Err(StoreError::new("unreachable"))
    }

    async fn contains(&self, _: &str) -> Result<bool, StoreError> {
        Err(StoreError::new("unreachable"))
    }
}

impl StoreSession for Session {
    async fn present(&mut self) -> Result<Position, StoreError> {
        Err(StoreError::new("unreachable"))
    }

    async fn read_all(&mut self, _: &mut (dyn FnMut(&str) + Send)) -> Result<Position, StoreError> {
        Err(StoreError::new("unreachable"))
    }

    async fn changes_after(&mut self, _: &Position) -> Result<Changes, StoreError> {
        Err(StoreError::new("unreachable"))
    }

    async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
        pending().await
    }
}
