// Helpers for the elements of the page.
"use strict";

const NO_RESPONSE = "The server does not respond; check that it is still running";

const $ = (id) => document.getElementById(id);

/** Creates an element with properties and children. Strings become text, never markup. */
function element(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

/** Converts a text of the library to nodes: `…` becomes code. */
function prose(text) {
  const parts = text.split("`");
  // If the number of backticks is odd, the last one belongs to the text itself.
  if (parts.length % 2 === 0) parts.push(parts.splice(-2).join("`"));
  return parts.map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

function count(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

/** Returns a function that calls `then` when `delay` milliseconds have passed without another call. */
function debounced(delay, then) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(then, delay);
  };
}
