//! Application frameworks whose pages have different origins on different operating systems.

use alloc::string::ToString as _;

use super::near_miss::{Kind, NearMiss, Platform};
use crate::origin::{Origin, OriginSet};

const fn platform(origin: &'static str, systems: &'static str) -> Platform {
    Platform { origin, systems }
}

/// The default origins of each framework:
/// [Tauri](https://v2.tauri.app/reference/config/#usehttpsscheme),
/// [Capacitor](https://capacitorjs.com/docs/config), [Ionic](https://ionicframework.com/docs/troubleshooting/cors).
const FRAMEWORKS: [(&str, &[Platform]); 3] = [
    (
        "Tauri",
        &[
            platform("tauri://localhost", "macOS, iOS and Linux"),
            platform("http://tauri.localhost", "Windows and Android"),
            platform(
                "https://tauri.localhost",
                "Windows and Android with `useHttpsScheme`",
            ),
        ],
    ),
    (
        "Capacitor",
        &[
            platform("capacitor://localhost", "iOS"),
            platform("https://localhost", "Android"),
            platform("http://localhost", "Android before version 6"),
        ],
    ),
    (
        "Ionic's web view for Cordova",
        &[
            platform("ionic://localhost", "iOS"),
            platform("http://localhost", "Android"),
        ],
    ),
];

/// Returns the listed origin that the same application has on another operating system.
///
/// At least one of the two origins must be specific to the framework: two localhost origins can belong to any server.
pub(super) fn same_application(set: &OriginSet, origin: &Origin<'_>) -> Option<NearMiss> {
    FRAMEWORKS.into_iter().find_map(|(framework, platforms)| {
        let requested = platforms
            .iter()
            .find(|platform| platform.origin == origin.as_str())?;
        let mut others = platforms.iter().filter(|listed| {
            let is_specific = |platform: &Platform| !is_local_server(platform.origin);
            listed.origin != requested.origin && (is_specific(listed) || is_specific(requested))
        });
        let listed = others.find(|listed| {
            let origin = Origin::try_from(listed.origin);
            origin.is_ok_and(|origin| set.contains(origin.as_str().as_bytes()))
        })?;
        Some(NearMiss {
            pattern: listed.origin.to_string(),
            kind: Kind::Application {
                framework,
                requested: *requested,
                systems: listed.systems,
            },
        })
    })
}

/// Returns true for an origin that a local web server can have as well.
fn is_local_server(origin: &str) -> bool {
    matches!(origin, "http://localhost" | "https://localhost")
}
