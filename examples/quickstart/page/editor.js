// The editor: CodeMirror with line numbers, the colors of TOML, and marks at mistakes. Tab moves the focus, as everywhere on the page.
"use strict";

const setMistakes = CodeMirror.StateEffect.define();
const setValidity = CodeMirror.StateEffect.define();
const mistakeMark = CodeMirror.Decoration.mark({ class: "mistake-mark" });

/** Gives the number of a line with a mistake a class. */
class MistakenLine extends CodeMirror.GutterMarker {
  elementClass = "mistaken-line";
}

/** The marks at mistakes. They move with the text, until the server has checked the text again. */
const mistakeMarks = CodeMirror.StateField.define({
  create: () => CodeMirror.Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setMistakes)) return effect.value;
    }
    return marks.map(transaction.changes);
  },
  provide: (field) => [
    CodeMirror.EditorView.decorations.from(field),
    CodeMirror.gutterLineClass.compute([field, "doc"], (state) => {
      const lines = new Set();
      const marks = state.field(field).iter();
      for (; marks.value; marks.next()) lines.add(state.doc.lineAt(marks.from).from);
      const marker = new MistakenLine();
      return CodeMirror.RangeSet.of([...lines].map((from) => marker.range(from)));
    }),
  ],
});

const isInvalid = CodeMirror.StateField.define({
  create: () => false,
  update(invalid, { effects }) {
    return effects.find((effect) => effect.is(setValidity))?.value ?? invalid;
  },
  provide: (field) =>
    CodeMirror.EditorView.contentAttributes.from(field, (invalid) => ({ "aria-invalid": String(invalid) })),
});

class Editor {
  /** `onInput` is called after each change by the user. */
  constructor(parent, { text, label, describedBy, onInput }) {
    const { EditorView, keymap, standardKeymap, historyKeymap } = CodeMirror;
    this.view = new EditorView({
      parent,
      doc: text,
      extensions: [
        CodeMirror.lineNumbers(),
        CodeMirror.history(),
        keymap.of([...standardKeymap, ...historyKeymap]),
        CodeMirror.StreamLanguage.define(CodeMirror.toml),
        CodeMirror.syntaxHighlighting(CodeMirror.classHighlighter),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          "aria-label": label,
          "aria-describedby": describedBy,
          spellcheck: "false",
          autocorrect: "off",
          autocapitalize: "off",
        }),
        mistakeMarks,
        isInvalid,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onInput();
        }),
      ],
    });
  }

  get text() {
    return this.view.state.doc.toString();
  }

  /** Replaces the text. Undo brings the previous one back. */
  set text(text) {
    this.replace({ start: 0, end: this.view.state.doc.length }, text);
  }

  /** Replaces a part of the text, and places the cursor after it. */
  replace({ start, end }, text) {
    this.view.dispatch({
      changes: { from: start, to: end, insert: text },
      selection: { anchor: start + text.length },
      userEvent: "input.replace",
    });
  }

  /** Selects a part of the text, and shows it. */
  select({ start, end }) {
    this.view.focus();
    this.view.dispatch({ selection: { anchor: start, head: end }, scrollIntoView: true });
  }

  focus() {
    this.view.focus();
  }

  /** Marks parts of the text. */
  mark(spans) {
    const { length } = this.view.state.doc;
    const marks = spans.map(({ start, end }) => {
      // An empty span, such as the end of the text, is extended so that it is visible.
      const from = end > start ? start : Math.max(Math.min(start, length - 1), 0);
      return mistakeMark.range(from, Math.min(Math.max(end, from + 1), length));
    });
    const visible = marks.filter(({ from, to }) => from < to);
    this.view.dispatch({ effects: setMistakes.of(CodeMirror.Decoration.set(visible, true)) });
  }

  set invalid(invalid) {
    this.view.dispatch({ effects: setValidity.of(invalid) });
  }
}
