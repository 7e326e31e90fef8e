// The quick start. The policy goes to this page's own origin, which puts it in force at the API; the requests go to the API,
// each from a frame of the origin that it is to come from; what the library says of them is asked of this page's own origin.
"use strict";

const $ = (id) => document.getElementById(id);

/** An element with these properties and children. Strings become text, never markup. */
function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A text in which `…` is code, as the library writes it. */
function prose(text) {
  const parts = text.split("`");
  // Of an odd number of marks, the last is one that the text itself has.
  if (parts.length % 2 === 0) parts.push(parts.splice(-2).join("`"));
  return parts.map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

function count(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

/** Calls `then` once `calm` milliseconds have passed without a further call. */
function debounced(calm, then) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(then, calm);
  };
}

/* The policy ---------------------------------------------------------------------------------------------------------- */

const policy = $("policy");
let api;
let revision = 0;
let beginning = "";
let proposed;
let proposing = false;

/** Offers the text to the server: one at a time, so that the last one written is the last one in force. */
async function propose() {
  proposed = policy.value;
  if (proposing) return;
  proposing = true;
  try {
    while (proposed !== undefined) {
      const text = proposed;
      proposed = undefined;
      const response = await fetch("/policy", {
        method: "POST",
        headers: { "content-type": "application/toml" },
        body: text,
      });
      if (response.status === 200) showInForce(await response.json());
      else if (response.status === 422) showMistakes((await response.json()).mistakes);
      else showStatus("wrong", `${response.status}: ${(await response.text()).trim()}`);
    }
  } catch {
    showStatus("wrong", "the server does not answer: is it still running?");
  } finally {
    proposing = false;
  }
}

function showStatus(state, text) {
  const status = $("policy-status");
  status.dataset.state = state;
  status.textContent = text;
  policy.setAttribute("aria-invalid", String(state === "wrong"));
}

function showInForce(answer) {
  revision = answer.revision;
  document.body.dataset.revision = revision;
  showStatus("in-force", "in force");
  $("mistakes").replaceChildren();
  $("warnings").replaceChildren(
    ...answer.warnings.map((text) => element("li", {}, element("strong", {}, "warning"), " ", ...prose(text))),
  );
  mark([]);
  sendAll();
}

function showMistakes(mistakes) {
  showStatus("wrong", `${count(mistakes.length, "mistake", "mistakes")}; the policy before stays in force`);
  $("warnings").replaceChildren();
  $("mistakes").replaceChildren(...mistakes.map(showMistake));
  mark(mistakes.map((mistake) => mistake.at).filter(Boolean));
}

function showMistake(mistake) {
  const item = element("li", { className: "mistake" });
  Object.assign(item.dataset, { place: mistake.place, kind: mistake.kind });
  const place = mistake.at
    ? element("button", { type: "button", className: "place", title: "Show it in the policy" }, mistake.place)
    : element("strong", { className: "place" }, mistake.place);
  if (mistake.at) place.addEventListener("click", () => select(mistake.at));
  const line = mistake.at && !mistake.place.startsWith("line") ? ` line ${mistake.at.line}` : "";
  item.append(element("p", { className: "where" }, place, line, element("span", { className: "kind" }, mistake.kind)));

  const reason = element("p", {});
  if (mistake.text) reason.append(element("code", {}, mistake.text), " ");
  reason.append(...prose(mistake.text ? `is ${mistake.kind}: ${mistake.reason}` : mistake.reason));
  item.append(reason);

  if (mistake.fix !== null) {
    const fix = element("p", { className: "fix" }, "Write ", element("code", {}, mistake.fix), " ");
    if (mistake.replacement !== null) {
      const write = element("button", { type: "button" }, "Write that instead");
      write.dataset.action = "fix";
      write.setAttribute("aria-label", `Write ${mistake.fix} at ${mistake.place}`);
      write.addEventListener("click", () => {
        policy.setRangeText(mistake.replacement, mistake.at.start, mistake.at.end, "end");
        policy.focus();
        edited();
        propose();
      });
      fix.append(write);
    }
    item.append(fix);
  }
  if (mistake.opt_out !== null) {
    item.append(element("p", {}, "To allow it anyway, set ", element("code", {}, mistake.opt_out), "."));
  }
  return item;
}

