/// What has come of reading a policy file.
///
/// Exhaustive: the rest is errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// A new policy is in force.
    Replaced,
    /// The file is what the policy in force was made from.
    Unchanged,
}
