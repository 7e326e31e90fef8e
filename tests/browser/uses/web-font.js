const style = document.createElement("style");
style.textContent = `@font-face { font-family: Probe; src: url("${url("font.ttf")}"); }`;
const text = document.createElement("span");
text.textContent = "A";
text.style.font = "10px Probe, monospace";
document.head.append(style);
document.body.append(text);
// Rejects if the font does not load: what is used instead is seen below.
await document.fonts.load("10px Probe").catch(() => {});
const width = text.getBoundingClientRect().width;
// The glyph of the font is four em wide, as no other's is.
return width === 40 ? "the font is used" : "the next font of font-family is used";
