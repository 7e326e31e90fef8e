//! The parts that every Omnicors adapter shares.

#![forbid(unsafe_code)]
