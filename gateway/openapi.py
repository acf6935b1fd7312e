"""`python -m gateway.openapi` writes `openapi.json`: the portals' client is generated from it."""

import json
from pathlib import Path

from gateway.api import new_app, openapi_document

OPENAPI_FILE = Path(__file__).resolve().parent.parent / "openapi.json"


def text() -> str:
    """Return the document as it is committed."""
    return json.dumps(openapi_document(new_app()), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    OPENAPI_FILE.write_text(text(), encoding="utf-8")
