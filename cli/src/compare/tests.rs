//! Compares generated policies, and evaluates both with origins and requests.

mod browser;
mod enumeration;
mod generated;
mod guard;
mod large;
