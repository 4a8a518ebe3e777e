"""Steps 3 and 4: the call, a question, two consortia, and one sealed plan of each."""

import re

from app.consortia.parts import Statement
from app.demonstration.content import CRITERIA
from app.demonstration.tender import PLAN, RIVAL_PLAN
from tests.story.person import Person
from tests.story.stage import WHEN, Stage

QUESTION = "Telt een leerwerktraject van 24 uur per week mee als werk?"
ANSWER = "Ja, als er een arbeidsovereenkomst is; de loonstrook is het bewijsstuk."
OPENERS = {"government": "Marijke ten Brink", "official2": "Bas Wolters", "hengelo": "Saskia Oude Elferink"}
DECLARED = {statement.value: "clear" for statement in Statement}
SCORERS = ("Wim Scholten", "Nadia El Idrissi", "Gert Jansen")


def publish_call(stage: Stage) -> None:
    official = stage["government"]
    form = {
        "title": "Oproep SIB Jongvolwassenen",
        "description": "Eén plan voor zeventig jongvolwassenen; betaald wordt per bewezen effect.",
        "requirements": "Ervaring met de doelgroep.",
        "questions_until": f"{WHEN.day(-185)}T17:00",
        "deadline": f"{WHEN.day(-165)}T12:00",
        "free_day": "keep",  # whatever the day of the week is then
        "standstill_days": 20,
    }
    criteria = {}
    for number, (name, words, weight) in enumerate(CRITERIA):
        criteria |= {f"criteria-{number}-name": name, f"criteria-{number}-description": words}
        criteria |= {f"criteria-{number}-weight": weight}
    committee = {f"openers-{number}": name for number, name in enumerate(OPENERS.values())}
    committee |= {f"scorers-{number}": name for number, name in enumerate(SCORERS)}
    with stage.at(-215):
        official.open(f"{stage.places['bond']}/calls/draft")
        official.fill(form)
        stage.places["call"] = official.is_at("/calls/*")
        official.follow("/calls/*/criteria")
        official.fill(criteria | {"criteria-0-weight": 50}, expect=422)  # together 110, not 100
        official.fill({"criteria-0-weight": 40})
        official.follow("/calls/*/committee")
        official.fill(committee)
        official.follow("/calls/*/contacts", "/calls/*/contacts/add")
        official.fill({"name": "Inkoop sociaal domein", "address": "inkoop@enschede.example"})
        stage["rival"].is_refused(stage.places["call"], 404)
        make_opening_keys(stage)
        second = stage["official2"]
        second.open(stage.places["call"])
        second.follow("/calls/*/publish")
        second.fill()


def make_opening_keys(stage: Stage) -> None:
    """Each notes the passphrase that is shown once, and types it back."""
    for name in OPENERS:
        stage[name].wakes_to("/calls/*/opening-key")
        stage.passphrases[name] = note_passphrase(stage[name])
    assert len(set(stage.passphrases.values())) == len(OPENERS)


def note_passphrase(person: Person) -> str:
    """What the page shows, typed back; a slip first, as people make them."""
    shown = re.search(r"\b(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}\b", person.read())
    assert shown, f"{person}: no passphrase is shown"
    person.fill({"passphrase": shown[0][:-1]}, expect=422)
    person.sees(shown[0])
    person.fill({"passphrase": shown[0].lower().replace("-", " ")})
    return shown[0]


def ask_and_answer(stage: Stage) -> None:
    with stage.at(-205):
        rival = stage["rival"]
        rival.open("/calls/")
        rival.follow("/calls/*")
        rival.follow("/calls/*/ask")
        rival.fill({"text": QUESTION})
    with stage.at(-200):
        official = stage["government"]
        official.wakes_to("/calls/*/questions")
        official.follow("/questions/*/answer")
        official.fill({"answer": ANSWER})
        stage["provider"].open(stage.places["call"] + "/questions")
        stage["provider"].does_not_see(ANSWER)  # not before everybody gets it
        official.follow("/calls/*/notas/publish")
        official.fill()
    stage["provider"].open(stage.places["call"] + "/questions")
    stage["provider"].sees(QUESTION, ANSWER)  # answers go to all
    stage["provider"].does_not_see("Coöperatie Kansrijk Oost")  # and nobody hears who asked


