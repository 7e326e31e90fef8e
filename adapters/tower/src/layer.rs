use omnicors_http::PolicySource;
use tower_layer::Layer;

use crate::service::CorsService;

/// Applies a policy to every request and response of a service.
///
/// `D` is how origins are decided that the policy leaves to its caller: by nobody, unless
/// [`decide_origins`](Self::decide_origins) was called.
#[derive(Clone, Debug)]
pub struct CorsLayer<D = ()> {
    pub(crate) source: PolicySource,
    pub(crate) decide: D,
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
            decide: (),
        }
    }
}

impl<S, D: Clone> Layer<S> for CorsLayer<D> {
    type Service = CorsService<S, D>;

    fn layer(&self, inner: S) -> Self::Service {
        CorsService {
            inner,
            source: self.source.clone(),
            decide: self.decide.clone(),
        }
    }
}