function select({ start, end }) {
  policy.focus();
  policy.setSelectionRange(start, end);
}

/** Underlines what is wrong. The marks lie behind the text, in an element that also gives the editor its height. */
function mark(spots) {
  const text = policy.value;
  const pieces = [];
  let done = 0;
  for (const { start, end } of [...spots].sort((a, b) => a.start - b.start)) {
    // An empty spot, such as the end of the text, is widened so that it can be seen.
    const from = end > start ? start : Math.max(Math.min(start, text.length - 1), 0);
    const until = Math.max(end, from + 1);
    if (from < done) continue;
    pieces.push(text.slice(done, from), element("mark", {}, text.slice(from, until)));
    done = until;
  }
  // A last line that is empty has a height, too.
  $("policy-marks").replaceChildren(...pieces, `${text.slice(done)}\n`);
}

/** What was said holds for the text before. */
function edited() {
  mark([]);
  for (const button of $("mistakes").querySelectorAll("button")) button.disabled = true;
}

/* Frames: a page of each origin --------------------------------------------------------------------------------------- */

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

/** The window of a page of this origin. */
function frame(origin) {
  if (!frames.has(origin)) frames.set(origin, open(origin));
  return frames.get(origin);
}

function open(origin) {
  const made = element("iframe", { title: `A page of ${origin}` });
  // A sandboxed page has no origin of its own, wherever it was loaded from.
  if (origin === NULL) made.sandbox = "allow-scripts";
  made.src = `${origin === NULL ? location.origin : origin}/frame`;
  return new Promise((resolve, reject) => {
    const onMessage = (event) => {
      if (event.source !== made.contentWindow || event.origin !== origin) return;
      settle();
      resolve(made.contentWindow);
    };
    const settle = () => {
      clearTimeout(timer);
      removeEventListener("message", onMessage);
    };
    const timer = setTimeout(() => {
      settle();
      made.remove();
      frames.delete(origin);
      reject(new Error(`this browser does not open ${origin}: not every one takes names under localhost for this machine`));
    }, 5000);
    addEventListener("message", onMessage);
    $("frames").append(made);
  });
}

/** Has a page of the origin send the request, and tells what the browser let it see. */
async function sendFrom(origin, request) {
  let window;
  try {
    window = await frame(origin);
  } catch (error) {
    return { outcome: "unopened", message: error.message };
  }
  const channel = new MessageChannel();
  const answer = new Promise((resolve) => {
    channel.port1.onmessage = (event) => resolve(event.data);
  });
  // Nothing can be addressed to `null`; that window is one that this page has made.
  window.postMessage(request, origin === NULL ? "*" : origin, [channel.port2]);
  return answer;
}

/* Requests ------------------------------------------------------------------------------------------------------------ */

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
let tries = 0;
let numbers = 0;

