// The policy: the editor, the faults of its text, and the policy in force.
"use strict";

const policy = $("policy");
let revision = 0;
let pendingText;
let isSubmitting = false;

/** Sends the text to the server. There is one request at a time, so that the last text is the last one in force. */
async function submitPolicy() {
  pendingText = policy.value;
  if (isSubmitting) return;
  isSubmitting = true;
  try {
    while (pendingText !== undefined) {
      const text = pendingText;
      pendingText = undefined;
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
    showStatus("wrong", NO_RESPONSE);
  } finally {
    isSubmitting = false;
  }
}

function showStatus(state, text) {
  const status = $("policy-status");
  status.dataset.state = state;
  status.textContent = text;
  policy.setAttribute("aria-invalid", String(state === "wrong"));
}

function showInForce(state) {
  revision = state.revision;
  document.body.dataset.revision = revision;
  showStatus("in-force", "in force");
  $("mistakes").replaceChildren();
  $("warnings").replaceChildren(
    ...state.warnings.map((text) => element("li", {}, element("strong", {}, "warning"), " ", ...prose(text))),
  );
  mark([]);
  sendAll();
}

function showMistakes(mistakes) {
  showStatus("wrong", `${count(mistakes.length, "mistake", "mistakes")}; the previous policy stays in force`);
  $("warnings").replaceChildren();
  $("mistakes").replaceChildren(...mistakes.map(showMistake));
  mark(mistakes.map((mistake) => mistake.span).filter(Boolean));
}

function showMistake(mistake) {
  const item = element("li", { className: "mistake" });
  Object.assign(item.dataset, { place: mistake.place, kind: mistake.kind });
  const place = mistake.span
    ? element("button", { type: "button", className: "place", title: "Show it in the policy" }, mistake.place)
    : element("strong", { className: "place" }, mistake.place);
  if (mistake.span) place.addEventListener("click", () => select(mistake.span));
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
      apply.setAttribute("aria-label", `Write ${mistake.suggestion} at ${mistake.place}`);
      apply.addEventListener("click", () => {
        policy.setRangeText(mistake.replacement, mistake.span.start, mistake.span.end, "end");
        policy.focus();
        clearMarks();
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

function select({ start, end }) {
  policy.focus();
  policy.setSelectionRange(start, end);
}

/** Underlines parts of the text. The marks are behind the text, in an element that also gives the editor its height. */
function mark(spans) {
  const text = policy.value;
  const pieces = [];
  let done = 0;
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    // An empty span, such as the end of the text, is extended so that it is visible.
    const from = end > start ? start : Math.max(Math.min(start, text.length - 1), 0);
    const until = Math.max(end, from + 1);
    if (from < done) continue;
    pieces.push(text.slice(done, from), element("mark", {}, text.slice(from, until)));
    done = until;
  }
  // The newline gives an empty last line its height.
  $("policy-marks").replaceChildren(...pieces, `${text.slice(done)}\n`);
}

/** Removes the marks and disables the buttons, because the mistakes refer to the previous text. */
function clearMarks() {
  mark([]);
  for (const button of $("mistakes").querySelectorAll("button")) button.disabled = true;
}
