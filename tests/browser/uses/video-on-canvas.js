const video = document.createElement("video");
if (!video.canPlayType('video/webm; codecs="vp8"')) return "cannot: no decoder of VP8";
if (!plain) video.crossOrigin = "anonymous";
video.muted = true;
video.preload = "auto";
const loaded = loads(video);
video.src = url("video.webm");
if (!await loaded) return "the video does not load: an error event";
const canvas = document.createElement("canvas").getContext("2d");
// The video may have no frame yet when it has loaded; then nothing is drawn, and the canvas stays transparent.
for (;;) {
    canvas.drawImage(video, 0, 0);
    try {
        const pixel = canvas.getImageData(20, 20, 1, 1).data;
        if (pixel[3] === 0) {
            await new Promise(requestAnimationFrame);
            continue;
        }
        // The video is compressed, so the color is approximate.
        const isBlue = [30, 60, 90, 255].every((value, index) => Math.abs(value - pixel[index]) < 10);
        return isBlue ? "the canvas has the frame" : `the canvas has ${pixel}`;
    } catch (error) {
        return `the video is shown; getImageData throws a ${error.name}`;
    }
}
