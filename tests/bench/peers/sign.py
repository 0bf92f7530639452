"""Signs the URLs on standard input with cryptography, one a line: sign.py KEY KEY_PAIR_ID EXPIRES [PATTERN]

With a pattern, one custom policy over it is signed, once, and serves all of the URLs.
"""

import sys
from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

CLOUDFRONT = bytes.maketrans(b"+=/", b"-_~")


def signer(path):
    with open(path, "rb") as file:
        key = load_pem_private_key(file.read(), None)
    if isinstance(key, RSAPrivateKey):
        return lambda message: key.sign(message, padding.PKCS1v15(), SHA1()), ""
    ecdsa = ec.ECDSA(SHA256(), deterministic_signing=True)
    return lambda message: key.sign(message, ecdsa), "&Hash-Algorithm=SHA256"


def encode(data):
    return b64encode(data).translate(CLOUDFRONT).decode()


def policy(resource, expires):
    condition = '{"DateLessThan":{"AWS:EpochTime":' + expires + "}}"
    return ('{"Statement":[{"Resource":"' + resource + '","Condition":' + condition + "}]}").encode()


def main(key, key_pair_id, expires, pattern=None):
    sign, announced = signer(key)
    tail = f"&Key-Pair-Id={key_pair_id}{announced}\n"
    if pattern:
        shared = policy(pattern, expires)
        query = f"Policy={encode(shared)}&Signature={encode(sign(shared))}{tail}"
    for line in sys.stdin:
        url = line.rstrip("\n")
        if not pattern:
            query = f"Expires={expires}&Signature={encode(sign(policy(url, expires)))}{tail}"
        sys.stdout.write(f"{url}{'&' if '?' in url else '?'}{query}")


main(*sys.argv[1:])
