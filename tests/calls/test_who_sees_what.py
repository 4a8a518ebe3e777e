"""Who sees what of a bidder, in every state of a call: on every page that could show it, and in what they are told.

What is looked for, each by words that stand nowhere else:

    c  what the call asks                       (a draft is for the governments of the bond alone)
    n  the name of the bidder Bridge, the later winner
    o  the name of the other bidder, Rival
    t  the text of the plan of Bridge
    d  the discount of Bridge
    s  what the second scorer gave, and why
    a  what the committee agreed on Bridge, and why
    r  the reasons of the decision for Bridge
    p  the total of Bridge, which gives its place

The table follows from the rules, not from the pages:

- before the deadline nobody outside a consortium learns who bids, and nobody but its partners reads a draft and what
  it asks in money; from handing in to the opening nobody at all reads a plan (its own copy asks for the passphrase of
  the consortium); art. 2.108 Aw;
- who judges declares on the names of the bidders alone before any file is visible, officials of the leading
  municipality too; a conflict of interest closes everything but those names, at once and for good;
- each scorer locks alone: until all have, nobody sees what another gave, auditors included;
- the discount is opened when quality is frozen (domain, section 6);
- a letter holds the scores of its own bidder and of the winner, never of a third (art. 2.130 Aw): Rival learns who won,
  Bridge does not learn who lost;
- the sent decision is for every official of the leading municipality, who decides on objections to it, and so is the
  file of the call once the award is final; the public then learns who won, and nothing else;
- no administrator and no investor ever sees more than the public does; the other government of the bond only
  the draft of the call;
- cancelled before the opening, plans stay sealed; stopped after it (here while the committee agrees), whoever judged
  can still account for it, and nobody learns more.
"""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.awards.models import Letter
from app.awards.operations import decide_award, digest_of_all, drafts, finalise_award, review_letters
from app.calls.operations import cancel_call, close_call
from app.calls.states import CallState
from app.consortia.states import ConsortiumState, PartnerState
from app.core import clock
from app.core.errors import NotNow
from app.evaluation.consensus_operations import freeze_quality, record_meeting, set_consensus
from app.evaluation.discount_operations import consent_to_open_discounts
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.opening_operations import consent_to_open
from app.evaluation.operations import declare_conflict, give_score, lock_scores, release_scorer
from app.evaluation.screening_operations import admit_clean
from app.evaluation.states import Release
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.models import Part
from app.proposals.states import ProposalState
from tests.conftest import browser_of
from tests.factories.calls import make_provider
from tests.factories.consortia import add_partner
from tests.factories.evaluation import make_bidder, make_tender, marks, prove, with_discount, write_all
from tests.factories.keys import passphrase_of
from tests.factories.people import make_user
from tests.factories.programmes import make_party, make_programme

STATES = ["draft", "open", "sealed", "opened", "declared", "scoring", "consensus", "frozen"]
STATES += ["decided", "final", "cancelled", "stopped"]
SEES = """
                    draft open sealed opened declared scoring consensus frozen    decided   final     cancelled stopped
public              -     c    c      c      c        c       c         c         c         cn        c         c
administrator       -     c    c      c      c        c       c         c         c         cn        c         c
investor            -     c    c      c      c        c       c         c         c         cn        c         c
other government    c     c    c      c      c        c       c         c         cnorp     cnorp     c         c
own lead            -     cntd cn     cn     cn       cn      cn        cn        cnarp     cnarp     cn        cn
own partner         -     cntd cn     cn     cn       cn      cn        cn        cnarp     cnarp     cn        cn
invited             -     cn   cn     cn     cn       cn      cn        cn        cn        cn        cn        cn
rival               -     co   co     co     co       co      co        co        cnop      cnop      co        co
opener cleared      c     c    c      cno    cnot     cnot    cnotsa    cnotdsarp cnotdsarp cnotdsarp c         cnotsa
opener undeclared   c     c    c      cno    cno      cno     cno       cno       cnoarp    cnotdsarp c         cno
scorer cleared      -     c    c      cno    cnot     cnot    cnotsa    cnotdsap  cnotdsarp cnotdsarp c         cnotsa
scorer undeclared   -     c    c      cno    cno      cno     c         c         c         cn        c         c
scorer conflicted   -     c    c      cno    cno      cno     cno       cno       cno       cno       c         cno
official cleared    c     c    c      cno    cno      cno     cnosa     cnodsarp  cnodsarp  cnotdsarp c         cnotsa
official undeclared c     c    c      cno    cno      cno     cno       cno       cnoarp    cnotdsarp c         cno
official conflicted c     c    c      cno    cno      cno     cno       cno       cno       cno       c         cno
auditor             -     c    c      cnot   cnot     cnot    cnotsa    cnotdsarp cnotdsarp cnotdsarp c         cnotsa
"""
WORDS = {
    "c": "Asked in call 4406",
    "n": "Bridge 7741",
    "o": "Rival 9182",
    "t": "One mentor for each, plan 5513",
    "d": r"\b4[.,]37\b|\b437\b",
    "s": "The second scorer found this 3327",
    "a": "Together we agreed on this 8864",
    "r": "Chosen for the reason 2295",
    "p": r"\b9[.,]20\b",  # 50 x 9 + 30 x 9 + 20 x 10, in hundredths
}
PAGES = {
    "call": [
        "",
        "/plan",
        "/terms",
        "/questions",
        "/consortia",
        "/partners",
        "/evaluation",
        "/evaluation/open",
        "/award",
        "/file",
        "/file.zip",
    ],
    "programme": ["/calls", "/trail", "/trail.csv"],
    "consortium": ["", "/coverage", "/plan", "/proposal", "/proposal/approach", "/proposal/_discount", "/part"],
    "proposal": ["", "/confirm", "/read", "/withdraw"],
    "evaluation": [
        *("/opening", "/declare", "/screening", "/scores", "/meetings", "/freeze", "/sensitivity", "/prices", "/lots"),
        *("/reasons", "/letters", "/letters/review", "/decide", "/decision", "/object", "/proofs", "/record"),
    ],
    "opened": ["", "/screen", "/score", "/consensus"],
    "letter": [""],
}
PLACES = {"programme": "programmes", "consortium": "consortia", "opened": "opened"}
EVERYWHERE = ["/home", "/inbox", "/calls/", "/results", "/organisations"]


