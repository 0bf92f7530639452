#!/bin/sh
# Signs URLs with an RSA 2048 key in AWS KMS, which cannot be exported.
#
#   CFSIGN_KEY_PAIR_ID=K2JCJMDEHXQW5F KMS_KEY=alias/cloudfront \
#       ./kms.sh https://d111111abcdef8.cloudfront.net/a.zip https://d111111abcdef8.cloudfront.net/b.zip
#
# To create the key: aws kms create-key --key-usage SIGN_VERIFY --key-spec RSA_2048
# Upload the public key, cf.pub.pem below, to CloudFront. With --key-spec ECC_NIST_P256, the signing algorithm is
# ECDSA_SHA_256.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

aws kms get-public-key --key-id "$KMS_KEY" --query PublicKey --output text | base64 -d > "$folder/cf.pub.der"
cfsign key public "$folder/cf.pub.der" > "$folder/cf.pub.pem"

# The command runs in another shell, which needs KMS_KEY in its environment.
export KMS_KEY
cfsign url "$@" --expires 1h --hash sha256 --public-key "$folder/cf.pub.pem" --sign-command '
    aws kms sign --key-id "$KMS_KEY" --message fileb://{policy_file} --message-type RAW \
        --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256'
