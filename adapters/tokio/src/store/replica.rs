use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use omnicors_core::{DynamicOriginSet, Origin};
use tokio::task::spawn_blocking;

use super::contact::Contact;
use super::events;
use super::follower::{self, Receiver};
use super::gauges::Mode;
use super::image::{self, Image};
use super::options::ReplicaOptions;
use super::origin_store::{OriginStore, StoreSession};
use super::position::{OriginChange, Position};
use super::replica_set::{NewSet, ReplicaSet};
use super::store_error::StoreError;
use crate::clock::Clock;
use crate::sync::atomic::AtomicBool;

/// A copy of all origins of an [`OriginStore`] in memory, which follows the changes of the store. Clones share the copy.
///
/// A request never waits for the store, and an invented origin never reaches it.
///
/// ```
/// use omnicors_tokio::{OriginReplica, OriginStore, PolicyConfig};
/// use omnicors_tower::CorsLayer;
/// use std::error::Error;
///
/// async fn cors(store: impl OriginStore) -> Result<CorsLayer, Box<dyn Error>> {
///     let tenants = OriginReplica::new(store).await?;
///     let policy = PolicyConfig::new().allow_origins_in(tenants).build()?;
///     Ok(CorsLayer::new(policy))
/// }
/// ```
///
/// It is a [`DynamicOriginSet`]: the events of denied requests contain its [`revision`](Self::revision).
///
/// # What is promised
///
/// * While there is contact, an origin that was removed is denied as soon as the change has arrived: without hints from the store
///   after about 1 s, with them usually within milliseconds.
/// * Without contact, it is denied when the [lease](ReplicaOptions::lease) is over, and so is every other origin of the store. The lease
///   counts from the beginning of the last read that returned everything up to the present, on a clock that is never set. A process
///   that was stopped for longer, for example with its machine, denies until it has contact again.
/// * When there is contact again, the replica resumes without a restart.
///
/// # Memory
///
/// An origin needs 21 bytes in addition to its text. While the set is built again, after reading the whole store and after many
/// changes, both sets are in memory, and the new one needs about 100 bytes per origin more.
#[derive(Clone)]
pub struct OriginReplica {
    shared: Arc<Shared>,
}

struct Shared {
    set: ReplicaSet,
    contact: Contact,
    read_timeout: Duration,
    image: Option<image::Writer>,
}

/// The state of an [`OriginReplica`], for a health check or a metric.
///
/// Non-exhaustive: a later version may report more.
///
/// ```
/// use omnicors_tokio::OriginReplica;
///
/// fn is_healthy(tenants: &OriginReplica) -> bool {
///     tenants.status().lease_remaining.as_secs() > 60
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReplicaStatus {
    /// The revision of the last change that was applied. 0 if the store was never read.
    pub revision: u64,
    /// About the number of origins: those that were removed or changed since the set was last built are counted as well.
    pub origins: usize,
    /// How often a text was read from the store that is not [the origin of one site](crate::check_stored_origin), and so is never
    /// allowed, since all origins were read.
    pub rejected: u64,
    /// There is a connection to the store.
    pub is_connected: bool,
    /// The time since the beginning of the last read that returned everything up to the present.
    pub since_contact: Option<Duration>,
    /// For how long origins are still allowed if there is no other contact.
    pub lease_remaining: Duration,
}

impl OriginReplica {
    /// Reads all origins of a store, with the [default options](ReplicaOptions::new), and follows the changes from then on, in a
    /// task that ends when the last clone is dropped.
    ///
    /// [`OriginReplica`] has an example.
    ///
    /// # Errors
    ///
    /// If the store cannot be read. Later failures are reported as events, and reading is tried again.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime, or if the runtime has no timer.
    pub async fn new(store: impl OriginStore) -> Result<Self, StoreError> {
        Self::with_options(ReplicaOptions::new(), store).await
    }

