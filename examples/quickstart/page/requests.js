// The requests: the frames that send them, and the list that shows their outcomes.
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

function open(origin) {
  const iframe = element("iframe", { title: `A page of ${origin}` });
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
    const timer = setTimeout(() => {
      settle();
      iframe.remove();
      frames.delete(origin);
      reject(new Error(`this browser cannot open ${origin}, because it does not resolve names that end with .localhost`));
    }, 5000);
    addEventListener("message", onMessage);
    $("frames").append(iframe);
  });
}

/** Sends a request from a page of an origin. Returns the outcome that the page sees. */
async function sendFrom(origin, request) {
  let window;
  try {
    window = await frame(origin);
  } catch (error) {
    return { outcome: "unopened", message: error.message };
  }
  const channel = new MessageChannel();
  const outcome = new Promise((resolve) => {
    channel.port1.onmessage = (event) => resolve(event.data);
  });
  // `null` is not a valid target origin. The window belongs to a frame of this page, so `*` is safe.
  window.postMessage(request, origin === NULL ? "*" : origin, [channel.port2]);
  return outcome;
}

const EXAMPLES = [
  { method: "GET", origin: ORIGINS[0] },
  { method: "GET", origin: ORIGINS[2] },
  { method: "PUT", origin: ORIGINS[0], headers: "content-type: application/json", credentials: true },
  { method: "PATCH", origin: ORIGINS[0], showSteps: true },
  { method: "POST", origin: ORIGINS[1], headers: "x-other: 1" },
  { method: "GET", origin: ORIGINS[1], credentials: true },
  { method: "GET", origin: ORIGINS[3] },
  { method: "GET", origin: NULL },
];
const requests = new Set();
const session = Math.random().toString(36).slice(2, 10);
let sentCount = 0;
let rowCount = 0;

/** A request in the list. */
class Row {
  constructor({ method, origin, headers = "", credentials = false, showSteps = false }) {
    this.item = $("request-template").content.firstElementChild.cloneNode(true);
    this.item.dataset.request = rowCount += 1;
    this.item.dataset.sent = 0;
    this.form = this.find("form");
    const fields = this.form.elements;
    fields.origin.append(...[...ORIGINS, NULL].map(originOption));
    fields.method.value = method;
    fields.origin.value = origin;
    fields.headers.value = headers;
    fields.credentials.checked = credentials;
    for (const field of this.form.querySelectorAll("[name]")) {
      field.id = `${field.name}-${rowCount}`;
      field.parentElement.querySelector("label").htmlFor = field.id;
    }
    this.addToggle("show-steps", ".steps");
    this.addToggle("show-form", "form");
    if (showSteps) this.find(".show-steps").click();
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send().then(summarize);
    });
    this.form.addEventListener("input", () => this.showRequest());
    this.form.addEventListener("input", debounced(300, () => this.send().then(summarize)));
    this.find(".remove").addEventListener("click", () => this.remove());
    this.showRequest();
    $("requests").append(this.item);
    requests.add(this);
  }

  find(selector) {
    return this.item.querySelector(selector);
  }

  /** Makes a button show and hide a part of the row. */
  addToggle(button, part) {
    const toggle = this.find(`.${button}`);
    const shown = this.find(part);
    shown.id = `${button}-${rowCount}`;
    toggle.setAttribute("aria-controls", shown.id);
    toggle.addEventListener("click", () => {
      shown.hidden = !shown.hidden;
      toggle.setAttribute("aria-expanded", String(!shown.hidden));
    });
  }

  /** Shows the request in the heading of the row. */
  showRequest() {
    const { method, origin, headers, credentials } = this.form.elements;
    this.find(".method").textContent = method.value;
    this.find(".origin").textContent = origin.value;
    const extras = [];
    if (origin.value === NULL) extras.push("a sandboxed frame");
    if (credentials.checked) extras.push("with credentials");
    extras.push(...headers.value.split("\n").filter((line) => line.trim()));
    this.find(".extras").textContent = extras.join(" · ");
    const name = `${method.value} from ${origin.value}`;
    this.find(".show-steps").setAttribute("aria-label", `Steps: ${name}`);
    this.find(".show-form").setAttribute("aria-label", `Edit: ${name}`);
    this.find(".remove").setAttribute("aria-label", `Remove ${name}`);
  }

  remove() {
    const next = this.item.nextElementSibling ?? this.item.previousElementSibling;
    requests.delete(this);
    this.item.remove();
    (next?.querySelector(".show-form") ?? $("add")).focus();
    summarize();
  }

  async send() {
    sentCount += 1;
    const id = (this.id = `${session}-${sentCount}`);
    const sentUnder = revision;
    const { method, origin, headers, credentials } = this.form.elements;
    this.item.dataset.outcome = "pending";
    const mode = credentials.checked ? "include" : "omit";
    const lines = headers.value.split("\n").filter((line) => line.trim());
    const invalid = lines.find((line) => line.indexOf(":") < 1);
    if (invalid !== undefined) {
      this.show({ outcome: "invalid", message: `the header ${invalid} is not written as name: value` }, {}, sentUnder);
      return;
    }
    const pairs = lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    });
    const hasBody = pairs.some(([name]) => name.toLowerCase() === "content-type") && !/^(GET|HEAD)$/i.test(method.value);
    const browser = await sendFrom(origin.value, {
      // The URL is different each time, so that the browser does not use a preflight from its cache.
      url: `${api}/items?request=${id}`,
      method: method.value,
      headers: pairs,
      credentials: mode,
      ...(hasBody && { body: "{}" }),
    });
    let explained = {};
    try {
      const response = await fetch(`/explanation/${mode}/${id}`);
      explained = await response.json();
    } catch {
      browser.outcome = "unanswered";
    }
    // The id differs if the request was sent again in the meantime.
    if (this.id === id) this.show(browser, explained, sentUnder);
  }

  show(browser, explained, sentUnder) {
    const verdict = libraryVerdict(explained);
    const agrees = verdict.allowed === undefined || (browser.outcome === "readable") === verdict.allowed;
    this.find(".badge").textContent = BADGES[browser.outcome];
    this.find(".browser").replaceChildren(...describeOutcome(browser, explained));
    this.find(".library").replaceChildren(...verdict.words, ...(agrees ? [] : [DISAGREEMENT]));
    this.find(".steps").replaceChildren(...stepsOf(explained));
    Object.assign(this.item.dataset, {
      outcome: browser.outcome,
      verdict: verdict.allowed === undefined ? "none" : verdict.allowed ? "allowed" : "denied",
      agrees,
      revision: sentUnder,
      sent: Number(this.item.dataset.sent) + 1,
    });
  }
}

