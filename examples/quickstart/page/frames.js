// The pages that send the requests: hidden frames of several origins.
"use strict";

const port = location.port ? `:${location.port}` : "";
const ORIGINS = [
  "app.localhost",
  "admin.app.localhost",
  "evil.localhost",
  "app.localhost.evil.localhost",
  "localhost",
  "127.0.0.1",
].map((host) => `http://${host}${port}`);
const NULL = "null";
const frames = new Map();

/** Returns the window of a page of an origin. */
function frame(origin) {
  if (!frames.has(origin)) frames.set(origin, open(origin));
  return frames.get(origin);
}

function titleOf(origin) {
  return `A page of ${origin}`;
}

function open(origin) {
  const iframe = element("iframe", { title: titleOf(origin) });
  // The origin of a sandboxed page is `null`.
  if (origin === NULL) iframe.sandbox = "allow-scripts";
  iframe.src = `${origin === NULL ? location.origin : origin}/frame`;
  return new Promise((resolve, reject) => {
    const onMessage = (event) => {
      if (event.source !== iframe.contentWindow || event.origin !== origin) return;
      settle();
      resolve(iframe.contentWindow);
    };
    const settle = () => {
      clearTimeout(timer);
      removeEventListener("message", onMessage);
    };
    const fail = () => {
      settle();
      iframe.remove();
      frames.delete(origin);
      reject(new Error(`this browser cannot open ${origin}, because it does not resolve names that end with .localhost`));
    };
    let timer = setTimeout(fail, 30000);
    // The page sends its message before this event. An error page sends none.
    iframe.addEventListener("load", () => {
      clearTimeout(timer);
      timer = setTimeout(fail, 5000);
    });
    addEventListener("message", onMessage);
    $("frames").append(iframe);
  });
}

/** Closes the page of an origin, unless it has been opened again already. */
function closeFrame(origin, opened) {
  if (frames.get(origin) !== opened) return;
  frames.delete(origin);
  for (const iframe of $("frames").children) {
    if (iframe.title === titleOf(origin)) iframe.remove();
  }
}

/** Sends a request from a page of an origin. Returns the outcome that the page sees. */
async function sendFrom(origin, request) {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const opened = frame(origin);
    let window;
    try {
      window = await opened;
    } catch (error) {
      return { outcome: "unopened", message: error.message };
    }
    const outcome = await ask(window, origin, request);
    if (outcome !== undefined) return outcome;
    // Now and then, an engine does not deliver a message or a response to a hidden frame.
    closeFrame(origin, opened);
  }
  return { outcome: "unopened", message: `the page of ${origin} does not respond` };
}

/** Returns what a page responds, or `undefined` if it does not respond in time: the API is on this machine. */
function ask(window, origin, request) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), 5000);
    port1.onmessage = (event) => {
      clearTimeout(timer);
      resolve(event.data);
    };
    // `null` is not a valid target origin. The window belongs to a frame of this page, so `*` is safe.
    window.postMessage(request, origin === NULL ? "*" : origin, [port2]);
  }).finally(() => port1.close());
}
