// Starts the page.
//
// The policy goes to the origin of this page, which puts it into force at the API. Each request goes to the API, from a frame of the
// origin that the page shows for it. The explanation of each request comes from the origin of this page.
"use strict";

let api;
let initialPolicy = "";

async function start() {
  const response = await fetch("/policy");
  const state = await response.json();
  api = state.api;
  $("api").textContent = api;
  $("settings").textContent = state.settings;
  initialPolicy = state.initial_policy;
  policy.value = state.policy;
  EXAMPLES.forEach((example) => new Row(example));
  showInForce(state);
}

policy.addEventListener("input", clearMarks);
policy.addEventListener("input", debounced(250, submitPolicy));
$("reset").addEventListener("click", () => {
  policy.value = initialPolicy;
  clearMarks();
  submitPolicy();
});
$("add").addEventListener("click", () => {
  const row = new Row({ method: "GET", origin: ORIGINS[0] });
  row.find(".show-form").click();
  row.form.elements.method.focus();
  row.form.elements.method.select();
  row.send().then(summarize);
});
$("send-all").addEventListener("click", sendAll);
start().catch(() => showStatus("wrong", NO_RESPONSE));
