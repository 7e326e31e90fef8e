const script = document.createElement("script");
if (!plain) script.crossOrigin = "anonymous";
script.src = url("throws.js");
const loaded = loads(script);
let text;
window.onerror = message => { text = message; };
document.head.append(script);
if (!await loaded) return "it does not run: an error event";
return text.includes("theDetail") ? "it runs; onerror gets the detail" : `it runs; onerror gets ${text}`;
