"""The file that the demonstration lays with a call is a PDF that a reader can open (ISO 32000-2, 7.5.4)."""

import re

from app.demonstration.document import pdf


def test_the_table_says_where_each_object_begins(app):
    content = pdf("terms.pdf", "Eén plan (voor allen)", "100 % bewezen \\ betaald").content
    table = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", content)[1])
    assert content[table:].startswith(b"xref\n0 6\n")
    begins = [int(line[:10]) for line in re.findall(rb"\d{10} 00000 n ", content[table:])]
    assert [content[at : at + 7] for at in begins] == [b"%d 0 obj" % n for n in range(1, 6)]
    length = int(re.search(rb"/Length (\d+)", content)[1])
    stream = content.split(b"stream\n", 1)[1]
    assert stream[length:].startswith(b"\nendstream")
    assert rb"\(voor allen\)" in stream
