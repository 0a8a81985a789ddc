"""Keys for signatures in tests, and the DNS record of each; made anew in every run."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from monitor.net.dkim import Signer

DOMAIN, SELECTOR = "example.org", "news"


def rsa_key(bits: int = 2048, number: int = 0) -> rsa.RSAPrivateKey:
    """The key of a size and number, the same for the whole run."""
    return _made(bits, number)


@cache
def _made(bits: int, number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def written(
    path: Path,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
    *,
    form: PrivateFormat = PrivateFormat.PKCS8,
    passphrase: bytes | None = None,
    mode: int = 0o600,
) -> Path:
    hidden: KeySerializationEncryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    path.write_bytes((key or rsa_key()).private_bytes(Encoding.PEM, form, hidden))
    path.chmod(mode)
    return path


def signer(folder: Path, *, domain: str = DOMAIN, selector: str = SELECTOR, number: int = 0) -> Signer:
    path = written(folder / f"dkim-{number}.pem", rsa_key(number=number))
    return Signer.from_file(path, domain=domain, selector=selector)


def dns_of(*signers: Signer) -> Callable[..., bytes | None]:
    """Look-up of TXT records as dkimpy asks for them, where only these keys are published."""
    records = {f"{one.name}.".encode(): f"v=DKIM1; k=rsa; p={one.public_key}".encode() for one in signers}
    return lambda name, timeout=5: records.get(name)