    /// Does what [`new`](Self::new) does, with options.
    ///
    /// ```
    /// use omnicors_tokio::{OriginReplica, OriginStore, ReplicaOptions, StoreError};
    /// use std::time::Duration;
    ///
    /// async fn replica(store: impl OriginStore) -> Result<OriginReplica, StoreError> {
    ///     let options = ReplicaOptions::new().lease(Duration::from_secs(60));
    ///     OriginReplica::with_options(options, store).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new). With a valid [image](ReplicaOptions::image), this succeeds without reading the store.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    pub async fn with_options(
        options: ReplicaOptions,
        store: impl OriginStore,
    ) -> Result<Self, StoreError> {
        Self::with_clock(options, store, Clock::System).await
    }

    pub(super) async fn with_clock(
        options: ReplicaOptions,
        store: impl OriginStore,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let name = store.name();
        let image = read_image(options.image.as_deref(), name.clone()).await;
        let has_image = image.is_some();
        let shared = Arc::new(Shared::new(options, name, image, clock).await?);
        let store = Arc::new(store);
        let must_restart = AtomicBool::new(false);
        // In a box, because sessions are large.
        let first = Box::pin(async {
            let mut session = follower::connect(&*store).await?;
            follower::catch_up(&mut session, &shared, &must_restart, true).await
        });
        if has_image {
            // The store is right, and the image is for the time when it cannot be reached. If there is more to read, it is read later.
            if let Err(error) = follower::within(follower::TIMEOUT, first).await {
                shared.contact.report_lost(&error);
            }
        } else {
            first.await?;
        }
        tokio::spawn(follower::follow(store, Arc::downgrade(&shared)));
        Ok(Self { shared })
    }

    /// Returns true if the store contained the origin at the last contact, and the lease is not over.
    ///
    /// A policy needs no call of this: pass the replica to [`allow_origins_in`](omnicors_core::PolicyConfig::allow_origins_in). Use it in
    /// a rule of your own:
    ///
    /// ```
    /// use omnicors_tokio::{OriginReplica, Policy, PolicyConfig, PolicyError};
    ///
    /// fn only_https(tenants: OriginReplica) -> Result<Policy, PolicyError> {
    ///     PolicyConfig::new()
    ///         .allow_origins_if(move |origin| origin.scheme() == "https" && tenants.contains(origin))
    ///         .build()
    /// }
    /// ```
    pub fn contains(&self, origin: &Origin<'_>) -> bool {
        self.shared.contains(origin.as_str().as_bytes())
    }

    /// Returns the revision of the last change that was applied.
    ///
    /// A policy that asks the replica in [`allow_origins_in`](omnicors_core::PolicyConfig::allow_origins_in) returns it as its
    /// [`origins_revision`](omnicors_core::Policy::origins_revision).
    ///
    /// ```
    /// use omnicors_tokio::OriginReplica;
    ///
    /// fn print_revision(tenants: &OriginReplica) {
    ///     println!("{:?}", tenants.revision());
    /// }
    /// ```
    pub fn revision(&self) -> Option<u64> {
        self.shared.contact.revision()
    }

    /// Returns the state of the replica. [`ReplicaStatus`] has an example.
    pub fn status(&self) -> ReplicaStatus {
        let Shared { set, contact, .. } = &*self.shared;
        ReplicaStatus {
            revision: contact.revision().unwrap_or_default(),
            origins: set.len(),
            rejected: set.rejected(),
            is_connected: contact.is_connected(),
            since_contact: contact.lease.age(),
            lease_remaining: contact.lease.remaining(),
        }
    }
}

impl DynamicOriginSet for OriginReplica {
    fn contains(&self, origin: &str) -> bool {
        self.shared.contains(origin.as_bytes())
    }

    fn contains_bytes(&self, origin: &[u8]) -> bool {
        self.shared.contains(origin)
    }

    fn revision(&self) -> Option<u64> {
        self.revision()
    }
}

