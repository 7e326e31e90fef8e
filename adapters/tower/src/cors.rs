#[cfg(feature = "tokio")]
use std::time::Duration;

#[cfg(feature = "tokio")]
use omnicors_http::LookupFunction;
use omnicors_http::PolicySource;
use tower_layer::Layer;

use crate::service::CorsService;

/// Applies a policy to every request and response of a service.
///
/// `L` is the origin lookup. There is none, `()`, unless [`lookup_origins`](Self::lookup_origins) was called.
#[derive(Clone, Debug)]
pub struct CorsLayer<L = ()> {
    source: PolicySource,
    lookup: L,
}

impl CorsLayer {
    /// Makes a layer from a [`Policy`](crate::Policy) for all requests, a [`PolicyHandle`](crate::PolicyHandle) to replace
    /// it while serving, or a [`per_request`](crate::per_request) function.
    ///
    /// ```
    /// use omnicors_tower::{CorsLayer, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let layer = CorsLayer::new(handle.clone());
    /// // … later, in another task …
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_tower::PolicyError>(())
    /// ```
    pub fn new(policy: impl Into<PolicySource>) -> Self {
        Self {
            source: policy.into(),
            lookup: (),
        }
    }

    /// Looks up origins by an async function, for a policy that
    /// [needs it](crate::PolicyConfig::decide_origins_outside).
    ///
    /// The function is called once per request whose origin is well-formed and not allowed by anything else in the policy. So
    /// cache its results. An origin is denied if its lookup has no result within `timeout`; the future is dropped then. The
    /// inner service must be `Clone`, because it is called after the lookup.
    ///
    /// ```
    /// use omnicors_tower::{CorsLayer, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().decide_origins_outside(true).build()?;
    /// let layer = CorsLayer::new(policy)
    ///     .lookup_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_tower::PolicyError>(())
    /// ```
    ///
    /// The service must be used inside a tokio runtime with its clock enabled.
    #[cfg(feature = "tokio")]
    pub fn lookup_origins<F, L>(
        self,
        timeout: Duration,
        function: F,
    ) -> CorsLayer<LookupFunction<F>>
    where
        F: Fn(String) -> L,
        L: Future<Output = bool>,
    {
        CorsLayer {
            lookup: LookupFunction::new(&self.source, timeout, function),
            source: self.source,
        }
    }
}

impl<S, L: Clone> Layer<S> for CorsLayer<L> {
    type Service = CorsService<S, L>;

    fn layer(&self, inner: S) -> Self::Service {
        CorsService {
            inner,
            source: self.source.clone(),
            lookup: self.lookup.clone(),
        }
    }
}
