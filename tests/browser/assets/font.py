"""Writes font.ttf: one glyph, for `A`, four em wide. No other font has such a wide glyph."""

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

EM = 1000

pen = TTGlyphPen(None)
for point in [(0, 0), (0, 700), (4 * EM, 700), (4 * EM, 0)]:
    pen.moveTo(point) if point == (0, 0) else pen.lineTo(point)
pen.closePath()
bar = pen.glyph()

font = FontBuilder(EM, isTTF=True)
font.setupGlyphOrder([".notdef", "A"])
font.setupCharacterMap({ord("A"): "A"})
font.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "A": bar})
font.setupHorizontalMetrics({".notdef": (EM, 0), "A": (4 * EM, 0)})
font.setupHorizontalHeader(ascent=800, descent=-200)
font.setupNameTable({"familyName": "Omnicors Probe", "styleName": "Regular"})
font.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
font.setupPost()
# Reproducible: no timestamps.
font.updateHead(created=0, modified=0)
font.font.recalcTimestamp = False
font.save("font.ttf")
