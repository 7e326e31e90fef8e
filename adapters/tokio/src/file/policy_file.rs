use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use omnicors_adapter::PolicyHandle;
use omnicors_core::Policy;
use tokio::sync::oneshot;

use super::error::PolicyFileError;
use super::reloaded::Reloaded;
use super::source::Source;
use super::table::TablePath;
use super::watch::{Message, StopOnDrop, start};

/// A policy file that is followed: when the file changes, its policy is put into force.
///
/// [`watch`](Self::watch) returns a handle to the policy and a `PolicyFile`. The file is followed until the last clone of the
/// handle is dropped, including those in layers and services. The `PolicyFile` only serves to [`reload`](Self::reload) the file at
/// once; you can drop it.
///
/// The extension selects the format: `.toml`, `.json`, `.yaml` or `.yml`. Each format needs the feature of the same name. A byte order
/// mark at the start is ignored.
///
/// ```
/// use omnicors_tokio::PolicyFile;
/// use omnicors_tower::{CorsLayer, PolicyHandle};
///
/// # let directory = tempfile::tempdir()?;
/// # std::env::set_current_dir(&directory)?;
/// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']")?;
/// let (policy, _): (PolicyHandle, _) = PolicyFile::watch("cors.toml", |outcome| {
///     if let Err(error) = outcome {
///         eprintln!("the previous CORS policy stays in force: {error:#}");
///     }
/// })?;
/// let layer = CorsLayer::new(policy);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The handle is the `PolicyHandle` of the adapter that takes it. For a server without an adapter, it is a
/// [`PolicyHandle<NoPreparedValues>`](crate::NoPreparedValues), whose `load()` returns the policy in force.
///
/// # Settings
///
/// A file has the settings of [`PolicyConfig`](omnicors_core::PolicyConfig) and one more: `allow_origins_from` is the path of a list
/// of origins, relative to the policy file. The list has one origin per line; blank lines, and everything from a `#` on, are
/// ignored. Its origins are added to those of `allow_origins`.
///
/// ```toml
/// allow_origins_from = "origins.txt"
/// allow_credentials = true
/// ```
///
/// ```text
/// # Customers
/// https://customer.example
/// https://*.other.example   # all shops
/// ```
///
/// A policy file may be 64 MiB long, and a list 1 GiB. Ten million origins take 300 MiB in a list, and 1.2 GiB of memory and 17 s
/// while the policy is built. For more, look origins up.
///
/// # Changes
///
/// Only a change of the content replaces the policy. It stays if the file is touched, or is removed and comes back with the same
/// content. A change is noticed if the file is written in place or saved by renaming, if a symbolic link to it is changed (a
/// `ConfigMap` of Kubernetes), and if its directory is replaced.
///
/// A change is read after 50 ms without another change in the directory, or after 1 s of continuous changes if the file itself has
/// not changed for 50 ms, and after 30 s at the latest. If a program writes the file in place and pauses for longer, only a part of the
/// file is read. To prevent this, save by renaming.
///
/// Some file systems do not report changes, for example those on a network. So the file is also read every 30 s.
///
/// A list of origins is followed in the same way, and for as long as the policy file names it.
///
/// If a file cannot be read, is too long, is malformed, or has a fault, the policy in force is kept. All faults are reported together,
/// each with its line and column:
///
/// ```text
/// /etc/app/cors.toml: the CORS policy has 2 faults:
///   cors.toml:3:1: unknown setting `allowMethods`: did you mean `allow_methods`?
///   cors.toml:1:42: allow_origins[1]: `https://Example.org` is invalid: …
/// ```
#[derive(Clone)]
pub struct PolicyFile {
    path: PathBuf,
    messages: Sender<Message>,
}

