// In a frame, since images of styles delay the load event of their document, and have none of their own.
const frame = document.createElement("iframe");
frame.srcdoc = `<!doctype html><body style="margin: 0; width: 400px">
    <div style="float: left; width: 40px; height: 40px; shape-outside: url('${url("image.png")}')"></div>
    <span>text</span>
    <script>document.querySelector("span").getBoundingClientRect();<\/script>`;
const loaded = loads(frame);
document.body.append(frame);
await loaded;
const left = frame.contentDocument.querySelector("span").getBoundingClientRect().left;
// The image is opaque in its left half only.
return { 20: "text flows around the shape", 40: "text flows around the box" }[left] ?? `text is at ${left}`;
