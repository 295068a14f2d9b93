"""Verifies the Ed25519 signature of a checkpoint by hand, from the sentences of C2SP signed-note and with nothing but Python's
cryptography package. Leaves text, signature and public key in a folder for openssl.

python3 verify.py <public folder> <folder for openssl>
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519 = 0x01
ED25519_COSIGNATURE = 0x04

public, out = map(pathlib.Path, sys.argv[1:3])
described = json.loads((public / "log.json").read_text())

keys = {}
for vkey in described["vkeys"]:
    name, key_id, encoded = vkey.split("+", 2)
    material = base64.b64decode(encoded, validate=True)
    # Key ID = SHA-256(name || 0x0A || type || public key)[:4]
    computed = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    assert bytes.fromhex(key_id) == computed, f"key id of {name} is not that of its key"
    if material[0] == ED25519:
        keys[name, computed] = Ed25519PublicKey.from_public_bytes(material[1:])
assert len(keys) == 1, "log.json should have one Ed25519 key"

note = (public / "checkpoint").read_bytes()
split = note.rindex(b"\n\n")
text, signatures = note[: split + 1], note[split + 2 :].decode()
origin, size, root = text.decode().split("\n")[:3]
assert origin == described["origin"]
assert len(base64.b64decode(root, validate=True)) == 32

verified = 0
for line in signatures.splitlines():
    dash, name, encoded = line.split(" ")
    assert dash == "\u2014", "a signature line begins with an em dash"
    signature = base64.b64decode(encoded, validate=True)
    key = keys.get((name, signature[:4]))
    if key is None:
        continue
    key.verify(signature[4:], text)
    try:
        key.verify(signature[4:], text.replace(size.encode(), str(int(size) + 1).encode(), 1))
        sys.exit("FAIL a changed size was accepted")
    except InvalidSignature:
        pass
    (out / "text").write_bytes(text)
    (out / "signature").write_bytes(signature[4:])
    (out / "key.der").write_bytes(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    verified += 1
assert verified == 1, "no signature by the log's key"
# A witness's cosignature is over two lines more, of which one is the time: c2sp.org/tlog-cosignature
cosigned = 0
for vkey in (out / "witness-vkeys").read_text().split():
    name, key_id, encoded = vkey.split("+", 2)
    material = base64.b64decode(encoded, validate=True)
    assert bytes.fromhex(key_id) == hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    if material[0] != ED25519_COSIGNATURE:
        continue
    key = Ed25519PublicKey.from_public_bytes(material[1:])
    for line in signatures.splitlines():
        _, signer, encoded = line.split(" ")
        signature = base64.b64decode(encoded, validate=True)
        if signer != name or signature[:4] != bytes.fromhex(key_id):
            continue
        time = int.from_bytes(signature[4:12], "big")
        key.verify(signature[12:], f"cosignature/v1\ntime {time}\n".encode() + text)
        cosigned += 1
assert cosigned == 1, "no cosignature by the witness"
print(f"ok   python: the checkpoint is cosigned by {name}, at {time}")
print(f"ok   python: checkpoint of {origin}, size {size}, is signed by its Ed25519 key, and a changed one is not")
