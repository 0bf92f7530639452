# Signs the URLs on standard input with openssl, a process for each: bash openssl.sh KEY KEY_PAIR_ID EXPIRES
set -euo pipefail

key=$1 key_pair_id=$2 expires=$3
while read -r url; do
    policy="{\"Statement\":[{\"Resource\":\"$url\",\"Condition\":{\"DateLessThan\":{\"AWS:EpochTime\":$expires}}}]}"
    signature=$(printf %s "$policy" | openssl dgst -sha1 -sign "$key" | openssl base64 -A | tr -- '+=/' '-_~')
    case $url in *\?*) joint='&' ;; *) joint='?' ;; esac
    printf '%s%sExpires=%s&Signature=%s&Key-Pair-Id=%s\n' "$url" "$joint" "$expires" "$signature" "$key_pair_id"
done