impl PolicyFile {
    /// Reads a file, starts to follow it, and returns a handle to its policy. Blocks while it reads.
    ///
    /// The file is followed until the last clone of the handle is dropped, including those in layers and services.
    ///
    /// `report` is called once for each state of the file: when a new policy is in force, when there is an error, or when the file
    /// has the content again from which the policy in force was built. It runs on the thread that follows the file. A panic in it
    /// is caught, and the file is still followed.
    ///
    /// The handle is the `PolicyHandle` of the adapter. A server without an adapter uses a
    /// [`PolicyHandle<NoPreparedValues>`](crate::NoPreparedValues):
    ///
    /// ```
    /// use omnicors_tokio::{NoPreparedValues, PolicyFile, PolicyHandle, Reloaded};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&directory)?;
    /// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']")?;
    /// let (policy, _): (PolicyHandle<NoPreparedValues>, _) = PolicyFile::watch("cors.toml", |outcome| match outcome {
    ///     Ok(Reloaded::Replaced) => println!("a new CORS policy is in force"),
    ///     Ok(Reloaded::Unchanged) => println!("the file has the policy in force again"),
    ///     Err(error) => eprintln!("the previous CORS policy stays in force: {error:#}"),
    /// })?;
    ///
    /// let in_force = policy.load();
    /// assert!(!in_force.policy().allow_credentials());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if no policy can be built from the file, or if the system cannot watch it or start a thread.
    pub fn watch<P>(
        path: impl AsRef<Path>,
        report: impl FnMut(Result<Reloaded, PolicyFileError>) + Send + 'static,
    ) -> Result<(PolicyHandle<P>, Self), PolicyFileError>
    where
        P: for<'a> From<&'a Policy> + Send + Sync + 'static,
    {
        watch(path.as_ref(), TablePath::root(), report)
    }

    /// Does the same as [`watch`](Self::watch) with a table of a larger file, such as that of an application. The rest of the file
    /// is ignored, but the whole file must be valid TOML, JSON or YAML.
    ///
    /// ```
    /// use omnicors_tokio::PolicyFile;
    /// use omnicors_tower::PolicyHandle;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&directory)?;
    /// # std::fs::write("app.toml", "workers = 4\n[server.cors]\nallow_origins = ['https://example.com']")?;
    /// // The table [server.cors] of app.toml.
    /// let (policy, _): (PolicyHandle, _) = PolicyFile::watch_table("app.toml", "server.cors", |outcome| {
    ///     if let Err(error) = outcome {
    ///         eprintln!("the previous CORS policy stays in force: {error:#}");
    ///     }
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the same errors, and [`PolicyFileError::NoTable`] if the file has no such table.
    pub fn watch_table<P>(
        path: impl AsRef<Path>,
        table: &str,
        report: impl FnMut(Result<Reloaded, PolicyFileError>) + Send + 'static,
    ) -> Result<(PolicyHandle<P>, Self), PolicyFileError>
    where
        P: for<'a> From<&'a Policy> + Send + Sync + 'static,
    {
        watch(path.as_ref(), TablePath::new(table), report)
    }

