"""Web addresses as people type them: completed where something is left out, and told from what is none."""

import re
from pathlib import Path
from urllib.parse import urlsplit


def completed(text: str) -> str:
    """Return an address with what people leave out; as it is where it is none, for no other server may be asked."""
    address = text if "://" in text else f"{'http' if _is_near(text) else 'https'}://{text}"
    address = re.sub(r"/chat/completions/?$", "", address)  # what documentation shows is often the whole path
    return address if is_web_address(address) else text


def _is_near(address: str) -> bool:
    """Whether an address without a scheme is one of this machine or of this network, where https is rare."""
    place = re.split(r"[/?#]", address)[0]
    host = place.rpartition(":")[0] or place
    return "." not in host or bool(re.fullmatch(r"\[.*\]|[\d.]+", host))


def is_web_address(address: str) -> bool:
    """Whether an address is one that can be asked."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # which raises where it is no number
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
    return is_whole and not re.search(r"[\s\x00-\x1f\x7f]", address)


def database_address(text: str, beside: Path, root: Path) -> tuple[str, Path | None]:
    """Return a database's address as SQLAlchemy takes it, and the folder for what stays files; a server's in `beside`.

    No two databases share a folder: files that one no longer needs are deleted. What is no address stays as it is, so
    that whoever opens it tells; then nothing goes to another place than the person named.
    """
    scheme, _, rest = text.partition("://")
    if not text:
        return "", None
    if scheme.lower() == "sqlite" and rest.startswith("/"):
        path = root / rest[1:].partition("?")[0]
        return f"sqlite:///{root / rest[1:]}", path.with_name(f"{path.name}.files")
    address = f"postgresql+psycopg://{rest}" if scheme.lower() in ("postgres", "postgresql") else text
    place, _, query = re.sub(r"^[^:/?]*(:(?!\d+[/?])[^@]*)?@", "", rest).partition("?")
    told = re.findall(r"(?:^|&)((?:host|hostaddr|port|dbname|service)=[^&]*)", query)  # no password
    name = re.sub(r"[^a-zA-Z0-9.]+", "-", "-".join([place.rpartition("@")[2], *told])).strip("-.")
    return address, beside / f"{name or 'database'}.files"