/** A request in the list. */
class Row {
  constructor({ method, origin, headers = "", credentials = false, showSteps = false }) {
    this.item = $("request-template").content.firstElementChild.cloneNode(true);
    this.item.dataset.request = numbers += 1;
    this.item.dataset.tries = 0;
    this.form = this.find("form");
    const fields = this.form.elements;
    fields.origin.append(...[...ORIGINS, NULL].map(originOption));
    fields.method.value = method;
    fields.origin.value = origin;
    fields.headers.value = headers;
    fields.credentials.checked = credentials;
    for (const field of this.form.querySelectorAll("[name]")) {
      field.id = `${field.name}-${numbers}`;
      field.parentElement.querySelector("label").htmlFor = field.id;
    }
    this.toggles("show-steps", ".steps");
    this.toggles("show-form", "form");
    if (showSteps) this.find(".show-steps").click();
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send().then(summarize);
    });
    this.form.addEventListener("input", () => this.name());
    this.form.addEventListener("input", debounced(300, () => this.send().then(summarize)));
    this.find(".remove").addEventListener("click", () => this.remove());
    this.name();
    $("requests").append(this.item);
    requests.add(this);
  }

  find(selector) {
    return this.item.querySelector(selector);
  }

  /** A button that shows and hides a part. */
  toggles(button, part) {
    const toggle = this.find(`.${button}`);
    const shown = this.find(part);
    shown.id = `${button}-${numbers}`;
    toggle.setAttribute("aria-controls", shown.id);
    toggle.addEventListener("click", () => {
      shown.hidden = !shown.hidden;
      toggle.setAttribute("aria-expanded", String(!shown.hidden));
    });
  }

  /** Says what is sent. */
  name() {
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
    tries += 1;
    const id = (this.id = `${session}-${tries}`);
    const under = revision;
    const { method, origin, headers, credentials } = this.form.elements;
    this.item.dataset.outcome = "pending";
    const mode = credentials.checked ? "include" : "omit";
    const lines = headers.value.split("\n").filter((line) => line.trim());
    const wrong = lines.find((line) => line.indexOf(":") < 1);
    if (wrong !== undefined) {
      this.show({ outcome: "invalid", message: `a header is written as name: value, unlike ${wrong}` }, {}, under);
      return;
    }
    const pairs = lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    });
    const hasBody = pairs.some(([name]) => name.toLowerCase() === "content-type") && !/^(GET|HEAD)$/i.test(method.value);
    const browser = await sendFrom(origin.value, {
      // Its own each time, so that no answer to an earlier preflight is taken for this one's.
      url: `${api}/items?try=${id}`,
      method: method.value,
      headers: pairs,
      credentials: mode,
      ...(hasBody && { body: "{}" }),
    });
    let explained = {};
    try {
      const response = await fetch(`/explained/${mode}/${id}`);
      explained = await response.json();
    } catch {
      browser.outcome = "unanswered";
    }
    // Unless it has been sent once more meanwhile, or removed.
    if (this.id === id) this.show(browser, explained, under);
  }

  show(browser, explained, under) {
    const verdict = libraryVerdict(explained);
    const agrees = verdict.allowed === undefined || (browser.outcome === "readable") === verdict.allowed;
    this.find(".badge").textContent = BADGES[browser.outcome];
    this.find(".browser").replaceChildren(...browserWords(browser, explained));
    this.find(".library").replaceChildren(...verdict.words, ...(agrees ? [] : [DISAGREEMENT]));
    this.find(".steps").replaceChildren(...stepsOf(explained));
    Object.assign(this.item.dataset, {
      outcome: browser.outcome,
      verdict: verdict.allowed === undefined ? "none" : verdict.allowed ? "allowed" : "denied",
      agrees,
      revision: under,
      tries: Number(this.item.dataset.tries) + 1,
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
  unanswered: "No answer",
};

const DISAGREEMENT = " Here this browser departs from the standard.";

function browserWords(browser, { preflight, actual }) {
  switch (browser.outcome) {
    case "readable": {
      const ownLines = (name) => !name.startsWith("access-control-") && name !== "vary";
      const kept = (actual?.response ?? []).filter((name) => ownLines(name) && !browser.headers.includes(name));
      const words = [`${browser.status}, with `, ...codes(browser.headers.filter(ownLines))];
      if (kept.length) words.push("; kept back: ", ...codes(kept));
      return [...words, "."];
    }
    case "blocked":
      if (actual?.application_ran) return ["The application ran; its response is kept from the page."];
      if (actual) return ["Sent, and refused by the server; the response is kept from the page."];
      if (preflight) return ["Asked by a preflight; the request itself was never sent."];
      return ["Nothing has arrived at the API."];
    case "unanswered":
      return ["The server does not answer: is it still running?"];
    default:
      return [`Not sent: ${browser.message.replace(/\.$/, "")}.`];
  }
}

function codes(names) {
  if (!names.length) return ["no header"];
  return names.flatMap((name, index) => [index ? ", " : "", element("code", {}, name)]);
}

/** Of preflight and request together: the first denial counts. */
function libraryVerdict({ preflight, actual }) {
  const last = preflight && !preflight.allowed ? preflight : (actual ?? preflight);
  if (!last) return { words: ["–"] };
  if (last.allowed) {
    const origin = last.steps.find((step) => step.looked_at === "Origin");
    return { allowed: true, words: prose(`Allowed: ${origin?.found ?? "no check is made"}.`) };
  }
  const at = last === preflight ? "Denied at the preflight" : "Denied";
  const words = prose(`${at}: ${last.denial}.`);
  if (last.suggestion) words.push(element("span", { className: "suggestion" }, "To allow it: ", ...prose(last.suggestion), "."));
  return { allowed: false, words };
}

function stepsOf({ preflight, actual }) {
  const parts = [];
  if (preflight) parts.push(...exchange("The browser asks first", preflight));
  if (actual) parts.push(...exchange(preflight ? "Then it sends the request" : "The browser sends the request", actual));
  else if (preflight) parts.push(element("h4", {}, "The request itself is not sent"));
  else parts.push(element("p", {}, "Nothing was sent."));
  return parts;
}

function exchange(heading, explained) {
  const lines = explained.lines.filter(([name]) => name !== "sec-fetch-site").map(([name, value]) => `${name}: ${value}`);
  const steps = explained.steps.map((step) => {
    const item = element(
      "li",
      {},
      element("strong", {}, step.looked_at),
      " ",
      element("span", { className: "outcome" }, step.outcome),
      element("span", { className: "found" }, ...prose(step.found)),
      element("cite", {}, step.standard),
    );
    item.dataset.outcome = step.outcome;
    return item;
  });
  return [
    element("h4", {}, `${heading}: ${explained.method}, answered ${explained.status}`),
    element("pre", {}, lines.join("\n")),
    element("ol", {}, ...steps),
  ];
}

async function sendAll() {
  await Promise.all([...requests].map((row) => row.send()));
  summarize();
}

/** Says how it stands, once nothing is under way. */
function summarize() {
  const rows = [...requests].map((row) => row.item.dataset);
  if (rows.some((row) => row.outcome === "pending")) return;
  const of = (outcome) => rows.filter((row) => row.outcome === outcome).length;
  const checked = rows.filter((row) => row.verdict !== "none");
  const agreeing = checked.filter((row) => row.agrees === "true").length;
  const parts = [`${of("readable")} readable`, `${of("blocked")} blocked`];
  const others = rows.length - of("readable") - of("blocked");
  if (others) parts.push(`${others} not sent`);
  const same = agreeing === checked.length ? `all ${agreeing}` : `${agreeing} of ${checked.length}`;
  $("summary").textContent = `${parts.join(", ")}; the library says the same of ${same}`;
  $("summary").dataset.agreeing = agreeing;
  $("summary").dataset.checked = checked.length;
}

/* The beginning ------------------------------------------------------------------------------------------------------- */

async function begin() {
  const response = await fetch("/policy");
  const state = await response.json();
  api = state.api;
  $("api").textContent = api;
  $("settings").textContent = state.settings;
  beginning = state.beginning;
  policy.value = state.policy;
  EXAMPLES.forEach((example) => new Row(example));
  showInForce(state);
}

policy.addEventListener("input", edited);
policy.addEventListener("input", debounced(250, propose));
$("start-over").addEventListener("click", () => {
  policy.value = beginning;
  edited();
  propose();
});
$("add").addEventListener("click", () => {
  const row = new Row({ method: "GET", origin: ORIGINS[0] });
  row.find(".show-form").click();
  row.form.elements.method.focus();
  row.form.elements.method.select();
  row.send().then(summarize);
});
$("send-all").addEventListener("click", sendAll);
begin().catch(() => showStatus("wrong", "the server does not answer: is it still running?"));
