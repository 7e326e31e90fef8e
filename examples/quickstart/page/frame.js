// Stands for a page of the origin that it was loaded from, and sends the requests that the quick start hands it. That it is
// nobody else's frame, and that it reaches nothing but the API, is seen to by its Content-Security-Policy.
"use strict";

addEventListener("message", async (event) => {
  if (event.source !== parent) return;
  const [answer] = event.ports;
  const { url, ...init } = event.data;
  let request;
  try {
    request = new Request(url, init);
  } catch (error) {
    // Not for CORS: a method or a header that no page can send.
    answer.postMessage({ outcome: "invalid", message: error.message });
    return;
  }
  try {
    const response = await fetch(request);
    answer.postMessage({ outcome: "readable", status: response.status, headers: [...response.headers.keys()] });
  } catch {
    // A page learns no more than this: the reason stands in the browser's console.
    answer.postMessage({ outcome: "blocked" });
  }
});

parent.postMessage("ready", "*");
