"""The checking test client finds what it is there to find, and sends what a browser would."""

import io
from collections.abc import Iterator

import pytest
from flask import Flask, redirect, request

from tests import page_rules
from tests.browser import Browser, soup

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Bond</title></head>
<body><header><form method="post" action="/sign-out"><input type="hidden" name="csrf_token" value="t">
<button>Out</button></form></header><main><h1>Bond</h1>{}</main></body></html>
"""
FORM = """
<form method="post" action="/offer?step=2" enctype="multipart/form-data">
<input type="hidden" name="csrf_token" value="secret">
<label>Amount <input name="amount" value="12.50"></label>
<label for="why">Why</label><textarea id="why" name="why">
 two
lines</textarea>
<label>Town <select name="town"><option value="">-</option><option value="e" selected>Enschede</option>
<option value="h">Hengelo</option></select></label>
<label><input type="checkbox" name="agree" value="yes"> Agree</label>
<label><input type="radio" name="side" value="left" checked> Left</label>
<label><input type="radio" name="side" value="right"> Right</label>
<label>Fixed <input name="fixed" value="1" readonly></label>
<label>Off <input name="off" value="1" disabled></label>
<label>Plan <input type="file" name="plan"></label>
<button name="act" value="save">Save</button><button name="act" value="send" formaction="/send">Send</button>
</form>
"""
SECOND = """<form method="post" action="/note" id="note"><input type="hidden" name="csrf_token" value="t">
<label>Note <input name="note"></label><button>Add</button></form>"""


@pytest.fixture
def client() -> Browser:
    app = Flask(__name__)
    app.test_client_class = Browser
    pages = {
        "form": FORM,
        "two": FORM + SECOND,
        "twins": FORM + FORM.replace("why", "wherefore"),
        "search": '<form action="/got"><label>For <input name="q"></label><button>Go</button></form>',
        "no-button": FORM[: FORM.index("<button")] + "</form>",
        "links": '<a href="/form?a=1">Offer</a>',
    }
    app.add_url_rule("/<name>", "page", lambda name: PAGE.format(pages[name]))
    app.add_url_rule("/bare", "bare", lambda: request.args["html"], methods=["GET", "POST"])

    def got() -> dict:
        files = {name: file.read().decode() for name, file in request.files.items()}
        return {"path": request.full_path, "form": request.form.to_dict(flat=False), "files": files}

    for path in ("/offer", "/send", "/note", "/got"):
        app.add_url_rule(path, path, got, methods=["GET", "POST"])
    app.add_url_rule("/done", "done", lambda: redirect("/form", 303), methods=["GET", "POST"])
    app.add_url_rule("/broken", "broken", lambda: (PAGE.replace("<h1>Bond</h1>", ""), 500))
    return app.test_client()


BAD = {
    "not valid HTML": PAGE.format("<p><div></p>"),
    "expected-doctype": PAGE.format("").replace("<!doctype html>", ""),
    "no lang": PAGE.format("").replace(' lang="en"', ""),
    "<title> is missing or empty": PAGE.format("").replace("<title>Bond", "<title> "),
    "0 <h1>": PAGE.format("").replace("h1>", "h2>"),
    "2 <h1>": PAGE.format("<h1>Twice</h1>"),
    "a level is skipped": PAGE.format("<h2>Two</h2><h4>Four</h4>"),
    "occurs 2 times": PAGE.format('<p id="a">1</p><p id="a">2</p>'),
    "has no label": PAGE.format('<form><input name="q"><button>Go</button></form>'),
    "has no csrf_token": PAGE.format('<form method="post"><button>Go</button></form>'),
    "not multipart": PAGE.format(FORM.replace(' enctype="multipart/form-data"', "")),
    "inline <style> is blocked": PAGE.format("").replace("</title>", "</title><style>p {}</style>"),
    "inline <script> without nonce": PAGE.format("<script>1</script>"),
    'style="color: red"': PAGE.format('<p style="color: red">x</p>'),
    'onclick="go()"': PAGE.format('<button type="button" onclick="go()">x</button>'),
    "javascript:": PAGE.format('<a href="javascript:go()">x</a>'),
    "never filled in": PAGE.format("<p>{{ bond.name }}</p>"),
    "%(name)s": PAGE.format("<p>Dear %(name)s</p>"),
    "names nothing": PAGE.format('<p aria-describedby="gone">x</p>'),
    "has no alt": PAGE.format('<img src="/logo.svg">'),
    "has no text": PAGE.format('<a href="/form"></a>'),
}


@pytest.mark.parametrize("reason", BAD)
def test_a_bad_page_fails_and_says_why(client: Browser, reason: str) -> None:
    with pytest.raises(AssertionError) as failure:
        client.get("/bare", query_string={"html": BAD[reason]})
    assert reason in str(failure.value)
    assert "GET /bare" in str(failure.value)


@pytest.mark.parametrize(
    "body",
    [
        '<script type="application/json">{"a": {"b": 1}}</script><script nonce="n">1</script>',
        '<script src="/a.js"></script>',
        '<label for="q">Q</label><input id="q"><input aria-label="R"><input type="hidden" name="s">',
        '<svg role="img" aria-label="Chart" viewBox="0 0 1 1"><title>Chart</title><path d="M0 0"/></svg>',
        "<h2>A</h2><h3>B</h3><h2>C</h2><dialog><p>x</p></dialog><details><summary>More</summary>x</details>",
    ],
)
def test_a_good_page_passes(client: Browser, body: str) -> None:
    assert client.get("/bare", query_string={"html": PAGE.format(body)}).status_code == 200


def test_a_fault_in_a_page_of_a_known_shape_is_still_found(client: Browser) -> None:
    """Shapes are remembered; ids and words that were not filled in are looked at every time."""
    rows = '<p id="row-{}">{}</p><p id="row-{}">x</p>'
    client.get("/bare", query_string={"html": PAGE.format(rows.format(1, "x", 2))})
    client.get("/bare", query_string={"html": PAGE.format("<h2>x</h2><h3>x</h3>")})
    for html in (rows.format(3, "x", 3), rows.format(1, "{{ x }}", 2), "<h2>x</h2><h4>x</h4>"):
        with pytest.raises(AssertionError):
            client.get("/bare", query_string={"html": PAGE.format(html)})


def test_an_error_page_is_checked_too(client: Browser) -> None:
    with pytest.raises(AssertionError, match="500"):
        client.get("/broken")


def test_a_part_for_htmx_is_checked_as_a_part(client: Browser) -> None:
    part = {"html": '<tr><td id="a">x</td></tr>'}
    htmx = {"HX-Request": "true"}
    assert client.get("/bare", query_string={"html": "<p>x</p>"}, headers=htmx).status_code == 200
    with pytest.raises(AssertionError, match="occurs 2 times"):
        client.get("/bare", query_string={"html": part["html"] * 2}, headers=htmx)


def test_a_form_sends_what_stands_in_it(client: Browser) -> None:
    answer = client.post_form("/form").json
    assert answer["path"] == "/offer?step=2"
    assert answer["form"] == {
        "csrf_token": ["secret"],
        "amount": ["12.50"],
        "why": [" two\r\nlines"],
        "town": ["e"],
        "side": ["left"],
        "fixed": ["1"],
        "act": ["save"],
    }


def test_a_form_is_filled_in(client: Browser) -> None:
    data = {"amount": 7, "town": "h", "agree": True, "side": "right", "plan": (io.BytesIO(b"%PDF"), "plan.pdf")}
    answer = client.post_form("/form", data, button="Send").json
    assert answer["path"] == "/send?"
    assert answer["files"] == {"plan": "%PDF"}
    expected = {"amount": ["7"], "town": ["h"], "agree": ["yes"], "side": ["right"], "act": ["send"]}
    assert {name: answer["form"][name] for name in expected} == expected


@pytest.mark.parametrize(
    "data", [{"unknown": "x"}, {"town": "Delft"}, {"side": "up"}, {"fixed": "2"}, {"off": "2"}, {"agree": "no"}]
)
def test_what_a_browser_cannot_send_is_an_error_unless_forged(client: Browser, data: dict) -> None:
    with pytest.raises(AssertionError):
        client.post_form("/form", data)
    sent = client.post_form("/form", data, forged=True).json["form"]
    assert {name: sent[name] for name in data} == {name: [value] for name, value in data.items()}


def test_one_of_several_forms(client: Browser) -> None:
    assert client.post_form("/two", {"note": "hello"}).json["path"] == "/note?"
    assert client.post_form("/two", {"note": "hello"}, action="note").json["path"] == "/note?"
    assert client.post_form("/two", {"amount": "1"}, action="/offer").json["form"]["amount"] == ["1"]
    with pytest.raises(AssertionError, match="2 forms fit"):
        client.post_form("/twins", {"amount": "1"})
    with pytest.raises(AssertionError, match="no button"):
        client.post_form("/no-button", {})


def test_a_search_form_is_a_get(client: Browser) -> None:
    page = client.get_ok("/search")
    assert client.submit(page, {"q": "Twente"}, action="/got").json["path"] == "/got?q=Twente"


def test_following(client: Browser) -> None:
    assert soup(client.follow(client.get("/done"))).h1.text == "Bond"
    assert client.click(client.get_ok("/links"), "Offer").request.full_path == "/form?a=1"
    with pytest.raises(AssertionError, match="0 links"):
        client.click(client.get_ok("/links"), "Nothing")
    with pytest.raises(AssertionError, match="303"):
        client.get_ok("/done")


def test_checking_costs_little(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of a known shape is not parsed again, whatever its words; one of another shape is."""
    parsed = []
    strictly = page_rules._parsed_problems

    def watched(html: str, whole: bool) -> Iterator[str]:
        parsed.append(html)
        return strictly(html, whole)

    monkeypatch.setattr(page_rules, "_parsed_problems", watched)
    monkeypatch.setattr(page_rules, "_known_good", set())
    for word in ("one", "two", "three"):
        client.get("/bare", query_string={"html": PAGE.format(f"<p>{word}</p>" * 50)})
    assert len(parsed) == 1
    client.get("/bare", query_string={"html": PAGE.format("<p>word</p>" * 51)})
    assert len(parsed) == 2