impl fmt::Debug for OriginReplica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginReplica")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl Shared {
    async fn new(
        options: ReplicaOptions,
        store: String,
        image: Option<Image>,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let (set, position, age) = match image {
            Some(image) => {
                let age = image.age(SystemTime::now());
                (image.set, Some(image.position), age)
            }
            None => (NewSet::new(), None, None),
        };
        // Takes seconds for an image of millions of origins.
        let set = spawn_blocking(|| ReplicaSet::of(set)).await;
        let set = set.map_err(StoreError::new)?.map_err(StoreError::new)?;
        let contact = Contact::new(Mode::Replica, options.lease, clock, position);
        if let Some(age) = age {
            let lease = &contact.lease;
            lease.renew(lease.begin().saturating_sub(age));
        }
        Ok(Self {
            set,
            contact,
            read_timeout: options.read_timeout,
            image: options
                .image
                .map(|path| image::Writer::new(path, store, options.image_interval)),
        })
    }

    #[inline]
    fn contains(&self, origin: &[u8]) -> bool {
        let lease = &self.contact.lease;
        // The end before the set, the clock after it: a process that was stopped in between must not use what it read before.
        let end = lease.end();
        self.set.contains(origin) && lease.is_before(end)
    }

    fn write_image(self: Arc<Self>) {
        let (Some(writer), Some(position)) = (&self.image, self.position()) else {
            return;
        };
        let Some(age) = self.contact.lease.age() else {
            return;
        };
        // Changes that are applied from now on may be in the image. They are applied again after it is read.
        let written = writer.write(&position, SystemTime::now() - age, |each| {
            self.set.for_each(each);
        });
        if let Err(error) = written {
            events::image_not_written(writer.path(), &error);
        }
    }
}

impl Receiver for Shared {
    fn begin(&self) -> Duration {
        self.contact.lease.begin()
    }

    fn position(&self) -> Option<Position> {
        self.contact.position()
    }

    async fn restart<S: StoreSession>(self: Arc<Self>, session: &mut S) -> Result<(), StoreError> {
        let read = self.set.begin_read();
        let mut new = NewSet::new();
        let mut each = |origin: &str| new.add(origin);
        let position = follower::read_all(session, self.read_timeout, &mut each).await?;
        let shared = Arc::clone(&self);
        let replaced = spawn_blocking(move || shared.set.replace(read, new)).await;
        replaced
            .map_err(StoreError::new)?
            .map_err(StoreError::new)?;
        events::read_all(&position, self.set.rejected());
        Mode::Replica.restart();
        self.contact.set_position(position);
        Ok(())
    }

    fn apply(self: &Arc<Self>, changes: &[OriginChange], position: Position) {
        Mode::Replica.changes(changes.len());
        if let Some(merge) = self.set.apply(changes) {
            let shared = Arc::clone(self);
            // It ends by itself. If it cannot build the set, the changes stay where they are.
            spawn_blocking(move || {
                if let Err(error) = shared.set.merge(&merge) {
                    events::not_merged(&error);
                }
            });
        }
        self.contact.set_position(position);
    }

    fn contact(self: &Arc<Self>, begun: Duration) {
        self.contact.renew(begun);
        Mode::Replica.origins(self.set.len());
        if self.image.as_ref().is_some_and(image::Writer::is_due) {
            spawn_blocking({
                let shared = Arc::clone(self);
                move || shared.write_image()
            });
        }
    }

    fn report_lease(&self) {
        self.contact.report_lease();
    }

    fn disconnected(&self, error: &StoreError) {
        self.contact.lose();
        self.contact.report_lost(error);
    }
}

async fn read_image(path: Option<&Path>, store: String) -> Option<Image> {
    let path = path?.to_owned();
    let read = spawn_blocking(move || {
        let read = Image::read(&path, &store);
        match read {
            Ok(image) => Some(image),
            // The first start.
            Err(error) if error.is_not_found() => None,
            Err(error) => {
                events::image_not_read(&path, &error);
                None
            }
        }
    });
    read.await.ok().flatten()
}
