// The parts of CodeMirror that the page uses. They are in the global `CodeMirror`.
import { StyleModule } from "style-mod";

export { history, historyKeymap, standardKeymap } from "@codemirror/commands";
export { StreamLanguage, syntaxHighlighting } from "@codemirror/language";
export { toml } from "@codemirror/legacy-modes/mode/toml";
export { EditorState, RangeSet, StateEffect, StateField } from "@codemirror/state";
export { Decoration, EditorView, GutterMarker, gutterLineClass, keymap, lineNumbers } from "@codemirror/view";
export { classHighlighter } from "@lezer/highlight";

// CodeMirror adds a <style> element, which the Content-Security-Policy of the page forbids. A constructed style sheet is allowed,
// because only a script can create it.
const sheet = new CSSStyleSheet();
StyleModule.mount = (root, modules) => {
  sheet.replaceSync([modules].flat().map((module) => module.getRules()).join("\n"));
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
};
