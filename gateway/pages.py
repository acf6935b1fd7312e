"""The few pages that the gateway shows by itself: what is behind a link, and what went wrong on the
way to a portal.

What must stay true: such a page runs no script and loads nothing.
"""

from html import escape

from starlette.responses import HTMLResponse

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_STYLE = (
    "body{font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:10vh auto;padding:0 1.2rem;"
    "background:#14171c;color:#e8eaee}button{font:inherit;font-weight:600;padding:.8rem 1.4rem;"
    "border:0;border-radius:.4rem;background:#e03131;color:#fff;cursor:pointer;width:100%}"
    "a{color:#8ab4ff}label{display:block;margin:1rem 0 .3rem}"
    "textarea{width:100%;box-sizing:border-box;font:inherit;padding:.5rem;border-radius:.3rem;"
    "border:1px solid #667;background:#1d2127;color:inherit}"
)


def page(hospital: str, body: str, *, status: int = 200) -> HTMLResponse:
    """Return a page with this body, which is HTML already."""
    document = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="referrer" content="same-origin">'
        f"<title>{escape(hospital)}</title><style>{_STYLE}</style></head>"
        f"<body><main><p>{escape(hospital)}</p>{body}</main></body></html>"
    )
    return HTMLResponse(document, status, headers={"Content-Security-Policy": _POLICY})
