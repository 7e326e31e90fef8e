//! Sets the features of omnicors-tokio whose code is compiled here.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!(
        r#"cargo::rustc-check-cfg=cfg(feature, values("store", "filter", "metrics", "tracing"))"#
    );
    println!(r#"cargo::rustc-cfg=feature="store""#);
}