def form_consortia(stage: Stage) -> None:
    with stage.at(-195):
        lead = stage["provider"]
        lead.open(stage.places["call"])
        lead.follow("/calls/*/consortia", "/calls/*/consortia/form")
        part = {"role": "Penvoerder", "contribution": "Begeleiding en werk.", "life_domains": ["work", "income"]}
        lead.fill({"name": "Samen Verder Twente"} | part)
        stage.places["consortium"] = lead.is_at("/consortia/*")
        say_the_rest(lead, 60)
        lead.follow("/consortia/*/invite")
        lead.fill({"organisation": "Thuishaven Twente"})
    with stage.at(-193):
        partner = stage["partner"]
        partner.wakes_to("/consortia/*")
        partner.follow("/consortia/*/accept")
        part = {"role": "Wonen", "contribution": "Wonen en gezin.", "life_domains": ["home", "family"]}
        partner.fill(part | DECLARED)
        partner.is_at("/consortia/*")
        partner.follow("/consortia/*/shares")
        partner.fill({"all_work": 40, "all_money": 40})
    with stage.at(-190):
        rival = stage["rival"]
        rival.open(f"{stage.places['call']}/consortia")
        rival.follow("/calls/*/consortia/form")
        part = {"role": "Penvoerder", "contribution": "Het gehele traject.", "life_domains": ["work", "education"]}
        rival.fill({"name": "Kansrijk"} | part)
        stage.places["rival consortium"] = rival.is_at("/consortia/*")
        say_the_rest(rival, 100)
    rival.is_refused(stage.places["consortium"], 404)


def say_the_rest(person: Person, share: int) -> None:
    """Each organisation declares for itself, and says which share it has in the effects."""
    person.follow("/consortia/*/declare")
    person.fill(DECLARED)
    person.follow("/consortia/*/shares")
    person.fill({"all_work": share, "all_money": share})


def hand_in_plans(stage: Stage) -> None:
    lead, partner, rival = stage["provider"], stage["partner"], stage["rival"]
    with stage.at(-172):
        lead.open(stage.places["consortium"])
        write_plan(lead, PLAN, volumes(50, 42, 34, 40))
        lead.open(stage.places["consortium"])
        lead.follow("/consortia/*/plan")
        stage.places["plan"] = lead.is_at("/proposals/*")
        lead.sees("Eén vaste begeleider")
        partner.open(stage.places["plan"])
        for one in (partner, lead):
            one.open(stage.places["plan"])
            one.follow("/proposals/*/confirm")
            one.fill()
        lead.follow("/proposals/*/submit")
        stage.passphrases["provider"] = note_passphrase(lead)
        lead.is_at("/proposals/*")
        lead.does_not_see("Eén vaste begeleider")  # the portal itself cannot show it any more
        partner.open(stage.places["plan"])
        partner.follow("/proposals/*/read")
        partner.fill({"passphrase": stage.passphrases["provider"]})
        partner.sees("Eén vaste begeleider")
    with stage.at(-166):
        rival.open(stage.places["rival consortium"])
        write_plan(rival, RIVAL_PLAN, volumes(25, 20, 17, 20))
        rival.open(stage.places["rival consortium"])
        rival.follow("/consortia/*/plan")
        rival.follow("/proposals/*/confirm")
        rival.fill()
        rival.follow("/proposals/*/submit")
        stage.passphrases["rival"] = note_passphrase(rival)
        stage.places["rival plan"] = rival.is_at("/proposals/*")


def write_plan(person: Person, answers: dict[str, str], numbers: dict[str, int]) -> None:
    """Piece by piece, as the page of the draft lists them."""
    person.follow("/consortia/*/plan")
    pieces = person.finds("/consortia/*/proposal/*")
    assert len(pieces) == len(answers) + 1
    for piece in pieces:
        person.go(piece)
        key = piece.rpartition("/")[2]
        person.fill({"answer": answers[key]} if key in answers else numbers, button=None)


def volumes(start: int, stay: int, work: int, debt: int) -> dict[str, int]:
    return {
        "volume-home-start": start,
        "volume-home-3m": stay,
        "volume-work-13w": work,
        "volume-debt-plan": debt,
    }


def stay_sealed(stage: Stage) -> None:
    """Until the deadline nobody but the consortium itself sees that there is a plan."""
    with stage.at(-165, 11):
        for name in ("government", "hengelo", "admin", "auditor", "intermediary", "scorer1", "rival", "investor"):
            stage[name].is_refused(stage.places["plan"], 404)
            stage[name].is_refused(stage.places["consortium"], 404)
        stage["provider"].is_refused(stage.places["rival plan"], 404)
        stage["government"].is_refused(f"{stage.places['call']}/evaluation/open", 409)
