const script = document.createElement("script");
if (!plain) script.crossOrigin = "anonymous";
script.src = url("throws.js");
const loaded = loads(script);
let told;
window.onerror = message => { told = message; };
document.head.append(script);
if (!await loaded) return "it does not run: an error event";
return told.includes("theDetail") ? "it runs; onerror is told the detail" : `it runs; onerror is told ${told}`;
