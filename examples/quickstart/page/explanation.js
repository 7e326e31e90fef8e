// The words that describe what the browser and the library concluded.
"use strict";

const DISAGREEMENT = " The browser and Omnicors disagree: this browser does not follow the Fetch standard here.";

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
function libraryVerdict({ revision, preflight, actual }) {
  const last = preflight && !preflight.allowed ? preflight : (actual ?? preflight);
  if (!last) return { words: ["–"] };
  if (last.allowed) {
    const origin = last.steps.find((step) => step.subject === "Origin");
    return { allowed: true, words: prose(`Allowed: ${origin?.found ?? "there is nothing to check"}.`) };
  }
  const at = last === preflight ? "Denied at the preflight" : "Denied";
  const words = prose(`${at}: ${last.denial}.`);
  if (last.suggestion) words.push(suggestionOf(last, revision));
  return { allowed: false, isOriginDenied: last.is_origin_denied, words };
}

function suggestionOf({ suggestion, change, is_origin_denied }, changedRevision) {
  const isAddition = is_origin_denied && suggestion.startsWith("add ");
  // A sentence that begins with the name of an origin is complete.
  const condition = suggestion.startsWith("`") ? "" : isAddition ? "If you trust this site: " : "To allow it: ";
  const paragraph = element("span", { className: "suggestion" }, condition, ...prose(suggestion), ".");
  if (change) {
    const add = element("button", { type: "button" }, "Add it");
    add.dataset.action = "add";
    add.setAttribute("aria-label", `Add it: ${suggestion.replaceAll("`", "")}`);
    add.addEventListener("click", () => {
      // The places in a text that has been changed since are not known.
      if (changedRevision !== revision || policy.text !== textInForce) return;
      // This button is about to disappear.
      add.closest(".request").querySelector(".show-steps").focus();
      policy.replace(change.span, change.replacement);
      submitPolicy();
    });
    paragraph.append(" ", add);
  }
  return paragraph;
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
