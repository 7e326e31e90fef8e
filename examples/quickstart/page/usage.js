// How to use the policy in force: tabs, as in https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
"use strict";

let tabs = [];
let selected;

function createTabs(list) {
  tabs = list.map(([id, name]) => {
    const tab = element("button", { type: "button", id: `usage-tab-${id}` }, name);
    const panel = element("div", { id: `usage-panel-${id}`, hidden: true });
    tab.setAttribute("role", "tab");
    panel.setAttribute("role", "tabpanel");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => selectTab(id));
    return { id, tab, panel };
  });
  $("usage-tabs").replaceChildren(...tabs.map(({ tab }) => tab));
  $("usage-panels").replaceChildren(...tabs.map(({ panel }) => panel));
  $("usage-tabs").addEventListener("keydown", moveByKey);
  selectTab(tabs[0].id);
}

/** Left, Right, Home and End select another tab. Only the selected one is reached with Tab. */
function moveByKey(event) {
  const index = tabs.findIndex(({ id }) => id === selected);
  const last = tabs.length - 1;
  const target = {
    ArrowLeft: index === 0 ? last : index - 1,
    ArrowRight: index === last ? 0 : index + 1,
    Home: 0,
    End: last,
  }[event.key];
  if (target === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  selectTab(tabs[target].id);
  tabs[target].tab.focus();
}

function selectTab(id) {
  selected = id;
  for (const { id: other, tab, panel } of tabs) {
    const isSelected = other === id;
    tab.setAttribute("aria-selected", String(isSelected));
    tab.tabIndex = isSelected ? 0 : -1;
    panel.hidden = !isSelected;
  }
  showUsage();
}

/** Shows the texts of the selected tab for the policy in force. */
async function showUsage() {
  if (revision < 0 || selected === undefined) return;
  const { id, panel } = tabs.find((tab) => tab.id === selected);
  const shown = revision;
  // The same policy is shown already.
  if (panel.dataset.revision === String(shown)) return;
  let parts;
  try {
    const response = await fetch(`/usage/${id}`);
    parts = await response.json();
  } catch {
    showStatus("wrong", NO_RESPONSE);
    return;
  }
  if (shown !== revision) return;
  panel.dataset.revision = shown;
  panel.replaceChildren(...parts.map(({ title, text }) => part(title, text)));
}

function part(title, text) {
  const copy = element("button", { type: "button" }, "Copy");
  copy.setAttribute("aria-label", `Copy: ${title}`);
  copy.addEventListener("click", () => copyText(copy, title, text));
  const code = element("pre", { tabIndex: 0 }, text);
  code.setAttribute("role", "region");
  code.setAttribute("aria-label", title);
  return element(
    "div",
    { className: "part" },
    element("div", { className: "part-top" }, element("h3", {}, title), copy),
    code,
  );
}

async function copyText(button, title, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    $("copied").textContent = `Copied: ${title}`;
  } catch {
    // The browser does not allow it: select the text instead.
    getSelection().selectAllChildren(button.closest(".part").querySelector("pre"));
    $("copied").textContent = `Selected: ${title}`;
    return;
  }
  setTimeout(() => (button.textContent = "Copy"), 2000);
}
