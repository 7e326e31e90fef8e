/// The outcome of reading a policy file successfully.
///
/// Exhaustive: every other outcome is a [`PolicyFileError`](crate::PolicyFileError).
///
/// ```
/// use omnicors_tokio::{PolicyFile, Reloaded};
/// use omnicors_tower::PolicyHandle;
///
/// # let directory = tempfile::tempdir()?;
/// # std::env::set_current_dir(&directory)?;
/// # std::fs::write("cors.toml", "allow_origins = ['https://example.com']")?;
/// let (policy, file): (PolicyHandle, _) = PolicyFile::watch("cors.toml", |_| {})?;
/// match file.blocking_reload()? {
///     Reloaded::Replaced => println!("a new CORS policy is in force"),
///     Reloaded::Unchanged => println!("the CORS policy has not changed"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// A new policy is in force.
    Replaced,
    /// The file has the content from which the policy in force was built.
    Unchanged,
}
