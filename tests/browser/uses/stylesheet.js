const link = document.createElement("link");
link.rel = "stylesheet";
if (!plain) link.crossOrigin = "anonymous";
link.href = url("style.css");
const loaded = loads(link);
document.body.id = "probe";
document.head.append(link);
const isLoaded = await loaded;
const applies = getComputedStyle(document.body).width === "123px";
if (isLoaded !== applies) return `loaded: ${isLoaded}, applies: ${applies}`;
if (!applies) return "it does not apply: an error event";
try {
    return `it applies; cssRules has ${link.sheet.cssRules.length} rule`;
} catch (error) {
    return `it applies; cssRules throws a ${error.name}`;
}
