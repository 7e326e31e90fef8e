//! Pages about CORS and about this crate. This module exists in the documentation only.
//!
//! The pages are also in the directory `docs` of the repository.
//!
//! Each page ends with the definitions of its links, which are paths in the repository. The definitions before the page
//! replace them, because Markdown uses the first definition of a name.

/// [patterns]: crate::PolicyConfig::allow_origins
#[doc = include_str!("../docs/configuration.md")]
pub mod configuration {}

/// [guard]: crate::guide::guard
#[doc = include_str!("../docs/responses.md")]
pub mod responses {}

/// [a browser is blocked in production]: crate::guide::production
/// [hostile requests]: crate::guide::hostile_input
/// [several policies]: crate::guide::several_policies
#[doc = include_str!("../docs/guard.md")]
pub mod guard {}

/// [explain]: crate::Policy::explain
/// [guard]: crate::guide::guard
#[doc = include_str!("../docs/reading-the-console.md")]
pub mod reading_the_console {}

/// [fleet]: crate::guide::fleet
#[doc = include_str!("../docs/production.md")]
pub mod production {}

#[doc = include_str!("../docs/what-uses-cors.md")]
pub mod what_uses_cors {}

#[doc = include_str!("../docs/several-policies.md")]
pub mod several_policies {}

/// [guard]: crate::guide::guard
/// [fleet]: crate::guide::fleet
#[doc = include_str!("../docs/caching.md")]
pub mod caching {}

/// [configuration]: crate::guide::configuration
/// [caching]: crate::guide::caching
/// [production]: crate::guide::production
#[doc = include_str!("../docs/fleet.md")]
pub mod fleet {}

/// [fleet]: crate::guide::fleet
#[doc = include_str!("../docs/command-line.md")]
pub mod command_line {}

#[doc = include_str!("../docs/other-servers.md")]
pub mod other_servers {}

/// [caching]: crate::guide::caching
/// [guard]: crate::guide::guard
/// [hostile requests]: crate::guide::hostile_input
#[doc = include_str!("../SECURITY.md")]
pub mod security {}

/// [guard]: crate::guide::guard
#[doc = include_str!("../docs/hostile-input.md")]
pub mod hostile_input {}

/// [tower-http]: crate::guide::migrating::tower_http
/// [actix-cors]: crate::guide::migrating::actix_web
/// [rocket_cors]: crate::guide::migrating::rocket
/// [warp]: crate::guide::migrating::warp
/// [poem]: crate::guide::migrating::poem
/// [salvo-cors]: crate::guide::migrating::salvo
#[doc = include_str!("../docs/migrating.md")]
pub mod migrating {
    /// [caching]: crate::guide::caching
    #[doc = include_str!("../docs/migrating/tower-http.md")]
    pub mod tower_http {}

    #[doc = include_str!("../docs/migrating/actix-web.md")]
    pub mod actix_web {}

    #[doc = include_str!("../docs/migrating/rocket.md")]
    pub mod rocket {}

    #[doc = include_str!("../docs/migrating/warp.md")]
    pub mod warp {}

    #[doc = include_str!("../docs/migrating/poem.md")]
    pub mod poem {}

    #[doc = include_str!("../docs/migrating/salvo.md")]
    pub mod salvo {}
}
