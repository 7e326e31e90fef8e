const image = new Image();
if (!plain) image.crossOrigin = "anonymous";
image.src = url("image.png");
if (!await loads(image)) return "the image does not load: an error event";
const canvas = document.createElement("canvas").getContext("2d");
canvas.drawImage(image, 0, 0);
try {
    return `the canvas begins with ${canvas.getImageData(0, 0, 1, 1).data}`;
} catch (error) {
    return `the image is shown; getImageData throws a ${error.name}`;
}
