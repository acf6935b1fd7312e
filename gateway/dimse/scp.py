"""C-ECHO and C-STORE service class provider (PS3.4 Annex A and B), on pynetdicom.

What must stay true: Success (0x0000) is answered only when the instance is durable in the spool.
pynetdicom calls the handlers in threads of its own; the spool is made for that, and is the only
thing that they touch.
"""

import socket
from socketserver import BaseServer
from threading import Thread
from typing import Any

import structlog
from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AE, _config, evt
from pynetdicom.presentation import AllStoragePresentationContexts
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # made at run time
from pynetdicom.transport import ThreadedAssociationServer

from contracts.events.images_ingested import InstanceHeader
from gateway.dimse.reception import Reception
from gateway.imaging_settings import ImagingSettings
from gateway.spool import InstanceTooLarge, Spool, SpoolFull
from services.dicom.errors import UnreadableInstance
from services.errors import PermanentError

SUCCESS = 0x0000
PROCESSING_FAILURE = 0x0110
OUT_OF_RESOURCES = 0xA700
DATASET_MISMATCH = 0xA900
CANNOT_UNDERSTAND = 0xC000

_MAX_PDU_BYTES = 128 * 1024

# A storage SCP keeps what it is given: also instances of private and of retired SOP classes.
_config.UNRESTRICTED_STORAGE_SERVICE = True
# Identifiers of patients must not get into any log.
_config.LOG_REQUEST_IDENTIFIERS = False
_config.LOG_RESPONSE_IDENTIFIERS = False
_config.LOG_HANDLER_LEVEL = "none"

log = structlog.get_logger()


class DatasetMismatch(PermanentError):
    """The data set is another instance than the command says (PS3.4 B.2.3, 0xA900)."""

    code = "dataset_mismatch"


class StorageScp:
    """Listens for associations, and stores what comes."""

    def __init__(self, settings: ImagingSettings, spool: Spool) -> None:
        self._settings = settings
        self._spool = spool
        self._reception = Reception(spool)
        self._server: Any = None
        self._listener: Thread | None = None

    def start(self) -> None:
        """Listen; `OSError` when the port is taken."""
        self._server = self._application_entity().make_server(
            (self._settings.bind_host, self._settings.dimse_port),
            evt_handlers=[
                (evt.EVT_CONN_OPEN, self._on_connection),
                (evt.EVT_C_ECHO, lambda _: SUCCESS),
                (evt.EVT_C_STORE, self._on_store),
            ],
            server_class=_Server,
            reception=self._reception,
        )
        self._listener = Thread(target=self._server.serve_forever, name="dimse", daemon=True)
        self._listener.start()

    def stop(self) -> None:
        """Stop listening and end what is open; what was answered is in the spool."""
        if self._server is not None:
            # Its own way out is for servers whose thread pynetdicom has begun, unseen by us.
            BaseServer.shutdown(self._server)
            self._server.server_close()

    @property
    def listening(self) -> bool:
        """Tell whether somebody takes what connects; the socket alone would say yes for ever."""
        return self._listener is not None and self._listener.is_alive()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        port: int = self._server.socket.getsockname()[1]
        return port

    def _application_entity(self) -> AE:
        ae = AE(ae_title=self._settings.ae_title)
        ae.maximum_associations = self._settings.max_associations
        ae.maximum_pdu_size = _MAX_PDU_BYTES
        ae.acse_timeout = 15
        ae.dimse_timeout = self._settings.idle_association_seconds
        ae.network_timeout = self._settings.idle_association_seconds
        ae.require_called_aet = True
        ae.require_calling_aet = list(self._settings.allowed_ae_titles)
        ae.add_supported_context(Verification)
        for context in AllStoragePresentationContexts:
            ae.add_supported_context(str(context.abstract_syntax), list(AllTransferSyntaxes))
        return ae

    def _on_connection(self, event: Any) -> None:
        self._reception.attend(event.assoc)
        connection = event.assoc.dul.socket.socket
        # Nagle's algorithm and delayed acknowledgements make 40 ms of each answer.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Silence in the middle of a PDU too: pynetdicom's own timer waits for the rest of it.
        connection.settimeout(self._settings.idle_association_seconds)

    def _on_store(self, event: Any) -> int:
        try:
            self._spool.accept(
                self._reception.take(event.request),
                received_by="DIMSE",
                received_from=str(event.assoc.requestor.ae_title),
                check=lambda header: _check_identity(header, event.request),
            )
        except SpoolFull as error:
            log.warning("instance_refused", code=error.code, reason=str(error))
            return OUT_OF_RESOURCES
        except DatasetMismatch as error:
            log.warning("instance_refused", code=error.code)
            return DATASET_MISMATCH
        except (UnreadableInstance, InstanceTooLarge) as error:
            log.warning("instance_refused", code=error.code)
            return CANNOT_UNDERSTAND
        except Exception as error:
            log.exception("instance_failed", exc_info=error)
            return PROCESSING_FAILURE
        return SUCCESS


class _Server(ThreadedAssociationServer):
    """Forgets, twice a second, what senders have begun and will not end."""

    def __init__(self, *args: Any, reception: Reception, **more: Any) -> None:
        super().__init__(*args, **more)
        self._reception = reception

    def service_actions(self) -> None:
        super().service_actions()
        self._reception.forget_abandoned()


def _check_identity(header: InstanceHeader, request: Any) -> None:
    same = header.sop_instance_uid == str(
        request.AffectedSOPInstanceUID
    ) and header.sop_class_uid == str(request.AffectedSOPClassUID)
    if not same:
        raise DatasetMismatch("the command names another instance or class")
