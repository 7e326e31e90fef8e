//! The uses of CORS: a script for each, and its outcomes.

const FETCH_REJECTS: &str = "the promise rejects with a TypeError";
const READS: &str = "reads: text of the server";

/// A use of CORS.
pub(crate) struct Use {
    /// The name in the document.
    pub(crate) name: &'static str,
    pub(crate) script: &'static str,
    /// The outcome for an allowed page.
    pub(crate) allowed: &'static str,
    /// The outcome for a page whose origin is not allowed, if the row is about another setting.
    pub(crate) denied: Option<&'static str>,
}

const fn by_origin(name: &'static str, script: &'static str, allowed: &'static str) -> Use {
    Use {
        name,
        script,
        allowed,
        denied: None,
    }
}

const fn by_line(
    name: &'static str,
    script: &'static str,
    allowed: &'static str,
    denied: &'static str,
) -> Use {
    Use {
        name,
        script,
        allowed,
        denied: Some(denied),
    }
}

/// All uses, in the order of the document.
pub(crate) const USES: [Use; 21] = [
    by_origin("XMLHttpRequest", include_str!("xml-http-request.js"), READS),
    by_origin("fetch()", include_str!("fetch.js"), READS),
    by_line(
        "fetch() with another method than GET, HEAD, POST",
        include_str!("fetch-method.js"),
        READS,
        FETCH_REJECTS,
    ),
    by_line(
        "fetch() with JSON",
        include_str!("fetch-json.js"),
        READS,
        FETCH_REJECTS,
    ),
    by_line(
        "sendBeacon() with JSON",
        include_str!("send-beacon.js"),
        "the server gets it",
        "the server does not get it",
    ),
    by_line(
        "fetch() with cookies",
        include_str!("fetch-credentials.js"),
        READS,
        FETCH_REJECTS,
    ),
    by_line(
        "Reading a response header",
        include_str!("fetch-header.js"),
        "get() returns 3",
        FETCH_REJECTS,
    ),
    by_origin("Web fonts", include_str!("web-font.js"), "the font is used"),
    by_origin(
        "WebGL textures",
        include_str!("webgl-texture.js"),
        "the texture begins with 30,60,90,255",
    ),
    by_origin(
        "Images on a canvas",
        include_str!("image-on-canvas.js"),
        "the canvas begins with 30,60,90,255",
    ),
    by_origin(
        "Video frames on a canvas",
        include_str!("video-on-canvas.js"),
        "the canvas has the frame",
    ),
    by_origin(
        "CSS shapes from images",
        include_str!("css-shape.js"),
        "text flows around the shape",
    ),
    by_origin(
        "Module scripts",
        include_str!("module-script.js"),
        "it runs: true",
    ),
    by_origin("JSON modules", include_str!("json-module.js"), READS),
    by_origin("CSS modules", include_str!("css-module.js"), "it applies"),
    by_origin(
        "Subresource integrity",
        include_str!("integrity.js"),
        "it runs: true",
    ),
    by_origin(
        "Errors of scripts, in detail",
        include_str!("script-errors.js"),
        "it runs; onerror gets the detail",
    ),
    by_origin("EventSource", include_str!("event-source.js"), READS),
    by_origin(
        "Rules of style sheets",
        include_str!("stylesheet.js"),
        "it applies; cssRules has 1 rule",
    ),
    by_origin(
        "Images in a page that requires CORP",
        include_str!("isolated-image.js"),
        "the image loads",
    ),
    by_line(
        "Resource timing",
        include_str!("resource-timing.js"),
        "requestStart and responseStart are set",
        "the image does not load: an error event",
    ),
];
