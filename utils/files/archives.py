"""What Python raises where a ZIP file is damaged, or packed in a way that it does not know."""

import zipfile
import zlib
from lzma import LZMAError

# A RuntimeError tells of a password or an unknown way, an OSError of what bzip2 can't unpack.
DAMAGE = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, OSError, ValueError, RuntimeError)


def needs_password(error: BaseException) -> bool:
    """Return whether a file in an archive is encrypted; the error says so in words alone."""
    return isinstance(error, RuntimeError) and "password" in str(error)
