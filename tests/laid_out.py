"""Where the cells of the tables of a PDF stand on the paper, read from the file itself: its tags say which text belongs
to which cell (ISO 32000-2, 14.7), its pages where each text begins, its typeface how wide every sign is."""

import io
from typing import Any, NamedTuple

import pikepdf


class Line(NamedTuple):
    """One run of text: page, height above the foot, and from where to where, in points."""

    page: int
    y: float
    left: float
    right: float


def rows_of(content: bytes) -> list[list[list[Line]]]:
    """Of every row of every table with a head, the runs of text of each cell."""
    with pikepdf.open(io.BytesIO(content)) as document:
        texts = {}
        for number, page in enumerate(document.pages):
            for mark, line in _texts(page, number):
                texts.setdefault((page.objgen, mark), []).append(line)
        rows = [row for table in _found(document.Root.StructTreeRoot, "/Table") for row in _found(table, "/TR")]
        return [[_lines(cell, texts) for cell in row.K] for row in rows if _has_head(row)]


def _texts(page: Any, number: int) -> Any:
    widths = {str(name): _widths(font.DescendantFonts[0].W) for name, font in page.Resources.Font.items()}
    mark, x, y, kept, font, size = -1, 0.0, 0.0, [], "", 0.0
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC":
                mark = int(operands[1].get("/MCID", -1))
            case "q":
                kept.append((x, y))
            case "Q":
                x, y = kept.pop()
            case "cm":
                x, y = x + float(operands[4]), y + float(operands[5])
            case "Tf":
                font, size = str(operands[0]), float(operands[1])
            case "Tj" | "TJ":
                shown = operands[0] if str(operator) == "TJ" else [operands[0]]
                wide = sum(_width(piece, widths[font]) for piece in shown)
                yield mark, Line(number, y, x, x + wide * size / 1000)


def _width(piece: Any, widths: dict[int, float]) -> float:
    if not isinstance(piece, pikepdf.String):
        return -float(piece)
    signs = bytes(piece)
    return sum(widths.get(int.from_bytes(signs[at : at + 2], "big"), 0) for at in range(0, len(signs), 2))


def _widths(told: Any) -> dict[int, float]:
    """`first [widths …]` or `first last width`, as often as needed (ISO 32000-2, 9.7.4.3)."""
    found, rest = {}, list(told)
    while rest:
        first, then = int(rest.pop(0)), rest.pop(0)
        if isinstance(then, pikepdf.Array):
            found |= {first + at: float(width) for at, width in enumerate(then)}
        else:
            found |= dict.fromkeys(range(first, int(then) + 1), float(rest.pop(0)))
    return found


def _found(node: Any, kind: str) -> Any:
    below = node.get("/K") if isinstance(node, pikepdf.Dictionary) else None
    for one in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(one, pikepdf.Dictionary):
            if one.get("/S") == kind:
                yield one
            else:
                yield from _found(one, kind)


def _has_head(row: Any) -> bool:
    return row.P.get("/S") in ("/THead", "/TBody")


def _lines(cell: Any, texts: dict[Any, list[Line]]) -> list[Line]:
    found = cell.get("/K")
    page = cell.get("/Pg")
    lines: list[Line] = []
    for one in found if isinstance(found, pikepdf.Array) else [found]:
        if isinstance(one, int):
            lines += texts.get((page.objgen, one), [])
        elif isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/MCR":
            lines += texts.get((one.Pg.objgen, int(one.MCID)), [])
        elif isinstance(one, pikepdf.Dictionary):
            lines += _lines(one, texts)
    return lines
