//! The examples of the published crates' docs, of the READMEs and of `docs/`, reduced to what a reader sees.
//!
//! The build script removes the hidden lines (`# …`). An example must then be a whole program, or compile inside
//! `async fn example() -> Result<(), Box<dyn Error>> { … Ok(()) }`. An example that does not compile fails the build of this
//! package; the name of its module says where it is: `adapters_tower_src_lib_rs_line_12`.
//!
//! The same is done with the programs that the page of the quick start generates.
//!
//! The doc tests run the examples. This package only checks that what a reader copies is complete.

#![allow(
    warnings,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "the examples are checked as they are"
)]

include!(concat!(env!("OUT_DIR"), "/examples.rs"));
