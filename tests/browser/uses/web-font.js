const style = document.createElement("style");
style.textContent = `@font-face { font-family: Probe; src: url("${url("font.ttf")}"); }`;
const text = document.createElement("span");
text.textContent = "A";
text.style.font = "10px Probe, monospace";
document.head.append(style);
document.body.append(text);
// load() rejects if the font does not load. The width below shows the font in use.
await document.fonts.load("10px Probe").catch(() => {});
const width = text.getBoundingClientRect().width;
// Only the glyph of this font is four em wide.
return width === 40 ? "the font is used" : "the next font of font-family is used";
