// In a frame: images in styles have no load event, but delay that of their document.
const frame = document.createElement("iframe");
frame.srcdoc = `<!doctype html><body style="margin: 0; width: 400px">
    <div style="float: left; width: 40px; height: 40px; shape-outside: url('${url("image.png")}')"></div>
    <span>text</span>
    <script>document.querySelector("span").getBoundingClientRect();<\/script>`;
const loaded = loads(frame);
document.body.append(frame);
await loaded;
const left = frame.contentDocument.querySelector("span").getBoundingClientRect().left;
// Only the left half of the image is opaque.
return { 20: "text flows around the shape", 40: "text flows around the box" }[left] ?? `text is at ${left}`;
