//! Follows the changes of a store, and connects again when the connection is lost.

use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use omnicors_adapter::caught;
use tokio::time::{sleep, timeout};

use super::origin_store::{OriginStore, StoreSession};
use super::position::{Changes, OriginChange, Position};
use super::store_error::StoreError;
use crate::random;
use crate::sync::atomic::{AtomicBool, Ordering};

/// How long a session waits for a hint. Then it reads the changes without one, because hints may be lost.
pub(super) const POLL: Duration = Duration::from_secs(1);

/// The maximum time to connect, and to read changes. A connection that takes longer is given up.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// A read of the whole store that returns nothing for this time, or for less than twice as long, is given up.
const IDLE: Duration = Duration::from_secs(30);

/// The time between two reads of changes. Many changes in a short time are read together, so that a store with many nodes is not
/// asked by each of them for each change.
const INTERVAL: Duration = Duration::from_millis(5);

/// The shortest and the longest time between two attempts to connect. Each is shortened by up to a half at random, so that nodes
/// that lost their connections together do not connect together.
const FIRST_DELAY: Duration = Duration::from_millis(200);
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// What receives the changes of a store.
pub(super) trait Receiver: Send + Sync + 'static {
    /// Returns the time before a read, for `contact`.
    fn begin(&self) -> Duration;

    /// Returns the position up to which changes were applied, or `None` if there is nothing that changes could be applied to.
    fn position(&self) -> Option<Position>;

    /// Begins again from what is in the store now, because changes may have been missed.
    fn restart<S: StoreSession>(
        self: Arc<Self>,
        session: &mut S,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Applies changes, in this order.
    fn apply(self: &Arc<Self>, changes: &[OriginChange], position: Position);

    /// A read that began at this time has returned everything up to the present.
    fn contact(self: &Arc<Self>, begun: Duration);

    /// Reports that the lease is over, if it is.
    fn report_lease(&self);

    /// There was no connection, or it was lost.
    fn disconnected(&self, error: &StoreError);
}

/// Follows the store until the receiver is dropped.
pub(super) async fn follow<S: OriginStore, R: Receiver>(store: Arc<S>, receiver: Weak<R>) {
    let mut delay = FIRST_DELAY;
    // If a new connection cannot read the changes after a position in time, the next attempt would not be faster. An old connection
    // may only have lost its server.
    let must_restart = Arc::new(AtomicBool::new(false));
    loop {
        // In a task of its own, so that a panic of the store ends only the session.
        let session = run_session(
            Arc::clone(&store),
            receiver.clone(),
            Arc::clone(&must_restart),
        );
        let session = tokio::spawn(session);
        let ended = watching(&receiver, session).await;
        let Some(upgraded) = receiver.upgrade() else {
            return;
        };
        let ended = ended.unwrap_or_else(|error| Ended {
            error: StoreError::new(error),
            has_read: false,
        });
        // A recorder of metrics, or a subscriber, may panic.
        let _panicked = caught(|| upgraded.disconnected(&ended.error));
        drop(upgraded);
        if ended.has_read {
            delay = FIRST_DELAY;
        }
        watching(&receiver, sleep(with_jitter(delay))).await;
        delay = (delay * 2).min(LONGEST_DELAY);
    }
}

/// Waits for a future. Meanwhile, the receiver reports the end of its lease: a read of the whole store can take longer.
async fn watching<R: Receiver, T>(receiver: &Weak<R>, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Ok(output) = timeout(POLL, &mut future).await {
            return output;
        }
        if let Some(receiver) = receiver.upgrade() {
            // A subscriber may panic.
            let _panicked = caught(|| receiver.report_lease());
        }
    }
}

/// Why a session has ended.
struct Ended {
    error: StoreError,
    /// The session has read changes before.
    has_read: bool,
}

async fn run_session<S: OriginStore, R: Receiver>(
    store: Arc<S>,
    receiver: Weak<R>,
    must_restart: Arc<AtomicBool>,
) -> Ended {
    let mut has_read = false;
    let error = match connect(&*store).await {
        Ok(mut session) => follow_session(&mut session, &receiver, &must_restart, &mut has_read)
            .await
            .err()
            .unwrap_or_else(|| StoreError::new("there is no receiver any more")),
        Err(error) => error,
    };
    Ended { error, has_read }
}

pub(super) async fn connect<S: OriginStore>(store: &S) -> Result<S::Session, StoreError> {
    within(TIMEOUT, store.connect()).await
}

/// Returns `Ok` when the receiver was dropped.
async fn follow_session<S: StoreSession, R: Receiver>(
    session: &mut S,
    weak: &Weak<R>,
    must_restart: &AtomicBool,
    has_read: &mut bool,
) -> Result<(), StoreError> {
    loop {
        let Some(receiver) = weak.upgrade() else {
            return Ok(());
        };
        catch_up(session, &receiver, must_restart, !*has_read).await?;
        drop(receiver);
        *has_read = true;
        sleep(INTERVAL).await;
        if let Ok(hint) = timeout(POLL, session.wait_for_hint()).await {
            hint?;
        }
    }
}

/// Brings the receiver to the present. `is_first` is true for the first read of a session.
pub(super) async fn catch_up<S: StoreSession, R: Receiver>(
    session: &mut S,
    receiver: &Arc<R>,
    must_restart: &AtomicBool,
    is_first: bool,
) -> Result<(), StoreError> {
    let begun = receiver.begin();
    if let Some(position) = receiver.position()
        && !must_restart.swap(is_first, Ordering::AcqRel)
    {
        let changes = within(TIMEOUT, session.changes_after(&position)).await;
        // Only if this is not reached, the changes could not be read in time, or the caller was ended.
        let is_in_time = !matches!(&changes, Err(error) if error.is_timeout());
        must_restart.store(is_first && !is_in_time, Ordering::Release);
        match changes? {
            // A store that goes back has lost changes, whatever it calls its history.
            Changes::Read(changes, new)
                if new.history() == position.history() && new.revision() >= position.revision() =>
            {
                receiver.apply(&changes, new);
                receiver.contact(begun);
                return Ok(());
            }
            Changes::Read(..) | Changes::Lost => {}
        }
    }
    Arc::clone(receiver).restart(session).await?;
    must_restart.store(false, Ordering::Release);
    receiver.contact(begun);
    Ok(())
}

/// Reads the whole store. The limit is for the whole read; [`IDLE`] is for a server that has stopped.
pub(super) async fn read_all<S: StoreSession>(
    session: &mut S,
    limit: Duration,
    each: &mut (dyn FnMut(&str) + Send),
) -> Result<Position, StoreError> {
    let has_read = AtomicBool::new(false);
    let mut noting = |origin: &str| {
        has_read.store(true, Ordering::Release);
        each(origin);
    };
    let mut read = pin!(within(limit, session.read_all(&mut noting)));
    loop {
        if let Ok(result) = timeout(IDLE, &mut read).await {
            return result;
        }
        if !has_read.swap(false, Ordering::AcqRel) {
            return Err(StoreError::timeout(IDLE));
        }
    }
}

/// Limits the time of a call of the store.
pub(super) async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let silent = |_| Err(StoreError::timeout(limit));
    timeout(limit, call).await.unwrap_or_else(silent)
}

/// Returns between a half and all of the time.
fn with_jitter(time: Duration) -> Duration {
    let [step, ..] = random::number().to_le_bytes();
    time / 2 + time / 2 / 255 * u32::from(step)
}
