"""Puts what a sender sends on disk while it comes: no data set is ever whole in memory.

What must stay true: whatever a peer sends, and however long, takes some PDUs of memory and at most
`max_instance_bytes` of the spool's disk, which are free again when its association has ended.

pynetdicom collects data sets in memory. Its own way around that (`STORE_RECV_CHUNKED_DATASET`)
knows no limit, ends the association without an answer when the disk is full, and leaves the file of
whoever goes away in the folder for temporary files; so its message is given another data set here.
"""

import io
from functools import partial
from typing import Any, BinaryIO, cast

from pydicom.filebase import DicomIO
from pydicom.filewriter import write_file_meta_info
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import C_STORE_RQ, DIMSEMessage
from pynetdicom.dsutils import create_file_meta
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.transport import AssociationSocket
from typing_extensions import Buffer

from gateway.spool import Spool
from services.dicom.errors import UnreadableInstance

# Elements of group 0000 are some hundred bytes.
_MAX_COMMAND_BYTES = 64 * 1024
# More than any request for an association; what we take of data in one PDU is less.
_MAX_PDU_BYTES = 512 * 1024
_PREAMBLE = b"\0" * 128 + b"DICM"


class Reception:
    """The instances that are on their way in, of all associations."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._unfinished: set[IncomingDataSet] = set()

    def attend(self, association: Association) -> None:
        """Take care of a new association, before it has received anything."""
        association.dimse = _Dimse(association, self)
        connection = cast("AssociationSocket", association.dul.socket)
        connection.recv = partial(_receive, connection)  # type: ignore[method-assign]  # it makes the socket itself

    def new_message(self, association: Association) -> DIMSEMessage:
        """Return a message whose data set goes to the disk."""
        message = DIMSEMessage()
        message.data_set = IncomingDataSet(association, message, self._spool, self._unfinished)
        return message

    def take(self, request: Any) -> BinaryIO:
        """Return the whole instance of a C-STORE request, as a file of the spool.

        Raises
        ------
        InstanceTooLarge, SpoolFull : it was not kept.
        UnreadableInstance : there was nothing to keep.
        """
        data_set: IncomingDataSet = request.DataSet
        return data_set.take()

    def forget_abandoned(self) -> None:
        """Remove what nobody will take: its association has ended, in whatever way."""
        for data_set in tuple(self._unfinished):
            if not data_set.association.is_alive():
                data_set.discard()


class IncomingDataSet(io.BytesIO):
    """Stands where pynetdicom collects a data set, and writes it into a file in the spool.

    What cannot be kept is dropped as it comes, and why is told at the end: a sender does not listen
    before it has sent everything. It stands among the unfinished while it has a file.
    """

    def __init__(
        self,
        association: Association,
        message: DIMSEMessage,
        spool: Spool,
        unfinished: "set[IncomingDataSet]",
    ) -> None:
        super().__init__()
        self.association = association
        self._message = message
        self._spool = spool
        self._unfinished = unfinished
        self._file: BinaryIO | None = None
        self._refusal: Exception | None = None

    def write(self, data: Buffer, /) -> int:
        """Add a fragment."""
        size = memoryview(data).nbytes
        # Only a C-STORE brings something to keep.
        if self._refusal is None and isinstance(self._message, C_STORE_RQ):
            try:
                self._file = self._file or self._begun_file()
                self._spool.require_acceptable(self._file.tell() + size)
                self._file.write(data)
            except Exception as error:  # noqa: BLE001 - raised again by `take`
                self.discard()
                self._refusal = error
        return size

    def take(self) -> BinaryIO:
        """Return the file; whoever has it gives it to the spool."""
        if self._refusal is not None:
            raise self._refusal
        if self._file is None:
            raise UnreadableInstance("empty", "The data set has no bytes.")
        self._unfinished.discard(self)
        return self._file

    def discard(self) -> None:
        """Remove what was written."""
        self._unfinished.discard(self)
        if self._file is not None:
            self._spool.discard(self._file)
            self._file = None

    def _begun_file(self) -> BinaryIO:
        """Write the head of the file format (PS3.10 section 7.1); the data set follows as sent."""
        file = self._spool.new_file()
        try:
            file.write(_PREAMBLE)
            write_file_meta_info(cast("DicomIO", file), self._file_meta())
        except BaseException:
            self._spool.discard(file)
            raise
        self._unfinished.add(self)
        return file

    def _file_meta(self) -> Any:
        command = self._message.command_set
        context = self.association._accepted_cx[cast("int", self._message.context_id)]  # noqa: SLF001 - no other place tells the syntax so early
        return create_file_meta(
            sop_class_uid=command.AffectedSOPClassUID,
            sop_instance_uid=command.AffectedSOPInstanceUID,
            transfer_syntax=context.transfer_syntax[0],
        )


class _Dimse(DIMSEServiceProvider):
    """Gives each message that begins a data set on disk, and ends an endless command."""

    def __init__(self, association: Association, reception: Reception) -> None:
        super().__init__(association)
        self._reception = reception

    def receive_primitive(self, primitive: P_DATA) -> None:
        if self.message is None:
            self.message = self._reception.new_message(self.assoc)
        super().receive_primitive(primitive)
        unfinished = self.message
        if unfinished and unfinished.encoded_command_set.tell() > _MAX_COMMAND_BYTES:
            # As for any message that is none: the association is aborted.
            self.dul.event_queue.put("Evt19")


def _receive(connection: AssociationSocket, size_bytes: int) -> bytearray:
    """Receive so many bytes, which the head of a PDU has announced: up to 4 GiB."""
    if size_bytes > _MAX_PDU_BYTES:
        raise OSError("the peer announces a PDU that is too long")
    return AssociationSocket.recv(connection, size_bytes)
