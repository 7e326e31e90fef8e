const script = document.createElement("script");
script.type = "module";
script.src = url("module.js");
const loaded = loads(script);
document.head.append(script);
return await loaded ? `it runs: ${globalThis.fromModule}` : "it does not run: an error event";