    /// Reads a file once, and returns its policy. Blocks while it reads.
    ///
    /// ```
    /// use omnicors_tokio::PolicyFile;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&directory)?;
    /// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']")?;
    /// // cors.toml: allow_origins = ["https://example.com"]
    /// let policy = PolicyFile::read("cors.toml")?;
    /// assert!(policy.origins().unwrap().contains(b"https://example.com"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if no policy can be built from the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Policy, PolicyFileError> {
        read(path.as_ref(), TablePath::root())
    }

    /// Does the same as [`read`](Self::read) with a table of a larger file: see [`watch_table`](Self::watch_table).
    ///
    /// ```
    /// use omnicors_tokio::PolicyFile;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&directory)?;
    /// # std::fs::write("app.toml", "workers = 4\n[cors]\nallow_origins = ['https://example.com']")?;
    /// // The table [cors] of app.toml: allow_origins = ["https://example.com"]
    /// let policy = PolicyFile::read_table("app.toml", "cors")?;
    /// assert!(policy.origins().unwrap().contains(b"https://example.com"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if no policy can be built from the table, or if the file has no such table.
    pub fn read_table(path: impl AsRef<Path>, table: &str) -> Result<Policy, PolicyFileError> {
        read(path.as_ref(), TablePath::new(table))
    }

    /// Reads the file now, for example on a signal. The result is returned, and `report` is not called.
    ///
    /// ```
    /// use omnicors_tokio::PolicyFile;
    /// # #[cfg(unix)]
    /// use tokio::signal::unix::{SignalKind, signal};
    ///
    /// # #[cfg(unix)]
    /// async fn reload_on_hangup(file: PolicyFile) -> std::io::Result<()> {
    ///     let mut hangups = signal(SignalKind::hangup())?;
    ///     while hangups.recv().await.is_some() {
    ///         match file.reload().await {
    ///             Ok(reloaded) => println!("{reloaded:?}"),
    ///             Err(error) => eprintln!("the previous CORS policy stays in force: {error:#}"),
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// This works with any async runtime.
    ///
    /// # Errors
    ///
    /// Returns the reason if no new policy could be built. The policy in force is kept. If every handle was dropped, this is
    /// [`PolicyFileError::NotFollowed`].
    pub async fn reload(&self) -> Result<Reloaded, PolicyFileError> {
        let (sender, outcome) = oneshot::channel();
        self.reload_then(move |outcome| {
            // An error means that the caller no longer waits.
            let _gone = sender.send(outcome);
        });
        outcome.await.unwrap_or_else(|_| Err(self.not_followed()))
    }

    /// Does the same as [`reload`](Self::reload), and blocks the thread: for 1 s to 2 s if the file has a million origins. Do not
    /// call this in the `report` function of [`watch`](Self::watch): it would wait for itself.
    ///
    /// ```
    /// use omnicors_tokio::{PolicyFile, Reloaded};
    /// use omnicors_tower::PolicyHandle;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&directory)?;
    /// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']")?;
    /// let (policy, file): (PolicyHandle, _) = PolicyFile::watch("cors.toml", |_| {})?;
    /// assert_eq!(file.blocking_reload()?, Reloaded::Unchanged);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the reason if no new policy could be built. The policy in force is kept. If every handle was dropped, this is
    /// [`PolicyFileError::NotFollowed`].
    pub fn blocking_reload(&self) -> Result<Reloaded, PolicyFileError> {
        // The channel of the standard library, because tokio's panics if it is waited for in async code.
        let (sender, outcome) = channel();
        self.reload_then(move |result| {
            let _gone = sender.send(result);
        });
        outcome.recv().unwrap_or_else(|_| Err(self.not_followed()))
    }

    /// Asks the thread to reload the file, and to call `then` with the outcome.
    pub(super) fn reload_then(
        &self,
        then: impl FnOnce(Result<Reloaded, PolicyFileError>) + Send + 'static,
    ) {
        // The thread runs as long as there is a handle. If it has ended, `then` is dropped, and the receiver sees that.
        let _stopped = self.messages.send(Message::Reload(Box::new(then)));
    }

    fn not_followed(&self) -> PolicyFileError {
        PolicyFileError::NotFollowed(self.path.clone())
    }
}

impl fmt::Debug for PolicyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

fn read(path: &Path, table: TablePath) -> Result<Policy, PolicyFileError> {
    let source = Source::new(path, table)?;
    let (policy, _) = source.build(source.read(None)?)?;
    Ok(policy)
}

fn watch<P>(
    path: &Path,
    table: TablePath,
    report: impl FnMut(Result<Reloaded, PolicyFileError>) + Send + 'static,
) -> Result<(PolicyHandle<P>, PolicyFile), PolicyFileError>
where
    P: for<'a> From<&'a Policy> + Send + Sync + 'static,
{
    let source = Source::new(path, table)?;
    let (policy, content) = source.build(source.read(None)?)?;
    let (messages, received) = channel();
    let handle = PolicyHandle::with_guard(policy, StopOnDrop(messages.clone()));
    let replaced = handle.downgrade();
    let replace = move |policy| {
        // `None` means that the thread is about to be stopped.
        if let Some(handle) = replaced.upgrade() {
            handle.replace(policy);
        }
    };
    let file = PolicyFile {
        path: source.path.clone(),
        messages: messages.clone(),
    };
    start(source, content, (messages, received), replace, report)?;
    Ok((handle, file))
}
