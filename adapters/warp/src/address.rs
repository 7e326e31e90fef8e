use std::convert::Infallible;
use std::net::SocketAddr;

use warp::Filter;

/// Returns a filter that extracts the address of the client, if the server has set it.
///
/// The servers of [`Cors::serve`](crate::Cors::serve) and `warp::serve` set it. In a server of `Cors::serve`,
/// [`warp::addr::remote`](warp::filters::addr::remote) extracts `None`, because the type of the address that it reads is private to warp.
///
/// ```
/// use omnicors_warp::{Cors, PolicyConfig, remote_addr};
/// use std::net::SocketAddr;
/// use warp::Filter;
///
/// let routes = remote_addr().map(|client: Option<SocketAddr>| format!("hello {client:?}"));
/// let server = Cors::new(PolicyConfig::public_read_only().build()?).serve(routes);
/// # Ok::<(), omnicors_warp::PolicyError>(())
/// ```
pub fn remote_addr()
-> impl Filter<Extract = (Option<SocketAddr>,), Error = Infallible> + Copy + Send + Sync + 'static {
    let set_by_us = warp::ext::optional::<SocketAddr>();
    let set_by_warp = warp::addr::remote();
    set_by_us
        .and(set_by_warp)
        .map(|ours: Option<SocketAddr>, warps| ours.or(warps))
}
