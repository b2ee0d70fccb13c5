"""Which certificates a person has named, and whether they can be used."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path


def certificate_problems(variables: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the certificates that variables name."""
    file, folder = variables.get("SSL_CERT_FILE", ""), variables.get("SSL_CERT_DIR", "")
    if file:
        try:
            ssl.create_default_context(cafile=file)
        except (OSError, ValueError):
            return [f"SSL_CERT_FILE names “{file}”, which holds no certificates; the usual ones are used."]
    elif folder and not Path(folder.split(os.pathsep)[0]).is_dir():
        return [f"SSL_CERT_DIR names “{folder}”, which is no folder, so no server can prove who it is."]
    return []
