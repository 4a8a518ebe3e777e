"""A PDF as evidence opens for whoever judges by it: a page and no password (ISO 32000-2, 7.5 and 7.6.4). What every
reader on a desk mends by itself is no reason to send a care worker away."""

import io
import zlib

import pikepdf
import pytest

from app.core.errors import Refused
from app.demonstration.document import pdf
from app.evidence.opening import NeedsPassword, NoPage, expect_opens
from tests.evidence.test_keep import keep, kept
from tests.factories.outcomes import make_delivery, make_participant

GOOD = pdf("letter.pdf", "The tenant lives here.").content
HTML = b"%PDF-1.4\n<html><body><h1>Contract</h1>/Type /Page /Type /Catalog</body></html>"


def written(**how):
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.save(out, **how)
    return out.getvalue()


def locked(user):
    """As an office program writes it: `user` is the password to open it, none where only changes are forbidden."""
    lock = pikepdf.Encryption(owner="owner", user=user, R=4, aes=True)
    return written(encryption=lock, object_stream_mode=pikepdf.ObjectStreamMode.disable)


OPENS = {
    "as it was made": lambda: GOOD,
    "packed": lambda: written(object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "more behind its end": lambda: GOOD + b"\n<!-- added by the mail -->",
    "its objects moved by a line": lambda: GOOD.replace(b"1 0 obj", b"% sent by mail\n1 0 obj", 1),
    "its ends of line changed": lambda: GOOD.replace(b"\n", b"\r\n"),
    "without where its table is": lambda: GOOD.replace(b"startxref", b"startnone"),
    "only printing is forbidden": lambda: locked(""),
}
CLOSED = {
    "a page of a browser": lambda: (HTML, NoPage),
    "nothing but its first bytes": lambda: (b"%PDF-1.7\n", NoPage),
    "broken off": lambda: (GOOD[: len(GOOD) * 2 // 3], NoPage),
    "a list of no pages": lambda: (GOOD.replace(b"/Type /Page ", b"/Type /Note "), NoPage),
    "a password to open it": lambda: (locked("secret"), NeedsPassword),
}


@pytest.mark.parametrize("made", OPENS.values(), ids=OPENS)
def test_what_opens_on_a_desk_is_kept(bond, claim, made):
    keep(bond, claim, made())
    assert len(kept(claim)) == 1


@pytest.mark.parametrize("made", CLOSED.values(), ids=CLOSED)
def test_what_nobody_can_open_is_refused_and_not_kept(bond, claim, made, store):
    content, why = made()
    with pytest.raises(why):
        expect_opens(content)
    with pytest.raises(Refused) as refused:
        keep(bond, claim, content)
    assert refused.value.field == "document"
    assert ("password" in str(refused.value.message)) == (why is NeedsPassword)
    assert kept(claim) == [] and not [path for path in store.rglob("*") if path.is_file()]


def test_the_page_says_it_at_the_field(bond, claim, browse):
    provider = browse(bond.provider)
    adding = provider.get_ok(f"/claims/{claim.id}/attach")
    answer = provider.submit(adding, {"document": (io.BytesIO(HTML), "contract.pdf")})
    assert answer.status_code == 422 and "cannot be opened as one" in answer.text
    assert kept(claim) == []


def test_a_password_is_no_fault_where_the_provider_keeps_the_document(browse, app):
    """The fingerprint is of what the provider opens and shows; a document that is kept here nobody could open."""
    bond = make_delivery()
    person, effect = make_participant(bond), bond.effect("work-13w")
    typed = {"effect": str(effect.id), "achieved_on": "2026-05-01", "quantity": "1", "evidence_type": "employer"}
    typed |= {"evidence_issuer": "employer", "evidence_on": "2026-05-02", "evidence_digest": ""}
    chosen = {"document": (io.BytesIO(locked("secret")), "contract.pdf")}
    assert browse(bond.provider).post_form(f"/participants/{person.id}/claim", typed | chosen).status_code == 303


def test_a_table_without_end_is_not_unfolded():
    bomb = zlib.compress(bytes(60 * 1024 * 1024))
    table = b"9 0 obj<</Type/XRef/Size 9/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(bomb)
    content = b"%PDF-1.7\n" + table + bomb + b"\nendstream endobj\nstartxref\n9\n%%EOF"
    with pytest.raises(NoPage):
        expect_opens(content)
