"""A second signature suite for tests: ECDSA on P-256 (FIPS 186-5) with the hash SM3 (GB/T 32905).

It is not SM2. It shows that the algorithm field is real; SM2 with SM3 takes the number 2 when a
library for it is chosen.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NUMBER = 250


class EcdsaSm3:
    number = NUMBER
    name = "ECDSA-P256+SM3 (tests only)"

    def digest(self, data: bytes) -> bytes:
        running = hashes.Hash(hashes.SM3())
        running.update(data)
        return running.finalize()

    def _private(self, seed: bytes) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int.from_bytes(seed, "big") + 1, ec.SECP256R1())

    def public_key(self, seed: bytes) -> bytes:
        public = self._private(seed).public_key()
        return public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    def signer(self, seed: bytes) -> Callable[[bytes], bytes]:
        private = self._private(seed)
        return lambda message: private.sign(message, ec.ECDSA(hashes.SHA256()))

    def is_valid(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
        try:
            public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True
