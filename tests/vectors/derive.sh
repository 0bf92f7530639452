#!/bin/sh
# Fills in what openssl has to say about the vectors of this folder: `signature` over `policy` with `key` and `hash`, and
# `policy-base64`. Inputs, policies and the form of the output are written by hand, from the guide and the tools named.
set -eu
cd "$(dirname "$0")"

cloudfront_base64() { openssl base64 -A | tr '+=/' '-_~'; }

for vector in *.txt; do
    field() { sed -n "s/^$1: //p" "$vector"; }
    policy=$(field policy)
    signature=$(printf %s "$policy" | openssl dgst "-$(field hash)" -sign "../keys/$(field key)" | cloudfront_base64)
    encoded=$(printf %s "$policy" | cloudfront_base64)
    sed -i.old -e "s|^signature:.*|signature: $signature|" -e "s|^policy-base64:.*|policy-base64: $encoded|" "$vector"
    rm "$vector.old"
done
