const image = new Image();
if (!plain) image.crossOrigin = "anonymous";
const entry = new Promise(resolve => {
    const observer = new PerformanceObserver(list => list.getEntriesByName(image.src).forEach(resolve));
    observer.observe({ entryTypes: ["resource"] });
});
image.src = url("image.png");
if (!await loads(image)) return "the image does not load: an error event";
const { startTime, requestStart, responseStart } = await entry;
if (requestStart >= startTime && responseStart >= requestStart) return "requestStart and responseStart are set";
return `requestStart is ${requestStart}, responseStart is ${responseStart}`;
