"""What the gateway takes while something large comes or leaves: a picture, an instance, a zip.

    RADIOLOGY_TEST_PORTALS=900 python -m bench.gateway_memory    # on a system with these ports
    python -m bench.gateway_memory --slices 300 --pictures 1 --megapixels 12
    python -m bench.gateway_memory --slices 0 --pictures 0 --instance-mb 1000

The kernel keeps the peaks (VmHWM), so none falls between two looks. A picture is noise: a PNG of it
is as large as its pixels.
"""

import argparse
import os
import struct
import zlib
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from pydicom import dcmread
from pynetdicom import AE

from bench.archive import gateway_at, peak_of, reset_peak, take_along
from bench.figures import Result, store
from tests.harness.dicom import build_instance, write_study
from tests.harness.house import House, open_house, study_of

_SENT_AT_ONCE = 100


def measure_pictures(house: House, count: int, megapixels: float) -> list[Result]:
    """Return the figures of pictures that are uploaded, and then taken along as a zip."""
    gateway, order = gateway_at(house.radiology), house.order()
    results: list[Result] = []
    for number in range(1, count + 1):
        picture = _noise(megapixels)
        before = reset_peak(gateway)
        began = perf_counter()
        house.do(_upload(house, order, picture))
        took = perf_counter() - began
        title = f"picture {number} of {len(picture) / 2**20:.0f} MB"
        decoder = max(
            (peak_of(c) for c in gateway.children() if "gateway.picture_process" in c.cmdline()),
            default=0,
        )
        results += [
            _result(f"{title}, in the archive", took, "s"),
            _result(f"{title}, gateway before, RSS", before / 2**20, "MB"),
            _result(f"{title}, gateway at most, RSS", peak_of(gateway) / 2**20, "MB", "< 150 MB"),
            _result(f"{title}, process that decodes it, RSS", decoder / 2**20, "MB", "< 150 MB"),
        ]
    return [*results, *_taken_along(house, order, f"{count} pictures of {megapixels:g} megapixels")]


async def _upload(house: House, order: dict[str, Any], picture: bytes) -> None:
    """Upload, and wait until the picture is where it belongs."""
    tech, path = house.staff.technologist, f"/api/radiology/orders/{order['id']}"
    before = (await tech.get(path))["receivedInstances"]
    answer = await tech.upload(f"{path}/images", "noise.png", picture)
    if answer["stored"] != 1:
        raise ValueError(answer)
    await tech.until(path, lambda found: found["receivedInstances"] > before)


def measure_store(house: House, megabytes: int) -> list[Result]:
    """Return the figures of one X-ray of this size that a modality sends by C-STORE."""
    edge, columns = gateway_at(f"http://localhost:{house.ports.dimse}"), 16_384
    study = study_of(house.order())
    content = build_instance(
        study, kind="DX", rows=megabytes * 2**20 // (2 * columns), columns=columns
    ).content
    ds = dcmread(BytesIO(content))
    ae = AE(ae_title="BENCH")
    ae.add_requested_context(ds.SOPClassUID)
    assoc = ae.associate("127.0.0.1", house.ports.dimse, ae_title="RADIOLOGY")
    before = reset_peak(edge)
    began = perf_counter()
    status = assoc.send_c_store(ds).Status
    took = perf_counter() - began
    assoc.release()
    if status != 0:
        raise ValueError(f"C-STORE answered 0x{status:04X}")
    title = f"instance of {len(content) / 2**20:.0f} MB by C-STORE"
    return [
        _result(f"{title}, answered", took, "s"),
        _result(f"{title}, DIMSE edge before, RSS", before / 2**20, "MB"),
        _result(f"{title}, DIMSE edge at most, RSS", peak_of(edge) / 2**20, "MB", "< 150 MB"),
    ]


def measure_archive(house: House, slices: int) -> list[Result]:
    """Return the figures of a CT study of 512 by 512 that is taken as a zip."""
    order = house.order()
    _examine(house, order, slices)
    return _taken_along(house, order, f"{slices} CT slices")


def _taken_along(house: House, order: dict[str, Any], name: str) -> list[Result]:
    reader = house.staff.readers[0]
    path = f"/api/radiology/orders/{order['id']}/viewer-data"
    (study,) = house.do(reader.until(path, lambda found: found["studies"]))["studies"]
    cookies = dict(reader._client.cookies)  # noqa: SLF001 - as if it came from the reader's browser
    return take_along(house.radiology, cookies, study["studyInstanceUid"], name)


def _examine(house: House, order: dict[str, Any], slices: int) -> None:
    """Let the images come, some at a time: a large study takes minutes on a busy machine."""
    house.start(order)
    tech, path = house.staff.technologist, f"/api/radiology/orders/{order['id']}"
    with TemporaryDirectory() as folder:
        files = write_study(Path(folder), study_of(order), instances=slices, rows=512, columns=512)
        for start in range(0, slices, _SENT_AT_ONCE):
            house.do(tech.store(files[start : start + _SENT_AT_ONCE]))
    house.do(tech.until(path, lambda found: found["receivedInstances"] >= slices, seconds=170))


def _noise(megapixels: float) -> bytes:
    """Return a PNG of so many pixels, 3 by 2."""
    rows = round((megapixels * 1e6 / 1.5) ** 0.5)
    columns = round(rows * 1.5)
    head = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    lines = b"".join(b"\0" + os.urandom(3 * columns) for _ in range(rows))
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _result(name: str, value: float, unit: str, aim: str = "") -> Result:
    return Result("gateway_memory", name, value, unit, aim)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slices", type=int, default=1500, help="0: no zip")
    parser.add_argument("--pictures", type=int, default=3, help="0: none")
    parser.add_argument("--megapixels", type=float, default=6.0)
    parser.add_argument("--instance-mb", type=int, default=150, help="by C-STORE; 0: none")
    chosen = parser.parse_args()
    with (
        TemporaryDirectory(prefix="radiology-bench-") as folder,
        open_house(Path(folder)) as house,
    ):
        if chosen.pictures:
            store(*measure_pictures(house, chosen.pictures, chosen.megapixels))
        if chosen.instance_mb:
            store(*measure_store(house, chosen.instance_mb))
        if chosen.slices:
            store(*measure_archive(house, chosen.slices))


if __name__ == "__main__":
    main()
