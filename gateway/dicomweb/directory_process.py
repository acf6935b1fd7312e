"""The process that writes a DICOMDIR: `python -m gateway.dicomweb.directory_process`.

It is asked the header of each file and answers its name in the archive; an empty question asks for
the directory of all. The gateway is spared pydicom and its memory.
"""

from services.side_process_loop import answer_all

UNNAMED = "OTHER/"
"""Folder of the files that the directory cannot name."""


def main() -> None:
    """Make one directory."""
    # For this process only; the gateway imports the name of the folder.
    from gateway.dicomweb.directory import Directory  # noqa: PLC0415

    directory = Directory()
    answer_all(lambda header: directory.add(header).encode() if header else directory.write())


if __name__ == "__main__":
    main()
