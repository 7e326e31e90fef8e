//! Whether a URL is on the user's own machine.

use omnicors_core::Origin;
use url::Url;

/// Returns true if the host of the URL is a [loopback](Origin::is_loopback) host. Browsers treat it as secure, whatever the scheme.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let origin = url.origin().ascii_serialization();
    Origin::parse(origin.as_bytes()).is_ok_and(|origin| origin.is_loopback())
}