def expected():
    """{state: {persona: set of letters}}, as the table says."""
    rows = SEES.strip("\n").splitlines()
    assert rows[0].split() == STATES
    table = {row[:20].strip(): row[20:].split() for row in rows[1:]}
    return {state: {who: set(cells[n]) - {"-"} for who, cells in table.items()} for n, state in enumerate(STATES)}


def steps_to(state):
    """What happened to a call before it is in this state."""
    if state in ("cancelled", "stopped"):
        return [*steps_to("sealed" if state == "cancelled" else "consensus"), state]
    return [one for one in STATES[1 : STATES.index(state) + 1] if one != "open" or state == "open"]


class Scene:
    """One call, brought as far as `state`; every step by the people who take it."""

    def __init__(self, state):
        self.programme = make_programme()
        self.bridge = self.rival = self.invited = None
        self.parties = {part: make_user(make_party(self.programme, part)) for part in (Part.AUDITOR, Part.INVESTOR)}
        self.other = make_user(make_party(self.programme, Part.GOVERNMENT))
        is_open = state in ("draft", "open")
        deadline = clock.now() + (timedelta(days=30) if is_open else timedelta(hours=-1))
        facts = {"deadline": deadline, "description": WORDS["c"], "criteria": with_discount()}
        if state == "draft":
            facts["state"] = CallState.DRAFT
        self.tender = make_tender(bidders=0, scorers=5, programme=self.programme, **facts)
        self.call, self.idle = self.tender.call, make_user(self.programme.lead)
        self.cousin = make_user(self.programme.lead)
        for step in steps_to(state):
            getattr(self, step)()
        db.session.expire_all()

    def persons(self):
        tender = self.tender
        outsider = make_user(make_provider())
        return {
            "public": None,
            "administrator": make_user(is_admin=True),
            "investor": self.parties[Part.INVESTOR],
            "other government": self.other,
            "own lead": self.bridge.lead if self.bridge else outsider,
            "own partner": self.bridge.partner if self.bridge else outsider,
            "invited": self.invited or outsider,
            "rival": self.rival.lead if self.rival else outsider,
            "opener cleared": tender.openers[0],
            "opener undeclared": tender.openers[2],
            "scorer cleared": tender.scorers[0],
            "scorer undeclared": tender.scorers[4],
            "scorer conflicted": tender.scorers[3],
            "official cleared": tender.official,
            "official undeclared": self.idle,
            "official conflicted": self.cousin,
            "auditor": self.parties[Part.AUDITOR],
        }

    def bid(self, state):
        self.bridge = make_bidder(self.call, state=state, secret=WORDS["t"], discount_bp=437)
        self.rival = make_bidder(self.call, state=state, discount_bp=200)
        self.tender.bidders = [self.bridge, self.rival]
        for bidder, letter in ((self.bridge, "n"), (self.rival, "o")):
            bidder.consortium.name = WORDS[letter]
        self.invited = make_user(guest := make_provider())
        add_partner(self.bridge.consortium, guest, PartnerState.INVITED)

    def open(self):
        self.bid(ProposalState.DRAFT)
        for bidder in self.tender.bidders:
            bidder.consortium.state = ConsortiumState.FORMING
        db.session.commit()

    def sealed(self):
        self.bid(ProposalState.SUBMITTED)
        close_call(self.call)

    def opened(self):
        for opener in self.tender.openers[:2]:
            consent_to_open(self.call, passphrase_of(opener), actor=opener)

    def declared(self):
        tender, evaluation = self.tender, self.tender.evaluation
        for person in (*tender.openers[:2], tender.official, *tender.scorers[:3]):
            declare_conflict(evaluation, False, "", actor=person)
        for person in (tender.scorers[3], self.cousin):
            declare_conflict(evaluation, True, "A cousin.", actor=person)
        admit_clean(evaluation, actor=tender.openers[0])

    def scoring(self):
        """The second scorer has locked, the first and the third have not."""
        for number, scorer in enumerate(self.tender.scorers[:3]):
            words = WORDS["s"] if number == 1 else "Fine."
            for opened in self.tender.evaluation.opened:
                give_score(opened, marks(self.call, 7, 7, motivation=words), actor=scorer)
        lock_scores(self.tender.evaluation, actor=self.tender.scorers[1])

    def consensus(self):
        """Who never declares is released; the others lock and agree."""
        tender, evaluation = self.tender, self.tender.evaluation
        release_scorer(evaluation, tender.scorers[4], Release.NO_ANSWER, actor=tender.official)
        for scorer in (tender.scorers[0], tender.scorers[2]):
            lock_scores(evaluation, actor=scorer)
        for bidder, points, words in ((self.bridge, 9, WORDS["a"]), (self.rival, 5, "Thin.")):
            given = marks(self.call, points, points, motivation=words)
            set_consensus(tender.opened_of(bidder), given, actor=tender.scorers[0])

    def frozen(self):
        """With the discounts opened, the reasons written and the letters reviewed: nothing is sent."""
        tender, evaluation = self.tender, self.tender.evaluation
        present = evaluation.active_scorers()
        record_meeting(evaluation, clock.today(), present, "All agree.", "", actor=present[0])
        freeze_quality(evaluation, actor=tender.official)
        for opener in tender.openers[:2]:
            consent_to_open_discounts(evaluation, passphrase_of(opener), actor=opener)
        reasons = {tender.opened_of(self.bridge).id: WORDS["r"], tender.opened_of(self.rival).id: "Less complete."}
        write_all(evaluation, reasons, actor=tender.official)
        review_letters(evaluation, digest_of_all(drafts(evaluation)), actor=tender.openers[0])

    def decided(self):
        decide_award(self.tender.evaluation, actor=self.tender.official)

    def final(self):
        evaluation = self.tender.evaluation
        prove(self.tender)
        with clock.at(clock.local(evaluation.standstill_until + timedelta(days=1), 9)):
            finalise_award(evaluation, actor=self.tender.official)

    def cancelled(self):
        cancel_call(self.call, "The council withdrew the money.", actor=self.tender.official)
        with pytest.raises(NotNow):
            consent_to_open(self.call, passphrase_of(self.tender.openers[0]), actor=self.tender.openers[0])

    def stopped(self):
        cancel_call(self.call, "The council withdrew the money.", actor=self.tender.official)
        with pytest.raises(NotNow):
            freeze_quality(self.tender.evaluation, actor=self.tender.official)

    def addresses(self):
        """Every page about a thing of Bridge, and about the call."""
        things = {"call": [self.call.id], "programme": [self.programme.id]}
        if self.bridge is not None:
            things |= {"consortium": [self.bridge.consortium.id], "proposal": [self.bridge.proposal.id]}
        found = db.select(Evaluation.id).filter_by(call_id=self.call.id)
        things["evaluation"] = list(db.session.scalars(found))
        if self.bridge is not None:
            plans = db.select(OpenedProposal.id).filter_by(consortium_id=self.bridge.consortium.id)
            things["opened"] = list(db.session.scalars(plans))
            things["letter"] = list(db.session.scalars(db.select(Letter.id).where(Letter.opened_id.in_(plans))))
        for kind, ids in things.items():
            place = PLACES.get(kind, f"{kind}s")
            yield from (f"/{place}/{one}{page}" for one in ids for page in PAGES[kind])
        yield from EVERYWHERE


