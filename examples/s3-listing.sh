#!/bin/sh
# Signs a URL for each object below a prefix of an S3 bucket.
#
#   CFSIGN_KEY_PAIR_ID=K2JCJMDEHXQW5F CFSIGN_PRIVATE_KEY=cf.pem \
#       ./s3-listing.sh my-bucket builds/42/ https://d111111abcdef8.cloudfront.net
#
# Needs the AWS CLI and jq.
set -eu

# An object key may contain any character: @uri percent-encodes all but the slashes between its parts, and some versions of
# jq all but *, which --encode does.
aws s3api list-objects-v2 --bucket "$1" --prefix "$2" --output json |
    jq --raw-output '.Contents[]?.Key | split("/") | map(@uri) | join("/")' |
    cfsign batch --base-url "$3" --encode --expires 7d
