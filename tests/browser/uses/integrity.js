const script = document.createElement("script");
if (!plain) script.crossOrigin = "anonymous";
// The hash of assets/classic.js: openssl dgst -sha384 -binary classic.js | base64
script.integrity = "sha384-kDLQaH9hcfXhEYROucgBN6PEeV6tlgQX2iV1uzL5QLiPwL+B6xYlu50NcZBcD8Er";
script.src = url("classic.js");
const loaded = loads(script);
document.head.append(script);
return await loaded ? `it runs: ${globalThis.fromClassic}` : "it does not run: an error event";
