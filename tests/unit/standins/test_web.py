"""What the pages show of foreign text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.standins.web import linked


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("see http://h/a?b=1&c=2.", "see <a {}>http://h/a?b=1&amp;c=2</a>."),
        ("(https://h/a)", "(<a {}>https://h/a</a>)"),
        ("javascript:alert(1) ftp://h", "javascript:alert(1) ftp://h"),
        ("<b>http://h/x</b>", "&lt;b&gt;<a {}>http://h/x</a>&lt;/b&gt;"),
    ],
)
def test_only_http_addresses_become_links(text: str, html: str) -> None:
    shown = str(linked(text))

    if "{}" in html:
        address = html.partition("{}>")[2].partition("</a>")[0]
        html = html.format(f'href="{address}" rel="noopener noreferrer" target="_blank"')
    assert shown == html


@given(st.text(max_size=200))
def test_no_text_becomes_markup(text: str) -> None:
    shown = str(linked(text + '<script>"x"</script>'))

    assert "<script>" not in shown
    assert shown.count("<") == 2 * shown.count("<a href=")
