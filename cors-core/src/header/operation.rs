/// The way to add a field to a response that may already have fields with the same name.
///
/// This enum is exhaustive, because an adapter must handle every variant.
///
/// ```
/// use omnicors_core::{Operation, PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let decision = evaluate(&policy, &RequestParts::new("GET").origin("https://example.com"));
/// let operations: Vec<Operation> = decision.headers().iter().map(|field| field.operation).collect();
/// // Replace the application's `Access-Control-Allow-Origin`, and extend its `Vary`.
/// assert_eq!(operations, [Operation::Set, Operation::Merge]);
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Replace the existing fields.
    Set,
    /// Keep the existing fields and add this one.
    Append,
    /// Keep the existing fields and add the names that are missing from them. Only `Vary` uses this.
    /// [`missing_from_vary`](crate::adapter::missing_from_vary) returns the missing names.
    Merge,
}
