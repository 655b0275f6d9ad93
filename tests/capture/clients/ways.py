"""Ways past a filter, each a real client in the school and its real server outside."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab import WORLD, make_certificate

if TYPE_CHECKING:
    from lab import Lab

OUTSIDE: Final = str(Path(__file__).parent / "outside.py")
"""The script with our own servers."""
_OPENVPN_READY: Final = "Initialization Sequence Completed"


def wireguard(lab: Lab, port: int = 51820) -> None:
    """Fetch a page through a WireGuard session, made by a program (a kernel may have none)."""
    keys = [_wireguard_key(lab.folder / name) for name in ("school.key", "world.key")]
    ends = (
        (
            lab.school,
            "school.key",
            ("peer", keys[1], "endpoint", f"{WORLD}:{port}", "allowed-ips", "10.30.0.2/32"),
        ),
        (lab.world, "world.key", ("listen-port", str(port), "peer", keys[0], "allowed-ips", "10.30.0.1/32")),
    )
    with ExitStack() as stack:
        for n, (name, key, settings) in enumerate(ends):
            device = f"aupwg{n}"
            command = ("env", "LOG_LEVEL=verbose", "wireguard-go", "-f", device)
            stack.enter_context(lab.runs(*command, at_school=n == 0, until="UAPI listener started"))
            lab.inside(name, "wg", "set", device, "private-key", str(lab.folder / key), *settings)
            lab.inside(name, "ip", "address", "add", f"10.30.0.{n + 1}/24", "dev", device)
            lab.inside(name, "ip", "link", "set", device, "up")
        stack.enter_context(lab.runs(sys.executable, OUTSIDE, "web", "80", until=80))
        lab.ask("curl", "-sS", "http://10.30.0.2/hidden")


def _wireguard_key(path: Path) -> str:
    """Write a new private key; return the public one."""
    private = subprocess.run(["wg", "genkey"], check=True, capture_output=True).stdout
    path.write_bytes(private)
    public = subprocess.run(["wg", "pubkey"], input=private, check=True, capture_output=True).stdout
    return public.decode().strip()


def openvpn(lab: Lab, transport: str = "udp", protection: str = "none") -> None:
    """Open an OpenVPN session on port 443, its first messages protected or not, between ends that know each other."""
    server, client = (make_certificate(lab.folder / f"vpn-{end}.pem", end) for end in ("server", "client"))
    shielded = _shield(lab.folder, protection)
    usual = ("openvpn", "--dev", "null", "--verb", "3")  # `null` needs no network device
    at_server = (
        *usual,
        "--tls-server",
        "--dh",
        "none",
        "--port",
        "443",
        *_identity(server, client),
        *shielded[0],
    )
    at_client = (
        *usual,
        "--tls-client",
        "--nobind",
        "--remote",
        WORLD,
        "443",
        *_identity(client, server),
        *shielded[1],
    )
    protocols = ("udp4", "udp4") if transport == "udp" else ("tcp4-server", "tcp4-client")
    with (
        lab.runs(*at_server, "--proto", protocols[0], until=443),
        lab.runs(*at_client, "--proto", protocols[1], at_school=True, until=_OPENVPN_READY),
    ):
        pass


def _identity(own: Path, other: Path) -> tuple[str, ...]:
    """Return the options by which an end knows itself and the other."""
    command = ["openssl", "x509", "-in", f"{other}.crt", "-noout", "-fingerprint", "-sha256"]
    said = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    return (
        "--cert",
        f"{own}.crt",
        "--key",
        f"{own}.key",
        "--peer-fingerprint",
        said.strip().partition("=")[2],
    )


def _shield(folder: Path, protection: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the options of server and client that protect their first messages."""
    if protection == "none":
        return (), ()
    key, of_client = str(folder / "shield.key"), str(folder / "shield-client.key")
    if protection == "tls-crypt-v2":
        _openvpn("--genkey", "tls-crypt-v2-server", key)
        _openvpn("--tls-crypt-v2", key, "--genkey", "tls-crypt-v2-client", of_client)
        return ("--tls-crypt-v2", key), ("--tls-crypt-v2", of_client)
    _openvpn("--genkey", "secret", key)
    directions = (("0",), ("1",)) if protection == "tls-auth" else ((), ())
    return (f"--{protection}", key, *directions[0]), (f"--{protection}", key, *directions[1])


