"""Files of a node that require signatures, as texts for tests."""

import json
from base64 import b64encode

from tests.conformance import Json

KEY = "S0VZ"


def given(*files: str) -> list[str]:
    """The options that name files of a node."""
    return [f"--registries-conf={file}" for file in files]


def signed(**identity: str) -> dict[str, Json]:
    """A requirement of a signature by a key."""
    return {"type": "sigstoreSigned", "keyData": KEY, **({"signedIdentity": dict(identity)} if identity else {})}


def policy(**scopes: object) -> str:
    """A policy.json with these requirements by scope."""
    return json.dumps({"default": [{"type": "insecureAcceptAnything"}], "transports": {"docker": scopes}}, indent=2)


def lookup(*keys: str) -> str:
    """A file of registries.d that has signatures looked for at these places."""
    return "docker:\n" + "".join(f"  {key}:\n    use-sigstore-attachments: true\n" for key in keys)


CONF = """\
[[registry]]
  prefix = ""
  location = "quay.io/ns"

  [[registry.mirror]]
    location = "m.example.com/a"

  [[registry.mirror]]
    location = "m.example.com/b"
"""


def machine_config(**files: str) -> str:
    """A MachineConfig that carries files, by their paths below /etc."""
    listed = [
        {
            "path": f"/etc/{path}",
            "contents": {"source": f"data:;base64,{b64encode(content.encode()).decode()}"},
        }
        for path, content in files.items()
    ]
    return json.dumps(
        {
            "kind": "MachineConfig",
            "metadata": {"name": "99-worker-generated-registries"},
            "spec": {"config": {"storage": {"files": listed}}},
        }
    )
