"""A real Kafka that asks who comes: listeners with TLS and with SASL, and certificates for them."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from tests.kafka_server import KafkaServer, free_ports

USER = "chatflow"
_PROTOCOLS = ("SSL", "SASL_SSL", "SASL_PLAINTEXT")
_MODULE = "org.apache.kafka.common.security"
_TIMEOUT = 30.0


class SecureKafka:
    """The broker of `server`, reached by one more address for each protocol.

    `SSL` asks for nothing but TLS, `SASL_SSL` for SCRAM-SHA-512, `SASL_PLAINTEXT` for PLAIN; both
    by the name `USER` and the password.

    Args:
        folder: Where data and certificates go.
        password: The user's, for both mechanisms.
    """

    def __init__(self, folder: Path, password: str) -> None:
        self._password = password
        self._ports = dict(zip(_PROTOCOLS, free_ports(3), strict=True))
        self.authority = folder / "authority.pem"
        """The certificate that has signed the broker's."""
        self.stranger = folder / "stranger.pem"
        """The certificate of an authority that has not."""
        folder.mkdir(parents=True)
        _make_certificates(folder, self.authority, self.stranger)
        self.server = KafkaServer(
            folder / "kafka", heap="256m", more=self._listeners(folder / "broker.pem")
        )

    def address(self, protocol: str) -> str:
        """Where it is reached by this protocol."""
        return f"127.0.0.1:{self._ports[protocol]}"

    def admit(self) -> None:
        """Make the user known to SCRAM; the broker runs."""
        admin = AdminClient({"bootstrap.servers": self.server.bootstrap_servers})
        secret = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        wanted = UserScramCredentialUpsertion(USER, secret, self._password.encode())
        for altered in admin.alter_user_scram_credentials([wanted]).values():
            altered.result(timeout=_TIMEOUT)

    def _listeners(self, keystore: Path) -> str:
        named = [f"{name}://127.0.0.1:{port}" for name, port in self._ports.items()]
        told = ",".join(["PLAINTEXT://127.0.0.1:{port}", *named])
        protocols = ("PLAINTEXT", *self._ports)
        lines = {
            "listeners": told + ",CONTROLLER://127.0.0.1:{controller_port}",
            "advertised.listeners": told,
            "listener.security.protocol.map": ",".join(
                ["CONTROLLER:PLAINTEXT", *(f"{name}:{name}" for name in protocols)]
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(keystore),
            "listener.name.sasl_plaintext.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_ssl.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config": (
                f'{_MODULE}.plain.PlainLoginModule required user_{USER}="{self._password}";'
            ),
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                f"{_MODULE}.scram.ScramLoginModule required;"
            ),
        }
        return _properties(lines)


def _properties(lines: Mapping[str, str]) -> str:
    return "\n" + "".join(f"{name}={value}\n" for name, value in lines.items())


def _make_certificates(folder: Path, authority: Path, stranger: Path) -> None:
    """Two authorities, and a certificate of the first for the broker's address with its key."""
    for certificate in (authority, stranger):
        key = ("-keyout", str(certificate.with_suffix(".key")), "-out", str(certificate))
        _openssl("req", "-x509", *_NEW_KEY, *key, "-subj", f"/CN={certificate.stem}", "-days", "2")
    key_file, certificate = folder / "broker.key", folder / "broker.crt"
    signed = ("-CA", str(authority), "-CAkey", str(authority.with_suffix(".key")))
    names = ("-subj", "/CN=broker", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
    out = ("-keyout", str(key_file), "-out", str(certificate))
    _openssl("req", "-x509", *_NEW_KEY, *signed, *names, *out)
    (folder / "broker.pem").write_text(key_file.read_text() + certificate.read_text())


_NEW_KEY = ("-newkey", "rsa:2048", "-nodes")


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
