// A page that sends the requests that it receives from the quick start. Its origin is the one that it was loaded from. Its
// Content-Security-Policy ensures that no other page can embed it, and that it can only send requests to the API.
"use strict";

addEventListener("message", async (event) => {
  if (event.source !== parent) return;
  const [port] = event.ports;
  const { url, ...init } = event.data;
  let request;
  try {
    request = new Request(url, init);
  } catch (error) {
    // A method or a header that a page cannot send. This is not about CORS.
    port.postMessage({ outcome: "invalid", message: error.message });
    return;
  }
  try {
    const response = await fetch(request);
    port.postMessage({ outcome: "readable", status: response.status, headers: [...response.headers.keys()] });
  } catch {
    // A page cannot see the reason. The browser writes it to its console.
    port.postMessage({ outcome: "blocked" });
  }
});

parent.postMessage("ready", "*");