function originOption(origin) {
  return element("option", { value: origin }, origin === NULL ? "null (a sandboxed frame)" : origin);
}

const BADGES = {
  readable: "Readable",
  blocked: "Blocked",
  invalid: "Not sent",
  unopened: "Not sent",
  unanswered: "No response",
};

const DISAGREEMENT = " This browser does not follow the Fetch standard here.";

function describeOutcome(browser, { preflight, actual }) {
  switch (browser.outcome) {
    case "readable": {
      const isOfApplication = (name) => !name.startsWith("access-control-") && name !== "vary";
      const hidden = (actual?.response ?? []).filter((name) => isOfApplication(name) && !browser.headers.includes(name));
      const words = [`The page can read the status ${browser.status} and `, ...codes(browser.headers.filter(isOfApplication))];
      if (hidden.length) words.push(", but not ", ...codes(hidden));
      return [...words, "."];
    }
    case "blocked":
      if (actual?.application_ran) return ["The application ran, but the page cannot read its response."];
      if (actual) return ["The server rejected the request, and the page cannot read the response."];
      if (preflight) return ["The browser sent a preflight, and then did not send the request."];
      return ["No request arrived at the API."];
    case "unanswered":
      return [`${NO_RESPONSE}.`];
    default:
      return [`Not sent: ${browser.message.replace(/\.$/, "")}.`];
  }
}

function codes(names) {
  if (!names.length) return ["no header"];
  return names.flatMap((name, index) => [index ? ", " : "", element("code", {}, name)]);
}

/** Returns the verdict of the library on the preflight and the request: the first denial counts. */
function libraryVerdict({ preflight, actual }) {
  const last = preflight && !preflight.allowed ? preflight : (actual ?? preflight);
  if (!last) return { words: ["–"] };
  if (last.allowed) {
    const origin = last.steps.find((step) => step.subject === "Origin");
    return { allowed: true, words: prose(`Allowed: ${origin?.found ?? "there is nothing to check"}.`) };
  }
  const at = last === preflight ? "Denied at the preflight" : "Denied";
  const words = prose(`${at}: ${last.denial}.`);
  if (last.suggestion) words.push(element("span", { className: "suggestion" }, "To allow it: ", ...prose(last.suggestion), "."));
  return { allowed: false, words };
}

function stepsOf({ preflight, actual }) {
  const parts = [];
  if (preflight) parts.push(...exchange("The browser sends a preflight", preflight));
  if (actual) parts.push(...exchange(preflight ? "Then it sends the request" : "The browser sends the request", actual));
  else if (preflight) parts.push(element("h4", {}, "The browser does not send the request"));
  else parts.push(element("p", {}, "The browser sent nothing."));
  return parts;
}

function exchange(heading, explained) {
  const fields = explained.fields.filter(([name]) => name !== "sec-fetch-site").map(([name, value]) => `${name}: ${value}`);
  const steps = explained.steps.map((step) => {
    const item = element(
      "li",
      {},
      element("strong", {}, step.subject),
      " ",
      element("span", { className: "outcome" }, step.outcome),
      element("span", { className: "found" }, ...prose(step.found)),
      element("cite", {}, step.standard),
    );
    item.dataset.outcome = step.outcome;
    return item;
  });
  return [
    element("h4", {}, `${heading}: ${explained.method}, status ${explained.status}`),
    element("pre", {}, fields.join("\n")),
    element("ol", {}, ...steps),
  ];
}

async function sendAll() {
  await Promise.all([...requests].map((row) => row.send()));
  summarize();
}

/** Shows the summary, unless a request is still pending. */
function summarize() {
  const rows = [...requests].map((row) => row.item.dataset);
  if (rows.some((row) => row.outcome === "pending")) return;
  const of = (outcome) => rows.filter((row) => row.outcome === outcome).length;
  const checked = rows.filter((row) => row.verdict !== "none");
  const agreeing = checked.filter((row) => row.agrees === "true").length;
  const parts = [`${of("readable")} readable`, `${of("blocked")} blocked`];
  const others = rows.length - of("readable") - of("blocked");
  if (others) parts.push(`${others} not sent`);
  const predicted = agreeing === checked.length ? `all ${agreeing}` : `${agreeing} of ${checked.length}`;
  $("summary").textContent = `${parts.join(", ")}; the library predicted ${predicted}`;
  $("summary").dataset.agreeing = agreeing;
  $("summary").dataset.checked = checked.length;
}
