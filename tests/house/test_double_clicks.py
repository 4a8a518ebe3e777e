"""Every form that changes something carries `once`, without which a double click is two acts (accounts.answered)."""

import re

from tests.house.source import ROOT

POSTS = re.compile(r"<form[^>]*method=\"post\".*?</form>", re.DOTALL)
OF_THE_LIBRARY = "shell.logout_url"  # signing out twice is signing out


def test_every_form_that_posts_carries_once() -> None:
    pages = sorted((ROOT / "templates").rglob("*.html"))
    found = [(path, form) for path in pages for form in POSTS.findall(path.read_text())]
    assert len(found) > 3, "no forms were found"
    without = [f"{path.name}: {form[:80]}" for path, form in found if OF_THE_LIBRARY not in form and not _carries(form)]
    assert not without, "\n".join(without)


def _carries(form: str) -> bool:
    """hidden_fields() writes every hidden field of the form, of which `once` is one."""
    written = re.search(r"hidden_fields\(\w*form\)", form)
    if "{% else %}" in form and written:
        return 'name="once"' in form
    return bool(written) or 'name="once"' in form