@pytest.mark.parametrize("state", STATES)
def test_everybody_sees_this_and_nothing_else(app, state):
    scene = Scene(state)
    addresses = list(scene.addresses())
    wrong = []
    for who, person in scene.persons().items():
        seen = seen_by(app, person, addresses)
        wanted = expected()[state][who]
        wrong += [f"{who} sees {letter} on {seen[letter]}" for letter in sorted(set(seen) - wanted)]
        wrong += [f"{who} does not see {letter}" for letter in sorted(wanted - set(seen))]
    assert not wrong, "\n".join(wrong)


def seen_by(app, person, addresses):
    """The first address, or the mail, that shows each thing to this person."""
    seen = {}
    browser = browser_of(app, person, FlaskClient)
    for address in addresses:
        with app.app_context():
            answer = browser.get(address)
        if answer.status_code != 200:
            continue
        note(seen, text_of(answer), address)
    if person is not None:
        told = db.session.scalars(db.select(Notification).filter_by(address=person.email))
        for notice in told:
            note(seen, f"{notice.title}\n{notice.body}", f"the notice {notice.action}")
    return seen


def text_of(answer):
    if answer.mimetype != "application/zip":
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


def note(seen, text, place):
    for letter, words in WORDS.items():
        if letter not in seen and re.search(words, text):
            seen[letter] = place
