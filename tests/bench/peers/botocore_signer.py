"""Signs the URLs on standard input with botocore's CloudFrontSigner: botocore_signer.py KEY KEY_PAIR_ID EXPIRES"""

import sys
from datetime import datetime, timezone

from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key

path, key_pair_id, expires = sys.argv[1:]
with open(path, "rb") as file:
    key = load_pem_private_key(file.read(), None)
signer = CloudFrontSigner(key_pair_id, lambda message: key.sign(message, PKCS1v15(), SHA1()))
end = datetime.fromtimestamp(int(expires), timezone.utc)
for line in sys.stdin:
    print(signer.generate_presigned_url(line.rstrip("\n"), date_less_than=end))
