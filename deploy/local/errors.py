"""Every way the local runner can fail: one sentence each, which says what to do."""


class RunnerError(Exception):
    """Stops the command; its text is shown to the person as it is."""


class PortInUse(RunnerError):
    """Another program listens where a process of ours would."""


class StartFailed(RunnerError):
    """A process did not become ready."""


class JarMismatch(RunnerError):
    """A downloaded jar is not the one of the lock file."""
