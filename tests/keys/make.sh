#!/bin/sh
# Makes the keys of this folder anew, with openssl and ssh-keygen. They are for cfsign's tests and protect nothing.
# The vectors depend on the RSA keys and p256, so running this means running ../vectors/derive.sh too.
set -eu
cd "$(dirname "$0")"

# RSA, the main one in every form; its passphrase is "correct horse".
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa2048-pkcs8.pem
openssl rsa -traditional -in rsa2048-pkcs8.pem -out rsa2048-pkcs1.pem
openssl pkcs8 -topk8 -nocrypt -in rsa2048-pkcs8.pem -outform DER -out rsa2048-pkcs8.der
openssl rsa -traditional -in rsa2048-pkcs8.pem -outform DER -out rsa2048-pkcs1.der
openssl pkcs8 -topk8 -v2 aes-256-cbc -passout 'pass:correct horse' -in rsa2048-pkcs8.pem -out rsa2048-encrypted.pem
openssl pkcs8 -topk8 -v2 aes-256-cbc -passout 'pass:correct horse' -in rsa2048-pkcs8.pem -outform DER -out rsa2048-encrypted.der
openssl pkcs8 -topk8 -v2 des3 -v2prf hmacWithSHA1 -passout 'pass:correct horse' -in rsa2048-pkcs8.pem -out rsa2048-encrypted-des3.pem
openssl pkcs8 -topk8 -scrypt -passout 'pass:correct horse' -in rsa2048-pkcs8.pem -out rsa2048-encrypted-scrypt.pem
openssl pkey -in rsa2048-pkcs8.pem -pubout -out rsa2048-public.pem
openssl pkey -in rsa2048-pkcs8.pem -pubout -outform DER -out rsa2048-public.der
openssl rsa -in rsa2048-pkcs8.pem -RSAPublicKey_out -out rsa2048-public-pkcs1.pem
openssl req -x509 -new -key rsa2048-pkcs8.pem -subj '/CN=cfsign test' -days 36500 -out rsa2048-certificate.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3 -out rsa2048-e3.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:512 -out rsa512.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa1024.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2047 -out rsa2047.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096 -out rsa4096.pem

# Primes of 1,023 and 1,025 bits, which openssl reads and does not make
python3 - > rsa2048-unequal-primes.pem <<'END'
import base64, subprocess
def prime(bits):
    out = subprocess.run(["openssl", "prime", "-generate", "-bits", str(bits)], capture_output=True, check=True)
    return int(out.stdout)
e = 65537
while True:
    p, q = prime(1025), prime(1023)
    if (p * q).bit_length() == 2048 and (p - 1) % e and (q - 1) % e:
        break
d = pow(e, -1, (p - 1) * (q - 1))
def integer(n):
    body = n.to_bytes(n.bit_length() // 8 + 1, "big")
    return b"\x02" + length(len(body)) + body
def length(n):
    return bytes([n]) if n < 0x80 else bytes([0x81, n]) if n < 0x100 else b"\x82" + n.to_bytes(2, "big")
body = b"".join(map(integer, [0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p)]))
text = base64.encodebytes(b"\x30" + length(len(body)) + body).decode().replace("\n", "")
frame = "-----{} RSA PRIVATE KEY-----"
print(frame.format("BEGIN"))
print("\n".join(text[i:i + 64] for i in range(0, len(text), 64)))
print(frame.format("END"))
END

# P-256
openssl ecparam -genkey -name prime256v1 -out p256-sec1.pem
openssl ec -in p256-sec1.pem -outform DER -out p256-sec1.der
openssl pkcs8 -topk8 -nocrypt -in p256-sec1.pem -out p256-pkcs8.pem
openssl pkcs8 -topk8 -nocrypt -in p256-sec1.pem -outform DER -out p256-pkcs8.der
openssl pkcs8 -topk8 -v2 aes-256-cbc -passout 'pass:correct horse' -in p256-sec1.pem -out p256-encrypted.pem
openssl ec -in p256-sec1.pem -no_public -out p256-sec1-no-public.pem
openssl pkey -in p256-sec1.pem -pubout -out p256-public.pem

# What cfsign refuses
openssl dsaparam -genkey -out dsa.pem 2048
openssl pkey -traditional -in dsa.pem -out dsa-traditional.pem
openssl pkcs8 -topk8 -nocrypt -in dsa.pem -out dsa-pkcs8.pem
rm -f dsa.pem
openssl genpkey -algorithm ED25519 -out ed25519.pem
openssl ecparam -genkey -noout -name secp384r1 -out p384-sec1.pem
openssl pkcs8 -topk8 -nocrypt -in p384-sec1.pem -out p384-pkcs8.pem
openssl ecparam -genkey -noout -name secp256k1 -out secp256k1-sec1.pem
openssl rsa -traditional -aes128 -passout 'pass:correct horse' -in rsa2048-pkcs8.pem -out rsa2048-dek-info.pem
openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout 'pass:correct horse' -in rsa2048-pkcs8.pem -out rsa2048-encrypted-pbes1.pem
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss.pem
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:8192 -out rsa8192.pem
openssl dhparam -out dh-parameters.pem 512
rm -f openssh openssh.pub
ssh-keygen -q -t rsa -b 2048 -N '' -C 'cfsign test' -f openssh
mv openssh openssh.pem
mv openssh.pub openssh-public.txt
