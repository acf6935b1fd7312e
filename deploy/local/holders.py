"""Who listens on a port, as far as we may know."""

import psutil


def who_listens(port: int) -> str:
    """Return " by <program> (process <pid>)" for the listener on a port, or an empty text."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.AccessDenied, OSError):
        return ""
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
            if connection.pid is None:
                return ""
            try:
                name = psutil.Process(connection.pid).name()
            except psutil.Error:
                return ""
            return f" by {name} (process {connection.pid})"
    return ""
