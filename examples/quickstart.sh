#!/bin/sh
# From a checkout to a signed URL: builds cfsign, makes a key pair in a temporary folder, and signs with it.
# No AWS account is needed; until CloudFront knows the public key, it will not accept the URL.
set -eu

cfsign=${CFSIGN:-}
if [ -z "$cfsign" ]; then
    cd "$(dirname "$0")/.."
    # With an example, in the profile of the tests: they need not build the dependencies again.
    cargo build --locked --bin cfsign --example library
    cfsign=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/debug/cfsign
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

url=https://d111111abcdef8.cloudfront.net/image.jpg
expires=$("$cfsign" policy "$url" --expires 1h | sed 's/.*EpochTime"://; s/}.*//')

"$cfsign" key generate cf.pem > next-steps.txt
policy=$("$cfsign" policy "$url" --expires "@$expires")
signed=$("$cfsign" url "$url" --key-pair-id K2JCJMDEHXQW5F --private-key cf.pem --expires "@$expires")

printf '\nthe policy that is signed:\n%s\n' "$policy"

if command -v openssl > /dev/null; then
    signature=${signed#*Signature=}
    printf %s "${signature%%&*}" | tr -- '-_~' '+=/' | openssl base64 -d -A > signature.bin
    printf '\nopenssl, with the public key over that policy:\n'
    printf %s "$policy" | openssl dgst -sha1 -verify cf.pub.pem -signature signature.bin
fi

printf '\nthe signed URL:\n%s\n' "$signed"

cat << END

cfsign is
$cfsign

next:
  cargo install --locked --path .   builds an optimized cfsign and puts it into ~/.cargo/bin
  cfsign key generate cf.pem        makes a key pair, and prints how to register it with CloudFront
  cfsign help                       lists the commands
END
