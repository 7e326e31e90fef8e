const canvas = document.createElement("canvas");
let reason;
canvas.addEventListener("webglcontextcreationerror", event => { reason = event.statusMessage; });
const gl = canvas.getContext("webgl");
if (!gl) return `cannot: no WebGL: ${reason}`;
const image = new Image();
if (!plain) image.crossOrigin = "anonymous";
image.src = url("image.png");
if (!await loads(image)) return "the image does not load: an error event";
const texture = gl.createTexture();
gl.bindTexture(gl.TEXTURE_2D, texture);
try {
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, image);
} catch (error) {
    return `texImage2D throws a ${error.name}`;
}
gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
const pixel = new Uint8Array(4);
gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
return `the texture begins with ${pixel}`;
