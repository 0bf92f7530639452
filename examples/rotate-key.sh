#!/bin/sh
# Adds a new key to a CloudFront key group, and signs a list of links again with it. The links keep their conditions.
#
#   ./rotate-key.sh KEY_GROUP_ID links.txt new.pem > new-links.txt
#
# Both keys are valid until the old one is removed from the group, which revokes all that it signed: do so when the new
# links are published. Needs the AWS CLI and jq.
set -eu

group=$1 links=$2 key=$3
public=${key%.pem}.pub.pem

cfsign key generate "$key" > /dev/null
config=$(jq --null-input --rawfile key "$public" '{CallerReference: ($key | @base64), Name: "cfsign", EncodedKey: $key}')
id=$(aws cloudfront create-public-key --public-key-config "$config" --query PublicKey.Id --output text)

old=$(aws cloudfront get-key-group --id "$group" --output json)
config=$(echo "$old" | jq --arg id "$id" '.KeyGroup.KeyGroupConfig | .Items += [$id]')
etag=$(echo "$old" | jq --raw-output .ETag)
aws cloudfront update-key-group --id "$group" --if-match "$etag" --key-group-config "$config" > /dev/null

cfsign batch "$links" --resign --key-pair-id "$id" --private-key "$key"
echo "key $id is in the group; publish the links, then remove the old key from it" >&2
