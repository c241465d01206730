"""A server's address, and the proxy that stands between: only where a roster asks for one."""

import contextlib
import importlib.util
import ipaddress
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from harness.errors import ModelError

_PORTS = {"http": 80, "https": 443}
_SOCKS = ("socks5", "socks5h")


def server_address(url: str) -> str:
    """Return a server's address without a closing slash; raise ValueError for what is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("is no address; write one like http://localhost:8000/v1") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no address; write one like http://localhost:8000/v1")
    if parts.username or parts.password:
        raise ValueError("must hold no password; put the key into a variable, see api_key_env")
    if parts.query or parts.fragment:
        raise ValueError("must end before '?' and '#'; a key goes into a variable, see api_key_env")
    if parts.path.rstrip("/").endswith("/chat/completions"):
        raise ValueError("is the base address, such as …/v1; leave out /chat/completions")
    return url.rstrip("/")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy: its address with the password that may be in it, and its host, which may be told."""

    url: str = field(repr=False)
    host: str


def environment_proxy(url: str) -> Proxy | None:
    """Return the proxy by which this environment has a server asked, `None` for no proxy.

    That is what HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say, or without them the settings
    of macOS and Windows, as Python's urllib reads them. Raises ModelError, in words without a
    password, for an address that is none, and for SOCKS without the package that it takes.
    """
    server = urlsplit(url)
    proxies = urllib.request.getproxies()
    address = proxies.get(server.scheme) or proxies.get("all")
    port = server.port or _PORTS[server.scheme]
    if not address or _is_asked_directly(server.hostname or "", port, proxies.get("no", "")):
        return None
    address = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(address)
        shown = f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
    except ValueError:
        parts, shown = urlsplit(""), ""
    # What stands behind the host may be the rest of a password with a sign that has to be quoted.
    behind = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme not in (*_PORTS, *_SOCKS) or not parts.hostname or behind or " " in address:
        raise ModelError(
            f"{server.netloc}: `use_proxy`, and the environment's proxy is no address; correct "
            f"{server.scheme.upper()}_PROXY or ALL_PROXY; write one like http://proxy.example.com:3128"
        )
    if parts.scheme in _SOCKS and not importlib.util.find_spec("socksio"):
        raise ModelError(
            f"{server.netloc}: the environment's proxy speaks SOCKS, which takes the package "
            "socksio; run: pip install socksio"
        )
    return Proxy(address, shown)


def _is_asked_directly(host: str, port: int, no_proxy: str) -> bool:
    """Return whether a host is exempt: as urllib has it, or by its network (10.0.0.0/8)."""
    exempt = [name.strip() for name in no_proxy.split(",")]
    if "*" in exempt or urllib.request.proxy_bypass(f"{host}:{port}"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    networks = []
    for name in exempt:
        with contextlib.suppress(ValueError):
            networks.append(ipaddress.ip_network(name.strip("[]"), strict=False))
    return any(address in network for network in networks)
