#!/bin/sh
# Signs URLs with an RSA 2048 key in AWS KMS, which never leaves it.
#
#   CFSIGN_KEY_PAIR_ID=K2JCJMDEHXQW5F KMS_KEY=alias/cloudfront \
#       ./kms.sh https://d111111abcdef8.cloudfront.net/a.zip https://d111111abcdef8.cloudfront.net/b.zip
#
# The key is made with
#   aws kms create-key --key-usage SIGN_VERIFY --key-spec RSA_2048
# and cf.pub.pem below is what CloudFront gets as the public key. With --key-spec ECC_NIST_P256, the algorithm is
# ECDSA_SHA_256.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

aws kms get-public-key --key-id "$KMS_KEY" --query PublicKey --output text | base64 -d > "$folder/cf.pub.der"
cfsign key public "$folder/cf.pub.der" > "$folder/cf.pub.pem"

# The command is read by a shell of its own, which knows KMS_KEY if it is exported.
export KMS_KEY
cfsign url "$@" --expires 1h --hash sha256 --public-key "$folder/cf.pub.pem" --sign-command '
    aws kms sign --key-id "$KMS_KEY" --message fileb://{policy_file} --message-type RAW \
        --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256'
