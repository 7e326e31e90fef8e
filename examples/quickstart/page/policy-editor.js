// The policy: its editor, the presets, the mistakes in its text, and the policy in force.
"use strict";

let policy;
let initialPolicy = "";
let presets = [];
/** The number of times that the policy was replaced, and its text. */
let revision = -1;
let textInForce;
let pendingText;
let submittedText;
let isSubmitting = false;

/** Sends the text to the server. There is one request at a time, so that the last text is the last one in force. */
async function submitPolicy() {
  pendingText = policy.text;
  if (isSubmitting) return;
  isSubmitting = true;
  try {
    while (pendingText !== undefined) {
      const text = pendingText;
      pendingText = undefined;
      submittedText = text;
      const response = await fetch("/policy", {
        method: "POST",
        headers: { "content-type": "application/toml" },
        body: text,
      });
      if (response.status === 200) showInForce(await response.json(), text);
      else if (response.status === 422) showMistakes((await response.json()).mistakes);
      else showStatus("wrong", `${response.status}: ${(await response.text()).trim()}`);
    }
  } catch {
    showStatus("wrong", NO_RESPONSE);
  } finally {
    isSubmitting = false;
  }
}

const submitSoon = debounced(250, () => {
  if (policy.text !== submittedText) submitPolicy();
});

/** Replaces the text, and submits it at once. */
function setPolicy(text) {
  policy.text = text;
  submitPolicy();
}

function createEditor(text) {
  policy = new Editor($("policy"), {
    text,
    label: "Policy, in TOML",
    describedBy: "policy-status",
    onInput() {
      forgetPlaces();
      showPreset();
      submitSoon();
    },
  });
}

function showPresets(list) {
  presets = list.map(({ name, text }) => {
    const button = element("button", { type: "button" }, name);
    button.addEventListener("click", () => setPolicy(text));
    return { button, text };
  });
  $("presets").replaceChildren(...presets.map(({ button }) => button));
  showPreset();
}

/** Marks the preset that is in the editor. */
function showPreset() {
  for (const { button, text } of presets) button.setAttribute("aria-pressed", String(policy.text === text));
}

function showStatus(state, text) {
  const status = $("policy-status");
  status.dataset.state = state;
  status.textContent = text;
  if (policy) policy.invalid = state === "wrong";
}

function showInForce(state, text) {
  revision = state.revision;
  textInForce = text;
  document.body.dataset.revision = revision;
  showStatus("in-force", "In force");
  $("mistakes").replaceChildren();
  $("warnings").replaceChildren(
    ...state.warnings.map((warning) => element("li", {}, element("strong", {}, "warning"), " ", ...prose(warning))),
  );
  policy.mark([]);
  showUsage();
  sendAll();
}

function showMistakes(mistakes) {
  showStatus("wrong", `${count(mistakes.length, "mistake", "mistakes")}; the previous policy stays in force`);
  $("changes").textContent = "";
  $("warnings").replaceChildren();
  $("mistakes").replaceChildren(...mistakes.map(showMistake));
  policy.mark(mistakes.map((mistake) => mistake.span).filter(Boolean));
}

function showMistake(mistake) {
  const item = element("li", { className: "mistake" });
  Object.assign(item.dataset, { place: mistake.place, kind: mistake.kind });
  const place = mistake.span
    ? element("button", { type: "button", className: "place", title: "Show it in the policy" }, mistake.place)
    : element("strong", { className: "place" }, mistake.place);
  if (mistake.span) place.addEventListener("click", () => policy.select(mistake.span));
  const line = mistake.span && !mistake.place.startsWith("line") ? ` line ${mistake.span.line}` : "";
  item.append(element("p", { className: "where" }, place, line, element("span", { className: "kind" }, mistake.kind)));

  const reason = element("p", {});
  if (mistake.text) reason.append(element("code", {}, mistake.text), " ");
  reason.append(...prose(mistake.text ? `is ${mistake.kind}: ${mistake.reason}` : mistake.reason));
  item.append(reason);

  if (mistake.suggestion !== null) {
    const suggestion = element("p", { className: "suggestion" }, "Write ", element("code", {}, mistake.suggestion), " ");
    if (mistake.replacement !== null) {
      const apply = element("button", { type: "button" }, "Apply");
      apply.dataset.action = "apply";
      apply.setAttribute("aria-label", `Apply: write ${mistake.suggestion} at ${mistake.place}`);
      apply.addEventListener("click", () => {
        policy.replace(mistake.span, mistake.replacement);
        policy.focus();
        submitPolicy();
      });
      suggestion.append(apply);
    }
    item.append(suggestion);
  }
  if (mistake.opt_out !== null) {
    item.append(element("p", {}, "To allow it anyway, set ", element("code", {}, mistake.opt_out), "."));
  }
  return item;
}

/** Disables the buttons that refer to a place in the previous text. */
function forgetPlaces() {
  for (const button of document.querySelectorAll("#mistakes button, [data-action=add]")) button.disabled = true;
}
