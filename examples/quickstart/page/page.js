// Starts the page.
//
// The policy goes to the origin of this page, which puts it into force at the API. Each request goes to the API, from a frame of the
// origin that the page shows for it. The explanation of each request comes from the origin of this page.
"use strict";

let api;

async function start() {
  const response = await fetch("/policy");
  const state = await response.json();
  api = state.api;
  $("api").textContent = api;
  $("settings").textContent = state.settings;
  initialPolicy = state.initial_policy;
  createEditor(state.policy);
  showPresets(state.presets);
  createTabs(state.usage);
  EXAMPLES.forEach((example) => new Row(example));
  showInForce(state, state.policy);
}

// Hidden in the markup, so that a page without JavaScript shows nothing that does not work.
for (const part of [$("bar"), document.querySelector("main")]) part.hidden = false;
$("reset").addEventListener("click", () => setPolicy(initialPolicy));
$("add").addEventListener("click", () => {
  const row = new Row({ method: "GET", origin: ORIGINS[0] });
  row.find(".show-form").click();
  row.form.elements.method.focus();
  row.form.elements.method.select();
  row.send().then(summarize);
});
$("send-all").addEventListener("click", sendAll);
start().catch(() => showStatus("wrong", NO_RESPONSE));
