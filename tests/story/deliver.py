"""Step 7: participants under pseudonyms, effects with evidence, each decided by the assessor, and signed off."""

import hashlib

from app.demonstration.deliver import ISSUER
from app.demonstration.document import pdf
from app.demonstration.people import PASSWORD
from tests.story.person import Person
from tests.story.stage import WHEN, Stage

# municipality, first day, then effect, days after it, kind of evidence
PARTICIPANTS = (
    ("Gemeente Enschede", 5, (("Eigen woonplek betrokken", 40, "landlord"), ("Werk, 13 weken", 110, "employer"))),
    ("Gemeente Enschede", 9, (("Schuldregeling", 75, "creditor"),)),
    ("Gemeente Hengelo", 13, (("Eigen woonplek betrokken", 45, "landlord"), ("Schuldregeling", 90, "creditor"))),
)
METHOD = "Elk bewijsstuk is naast de regel van zijn effect gelegd."
STATEMENT = "Alle claims zijn beoordeeld op het bewijsstuk van de uitgever."


def register_participants(stage: Stage) -> None:
    """The intake is opened; the first is referred and screened, the others the provider found itself."""
    lead = stage["provider"]
    open_intake(stage)
    refer(stage, PARTICIPANTS[0][1] - 1)
    for number, (city, day, _effects) in enumerate(PARTICIPANTS):
        with stage.at(day):
            facts = {"age_band": "18-20", "started_on": WHEN.day(day).isoformat()}
            facts["informed_on"] = facts["started_on"]
            if number == 0:
                lead.open(stage.places["referral"])
                lead.follow("/referrals/*/start")
            else:
                lead.open(f"{stage.places['bond']}/participants")
                lead.follow("/programmes/*/participants/register")
                facts["municipality"] = city
            lead.fill(facts)
            stage.places[f"participant {number}"] = lead.is_at("/participants/*")
    for name in ("rival", "investor", "hengelo"):
        assert stage[name].status_of(stage.places["participant 0"]) in (403, 404), f"{name} reads about a person"


def open_intake(stage: Stage) -> None:
    official = stage["government"]
    with stage.at(1):
        stage["provider"].is_refused(f"{stage.places['bond']}/participants/register", 409)
        official.open(f"{stage.places['bond']}/intake")
        official.follow("/programmes/*/intake/open")
        official.fill({"legal_basis": "public_task", "scale": "five_steps", "key_keeper": "Stichting De Brugslag"})


def refer(stage: Stage, day: int) -> None:
    official, lead = stage["government"], stage["provider"]
    with stage.at(day):
        official.open(f"{stage.places['bond']}/intake")
        official.follow("/programmes/*/referrals/make")
        official.fill({"age_band": "18-20"})
        stage.places["referral"] = official.is_at("/referrals/*")
        lead.open(stage.places["referral"])
        lead.follow("/referrals/*/admit")
        lead.fill()


def claim_effects(stage: Stage) -> None:
    lead = stage["provider"]
    for number, (_city, day, effects) in enumerate(PARTICIPANTS):
        for effect, after, proof in effects:
            with stage.at(day + after + 3):
                lead.open(stage.places[f"participant {number}"])
                lead.follow("/participants/*/claim")
                claim(lead, effect, day + after, proof, pdf("proof.pdf", f"{effect} {number}").content)
                lead.follow("/claims/*/submit")
                lead.fill()
                stage.places[f"claim {number} {effect}"] = lead.is_at("/claims/*")


def claim(person: Person, effect: str, offset: int, proof: str, document: bytes) -> None:
    achieved = WHEN.day(offset).isoformat()
    form = {
        "effect": effect,
        "achieved_on": achieved,
        "evidence_type": proof,
        "evidence_issuer": ISSUER[proof],
        "evidence_on": achieved,
    }
    digest = hashlib.sha256(document).hexdigest()
    person.fill(form, expect=422)  # no evidence, no claim; what was typed stays
    if proof == "landlord":
        person.fill({"document": document})
    else:
        person.fill({"evidence_digest": digest})
    person.is_at("/claims/*")
    assert digest in person.read().replace(" ", "")


def decide_claims(stage: Stage) -> None:
    """One is asked about and one is rejected; the assessor sees evidence and codes, no names."""
    assessor = stage["assessor2"]
    questioned, rejected = "claim 0 Werk, 13 weken", "claim 1 Schuldregeling"
    with stage.at(182):
        assessor.wakes_to("/programmes/*/work-list")
        assert len(assessor.finds("/claims/*/judge")) == 5
        assessor.open(stage.places[questioned])
        assessor.follow("/claims/*/question")
        assessor.fill({"text": "Is de loonstrook van de volle periode?"})
        provider = stage["provider"]
        provider.open(stage.places[questioned])
        provider.follow("/claims/*/answer")
        provider.fill({"text": "Ja, van alle dertien weken."})
        stage["provider"].is_refused(f"{stage.places[questioned]}/verify", 403)
        for place, path in list(stage.places.items()):
            if not place.startswith("claim "):
                continue
            assessor.open(path)
            if place == rejected:
                assessor.follow("/claims/*/reject")
                assessor.fill({"reason": "no_evidence", "words": "Het stuk noemt de schuldeisers niet."})
            else:
                assessor.follow("/claims/*/verify")
                assessor.fill()
            assessor.is_at("/claims/*")


def sign_off(stage: Stage) -> None:
    assessor = stage["assessor"]
    with stage.at(183):
        assessor.open(f"{stage.places['bond']}/delivery")
        assessor.follow("/programmes/*/sign-off")
        assessor.fill({"method": METHOD, "statement": STATEMENT, "password": "not-my-password"}, expect=422)
        assert assessor.controls("statement")[0].value == STATEMENT  # nothing typed is lost, the password apart
        assert not assessor.controls("password")[0].value
        assessor.fill({"password": PASSWORD})
        stage.places["batch"] = assessor.is_at("/batches/*")
        assessor.sees(STATEMENT)
        assessor.sees(METHOD)