def _openvpn(*words: str) -> None:
    subprocess.run(["openvpn", *words], check=True, capture_output=True)


def ssh(lab: Lab, port: int = 22) -> None:
    """Greet an SSH server, which then refuses the account."""
    key = lab.folder / "host_key"
    if not key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd does not start without it
    server = ("sshd", "-D", "-e", "-f", "/dev/null", "-h", str(key), "-p", str(port), "-o", "PidFile=none")
    careless = ("-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
    with lab.runs(*server, until=port):
        lab.ask(
            "ssh", *careless, "-o", "BatchMode=yes", "-p", str(port), f"nobody@{WORLD}", "true", fails=True
        )


def http_proxy(lab: Lab, certificate: Path, scheme: str = "http", *options: str) -> None:
    """Fetch a page through a web proxy."""
    settings = lab.folder / "tinyproxy.conf"
    settings.write_text("Port 8888\nTimeout 10\nAllow 10.20.0.0/24\nConnectPort 443\nDisableViaHeader Yes\n")
    port, pem = (80, ()) if scheme == "http" else (443, (str(certificate),))
    with (
        lab.runs(sys.executable, OUTSIDE, "web", str(port), *pem, until=port),
        lab.runs("tinyproxy", "-d", "-c", str(settings), until=8888),
    ):
        through = ("-x", f"http://{WORLD}:8888", "--cacert", f"{certificate}.crt")
        lab.ask("curl", "-sS", *through, *options, f"{scheme}://{WORLD}/hidden")


def socks(lab: Lab, port: int = 1080, version: str = "--socks5") -> None:
    """Fetch a page through a SOCKS proxy."""
    with (
        lab.runs(sys.executable, OUTSIDE, "web", "80", until=80),
        lab.runs("microsocks", "-i", WORLD, "-p", str(port), until=port),
    ):
        lab.ask("curl", "-sS", version, f"{WORLD}:{port}", f"http://{WORLD}/")


def tor(lab: Lab) -> None:
    """Let a Tor client join by a bridge, until the two have agreed on a connection."""
    for name in ("bridge", "client"):
        shutil.rmtree(lab.folder / name, ignore_errors=True)
    none = ("--ignore-missing-torrc", "-f", "/dev/null", "--defaults-torrc", "/dev/null")
    usual = ("tor", *none, "--Log", "notice stdout", "--DataDirectory")
    bridge = (
        *(
            *usual,
            str(lab.folder / "bridge"),
            "--SocksPort",
            "0",
            "--BridgeRelay",
            "1",
            "--ORPort",
            f"{WORLD}:443",
        ),
        *("--PublishServerDescriptor", "0", "--AssumeReachable", "1", "--Address", WORLD, "--ExitRelay", "0"),
    )
    client = (*usual, str(lab.folder / "client"), "--UseBridges", "1", "--Bridge", f"{WORLD}:443")
    with lab.runs(*bridge, until=443), lab.runs(*client, at_school=True, until="(conn_done)"):
        pass


def shadowsocks(lab: Lab, cipher: str, times: int) -> None:
    """Fetch a page through Shadowsocks, so many times."""
    usual = ("-p", "8388", "-k", "school-test", "-m", cipher)
    with (
        lab.runs(sys.executable, OUTSIDE, "web", "80", until=80),
        lab.runs("ss-server", "-s", "0.0.0.0", *usual, until=8388),  # noqa: S104 - of a namespace of its own
        lab.runs("ss-local", "-s", WORLD, "-l", "1081", *usual, at_school=True, until=1081),
    ):
        for _ in range(times):
            lab.ask("curl", "-sS", "--socks5-hostname", "127.0.0.1:1081", f"http://{WORLD}/")


def dns_tunnel(lab: Lab) -> None:
    """Open a tunnel in look-ups of names, made by iodine."""
    zone, network = "t.school-test.example", "10.31.0.1/24"
    server = ("iodined", "-f", "-c", "-P", "school-test", network, zone)
    client = ("iodine", "-f", "-r", "-P", "school-test", WORLD, zone)  # `-r`: through the name server only
    with lab.runs(*server, until=53), lab.runs(*client, at_school=True, until="Connection setup complete"):
        pass
