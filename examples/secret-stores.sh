#!/bin/sh
# Signs URLs with a private key from a secret store. The key is sent through a pipe, so it is in no file, variable or argument.
#
#   CFSIGN_KEY_PAIR_ID=K2JCJMDEHXQW5F ./secret-stores.sh vault https://d111111abcdef8.cloudfront.net/a.zip
#
# The first argument is secrets-manager, parameter-store, 1password or vault.
set -eu

store=$1
shift

case $store in
    secrets-manager)
        aws secretsmanager get-secret-value --secret-id cloudfront/private-key --query SecretString --output text ;;
    parameter-store)
        aws ssm get-parameter --name /cloudfront/private-key --with-decryption --query Parameter.Value --output text ;;
    1password)
        op read op://Infrastructure/cloudfront/private-key ;;
    vault)
        vault kv get -field=private_key secret/cloudfront ;;
    *)
        echo "unknown secret store: $store" >&2 ;;
esac | cfsign url "$@" --private-key - --expires 1h
