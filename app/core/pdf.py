"""Documents for people, as PDF/A-2a and PDF/UA-1: the same data give the same bytes, so that a hash proves one."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from flask import current_app

from app.core import clock

STANDARDS: Any = ["a-2a", "ua-1"]
UNKNOWN_SIGN = re.compile('the text `"(.+?)"` could not be displayed')


def pdf(template: str, data: dict[str, Any], lang: str, moment: datetime) -> bytes:
    """The document that `templates/<template>` (Typst) makes of `data`, in `lang`, dated `moment` (aware).

    `data` reaches the template as JSON, never as its source: whatever people typed stays text. A sign that the
    typeface lacks, such as an emoji, is written as its number in Unicode, so that no letter fails for it.
    """
    folder = Path(str(current_app.jinja_loader.searchpath[0]))  # type: ignore[union-attr]
    on = moment.astimezone(clock.LOCAL)
    told = data | {"lang": lang.split("_")[0], "date": [on.year, on.month, on.day]}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True)
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")  # joins emoji, turns the direction
    while True:
        try:
            return bytes(
                typst.compile(
                    str(folder / template),
                    root=str(folder),
                    sys_inputs={"data": text},
                    pdf_standards=STANDARDS,
                    ignore_system_fonts=True,
                    timestamp=int(moment.timestamp()),
                )
            )
        except typst.TypstError as error:
            lacking = signs_lacking(str(error)) & set(text)
            if not lacking:
                raise
            text = "".join(f"[U+{ord(sign):04X}]" if sign in lacking else sign for sign in text)


def signs_lacking(message: str) -> set[str]:
    """The signs that the compiler says the typeface lacks; ASCII it has, and JSON is written in it."""
    found = UNKNOWN_SIGN.search(message)
    told = re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), found[1]) if found else ""
    return {sign for sign in told if not sign.isascii()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a document: paragraphs, then facts (name, value), then a table (`head`, `rows`), all plain text."""

    title: str = ""
    paragraphs: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a letter or a record says. `author` is the party that speaks, `foot` stands under every page."""

    title: str
    author: str
    foot: str
    eyebrow: str = ""
    facts: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = ()
    keywords: Sequence[str] = ()  # of the file, not of the page


def pdf_of(document: Document, lang: str, moment: datetime) -> bytes:
    return pdf("_pdf/document.typ", asdict(document), lang, moment)
