// The requests: the list that shows them and their outcomes.
"use strict";

const EXAMPLES = [
  { method: "GET", origin: ORIGINS[0] },
  { method: "GET", origin: ORIGINS[2] },
  { method: "PUT", origin: ORIGINS[0], headers: "content-type: application/json", credentials: true },
  { method: "PATCH", origin: ORIGINS[0] },
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
  constructor({ method, origin, headers = "", credentials = false }) {
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
      (field.closest("label") ?? field.parentElement.querySelector("label")).htmlFor = field.id;
    }
    this.addToggle("show-steps", ".steps");
    this.addToggle("show-form", "form");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send().then(summarize);
    });
    this.form.addEventListener("input", () => {
      // The next outcome is that of another request.
      this.before = undefined;
      this.showFlip(undefined);
      this.showRequest();
    });
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
    this.find(".remove").setAttribute("aria-label", `Remove this request: ${name}`);
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
      access: accessOf(browser, verdict, agrees),
      verdict: verdict.allowed === undefined ? "none" : verdict.allowed ? "allowed" : "denied",
      agrees,
      revision: sentUnder,
      sent: Number(this.item.dataset.sent) + 1,
    });
  }

  /** Notes the outcome under a new policy. Returns the outcome if it is not the one before. */
  noteOutcome() {
    const { outcome } = this.item.dataset;
    const { before } = this;
    this.before = outcome;
    const isFlipped = before !== undefined && before !== outcome;
    this.showFlip(isFlipped ? before : undefined);
    return isFlipped ? outcome : undefined;
  }

  /** Highlights the row if a change of the policy has flipped its outcome. */
  showFlip(before) {
    const flip = this.find(".flip");
    flip.hidden = before === undefined;
    flip.textContent = before === undefined ? "" : `Was ${BADGES[before].toLowerCase()} before your change`;
    this.item.classList.toggle("flipped", !flip.hidden);
  }

  /** A short name for messages. */
  get name() {
    const { method, origin } = this.form.elements;
    return `${method.value} from ${origin.value === NULL ? NULL : new URL(origin.value).hostname}`;
  }
}

function originOption(origin) {
  return element("option", { value: origin }, origin === NULL ? "null (a sandboxed frame)" : origin);
}

/** Returns what the outcome means for the owner of the API. Blocking an origin that the policy does not list is good. */
function accessOf({ outcome }, { allowed, isOriginDenied }, agrees) {
  if (!agrees || outcome === "unanswered") return "failed";
  if (outcome === "readable") return "open";
  if (outcome !== "blocked" || allowed === undefined) return "none";
  return isOriginDenied ? "kept-out" : "incomplete";
}

const BADGES = {
  pending: "Pending",
  readable: "Readable",
  blocked: "Blocked",
  invalid: "Not sent",
  unopened: "Not sent",
  unanswered: "No response",
};

async function sendAll() {
  await Promise.all([...requests].map((row) => row.send()));
  summarize();
}

let summarizedRevision = -1;

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
  const agreed = agreeing === checked.length ? `all ${agreeing}` : `${agreeing} of ${checked.length}`;
  const summary = $("summary");
  summary.textContent = `${parts.join(", ")}. Browser and Omnicors agree on ${agreed}.`;
  Object.assign(summary.dataset, { agreeing, checked: checked.length, agrees: agreeing === checked.length });
  if (rows.every((row) => Number(row.revision) === revision)) announceFlips();
}

/** Highlights and announces the requests that the last change of the policy has flipped. */
function announceFlips() {
  if (summarizedRevision === revision) {
    for (const row of requests) row.before ??= row.item.dataset.outcome;
    return;
  }
  const isFirst = summarizedRevision < 0;
  summarizedRevision = revision;
  const flipped = [...requests].map((row) => [row.noteOutcome(), row.name]).filter(([outcome]) => outcome);
  const words = Object.keys(BADGES).flatMap((outcome) => {
    const names = flipped.filter(([now]) => now === outcome).map(([, name]) => name);
    if (!names.length) return [];
    const shown = names.length > 1 ? `${names.length} requests` : names[0];
    return [`Now ${BADGES[outcome].toLowerCase()}: ${shown}.`];
  });
  if (!isFirst) $("changes").textContent = words.join(" ") || "Your change flipped no request.";
  $("summary").dataset.revision = revision;
}
