"""The gateway stays small: what reads DICOM is loaded by processes that end."""

import subprocess
import sys

from deploy.local.state import ROOT


def test_gateway_leaves_what_reads_dicom_to_other_processes() -> None:
    """pydicom and numpy would cost it some 30 MB for as long as it runs."""
    loads = (
        "import sys, gateway.app; sys.exit(bool({'pydicom', 'numpy', 'PIL'} & set(sys.modules)))"
    )

    result = subprocess.run([sys.executable, "-c", loads], cwd=ROOT, check=False)

    assert result.returncode == 0
