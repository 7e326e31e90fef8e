const image = new Image();
if (!plain) image.crossOrigin = "anonymous";
image.src = url("image.png");
return await loads(image) ? "the image loads" : "the image does not load: an error event";
