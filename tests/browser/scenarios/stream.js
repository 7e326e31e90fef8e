// Detects streams as request bodies: an engine without them converts the stream to text, and ignores `duplex`.
let duplex = false;
const isText = new Request(app, {
    method: "POST",
    body: new ReadableStream(),
    get duplex() { duplex = true; return "half"; },
}).headers.has("content-type");
if (!duplex || isText) return "cannot";
const body = new ReadableStream({
    start(controller) {
        controller.enqueue(new TextEncoder().encode("chunk"));
        controller.close();
    },
});
await read(url, { method: "POST", body, duplex: "half" });
