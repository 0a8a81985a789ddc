"""DKIM signatures (RFC 6376): RSA-2048, rsa-sha256, relaxed canonicalization of header and body."""

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from monitor.errors import ConfigError, Finding

SIGNED = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Language",
    "Content-Type",
    "Content-Transfer-Encoding",
)
"""Fields that are signed where they stand. RFC 8058 §4 wants both of List-Unsubscribe and its Post."""

OVERSIGNED = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Content-Type",
)
"""Fields that are named once more than they stand, so that none can be added (RFC 6376 §8.15)."""

_BITS_MIN, _BITS_MAX = 2048, 4096  # RFC 8301 §3.2: signers SHOULD use 2048, verifiers need not know more than 4096
_OTHERS = 0o037  # the group may read the key, nobody else may do anything with it
_LINE = 72
_FOLD = "\r\n "
_NAMES_OF_A_LINE = re.compile(rf".{{1,{_LINE - 2}}}(?::|$)")
_BLANKS = re.compile(rb"[ \t]+")
_BLANKS_AT_END = re.compile(rb"[ \t]+(?=\r\n)")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:([^\r]*(?:\r\n[ \t][^\r]*)*)\r\n")  # RFC 5322 §2.2, §2.2.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Signs as `selector._domainkey.domain`."""

    domain: str
    selector: str
    _key: RSAPrivateKey = field(repr=False)

    @classmethod
    def from_file(cls, path: Path, *, domain: str, selector: str) -> Self:
        """Read the private key (PEM, PKCS#1 or PKCS#8). Raises ConfigError where it cannot be used, or is not kept."""
        return cls(domain=domain, selector=selector, _key=_read_key(path))

    @property
    def name(self) -> str:
        """The name in the DNS under which the public key must stand (RFC 6376 §3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def public_key(self) -> str:
        """The public key as the tag `p=` has it: SubjectPublicKeyInfo in base64."""
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b64encode(der).decode()

    def sign(self, message: bytes, at: datetime) -> bytes:
        """Return the message with a DKIM-Signature above it. Its line ends must be CRLF already."""
        head, _, body = message.partition(b"\r\n\r\n")
        fields = _relaxed_fields(head + b"\r\n")
        names = [*(name for name in SIGNED if _key_of(name) in fields), *OVERSIGNED]
        unsigned = self._unsigned(names, body, at)
        covered = [fields.get(_key_of(name), []) for name in names]
        hashed = b"".join(values.pop() for values in covered if values) + _relaxed(b"dkim-signature", unsigned.encode())
        signature = b64encode(self._key.sign(hashed.removesuffix(b"\r\n"), PKCS1v15(), SHA256())).decode()
        return f"DKIM-Signature: {unsigned}{_folded(signature)}\r\n".encode() + message

    def _unsigned(self, names: list[str], body: bytes, at: datetime) -> str:
        """Return the field's value with an empty `b=`: what the signature covers of itself (RFC 6376 §3.5)."""
        digest = b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
        tags = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; t={int(at.timestamp())};",
            f"d={self.domain}; s={self.selector};",
            f"h={_FOLD.join(_NAMES_OF_A_LINE.findall(':'.join(names)))};",
            f"bh={digest};",
            "b=",
        )
        return _FOLD.join(tags)


def relaxed_body(body: bytes) -> bytes:
    """Return the body as it is hashed: no blank at a line's end, one for each run, no empty lines at the end
    (RFC 6376 §3.4.4)."""
    # Looked for first, since the pattern takes twenty times as long, and a body of base64 has nothing for it.
    if b"  " in body or b"\t" in body or b" \r\n" in body:
        body = _BLANKS.sub(b" ", _BLANKS_AT_END.sub(b"", body))
    body = body.rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _relaxed_fields(head: bytes) -> dict[bytes, list[bytes]]:
    """Return the fields as they are hashed, those of one name from the top down."""
    fields: dict[bytes, list[bytes]] = {}
    for name, value in _FIELD.findall(head):
        fields.setdefault(name.lower(), []).append(_relaxed(name.lower(), value))
    return fields


def _relaxed(name: bytes, value: bytes) -> bytes:
    """Return a field as it is hashed (RFC 6376 §3.4.2); `name` is in lower case."""
    return b"%b:%b\r\n" % (name, _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" "))


def _key_of(name: str) -> bytes:
    return name.lower().encode()


def _folded(signature: str) -> str:
    return _FOLD.join(signature[at : at + _LINE] for at in range(0, len(signature), _LINE))


# ── the key ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_key(path: Path) -> RSAPrivateKey:
    try:
        mode, pem = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise _mistake(path, f"the key cannot be read: {(error.strerror or '').lower()}") from error
    if mode & _OTHERS:
        raise _mistake(path, f"others may use this key: chmod 600 {path}")
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise _mistake(path, "the key has a passphrase, which nobody can type here; keep it without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _mistake(path, "this is no private key in PEM, as `openssl genrsa` writes it") from None
    if not isinstance(key, RSAPrivateKey) or not _BITS_MIN <= key.key_size <= _BITS_MAX:
        raise _mistake(path, f"the key must be RSA with {_BITS_MIN} to {_BITS_MAX} bits")
    return key


def _mistake(path: Path, message: str) -> ConfigError:
    return ConfigError([Finding(source=str(path), message=message)])
