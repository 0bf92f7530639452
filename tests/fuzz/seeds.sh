#!/usr/bin/env bash
# The inputs from which the fuzz targets begin, made from the files of the tests: tests/fuzz/corpus/TARGET/*.
set -euo pipefail
cd "$(dirname "$0")"

# seed TARGET: one input, from standard input, named by its content.
seed() {
    local folder="corpus/$1" file
    mkdir -p "$folder"
    file=$(mktemp)
    cat > "$file"
    mv "$file" "$folder/$(cksum < "$file" | tr ' ' -)"
}

# each TARGET: one input a line.
each() {
    local line
    while IFS= read -r line; do printf %s "$line" | seed "$1"; done
}

words() { grep -ohE "$1" ../vectors/*.txt ../transcripts/*.txt ../../README.md | sort -u; }

urls=$(words "https?://[^ '\"\\\\]+|rtmp://[^ ']+")
each unsigned_url <<< "$urls"
each signed_url <<< "$urls"
for url in https://d111111abcdef8.cloudfront.net/image.jpg 'https://d111111abcdef8.cloudfront.net/a/b.zip?x=1&y'; do
    base=${url%%\?*}
    for query in Expires=1800000000 Policy=eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiKiIsIkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTgwMDAwMDAwMH19fV19; do
        printf %s "$base?$query&Signature=Zm9vYmFy&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256" | seed signed_url
    done
    for pattern in '*' "$url" "${url%/*}/*" "http*://${url#*://}" "$base\\?*" "${base%?}?" '*.cloudfront.net*' "*/$(basename "$base")*"; do
        printf '%s\n%s' "$pattern" "$url" | seed resource
    done
    printf '%s\n%s' 'videos/*.mp?' videos/a.mp4 | seed resource
done

each policy < <(grep -ohE '\{"Statement".*\}' ../vectors/*.txt ../transcripts/*.txt | sort -u)
printf '{ "Statement": { "Condition": {\n"DateGreaterThan": {"AWS:EpochTime": 1}, "IpAddress": {"AWS:SourceIp": "192.0.2.0/24"},\n"DateLessThan": {"AWS:EpochTime": 2}}}}' | seed policy

signature=CloudFront-Signature=Zm9vYmFy
key=CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F
printf 'Cookie: CloudFront-Expires=1800000000; %s; %s' $signature $key | seed cookies
printf 'Set-Cookie: %s; Domain=d111111abcdef8.cloudfront.net; Path=/; Secure; HttpOnly\n' CloudFront-Policy=e30_ $signature $key | seed cookies
printf '#HttpOnly_d111111abcdef8.cloudfront.net\tFALSE\t/\tTRUE\t0\t%s\t%s\n' CloudFront-Expires 1800000000 CloudFront-Signature Zm9vYmFy CloudFront-Key-Pair-Id K2JCJMDEHXQW5F | seed cookies
printf '{"CloudFront-Expires":1800000000,"CloudFront-Signature":"Zm9vYmFy","CloudFront-Key-Pair-Id":"K2JCJMDEHXQW5F"}' | seed cookies

for file in ../keys/*.pem ../keys/*.der ../keys/*.txt; do
    seed key_file < "$file"
    # What stands between BEGIN and END, in and out of an encryption.
    { sed '/^-----/d;/:/d' "$file" | base64 -d 2> /dev/null || true; } > corpus/der
    seed key_file < corpus/der
    seed key_passphrase < corpus/der
done
rm corpus/der
# BER: the same with an indefinite length.
for file in ../keys/rsa2048-*.der; do
    { printf '0\200'; tail -c +5 "$file"; printf '\0\0'; } | seed key_file
done
# Encrypted with one iteration, where openssl is here.
for cipher in aes-256-cbc aes-128-cbc des3; do
    ! command -v openssl > /dev/null || openssl pkcs8 -topk8 -in ../keys/p256-pkcs8.pem -outform DER -v2 $cipher -iter 1 \
        -passout 'pass:correct horse' | seed key_passphrase
done

each time < <(words '[0-9@][0-9TZ:+. -]{3,25}|[0-9]+ ?(s|m|h|d|w|weeks|days|hours)\b|[0-9.]+/[0-9]+|SHA-?256')
each sign_command_answer < <(grep -rohE '\{"[^}]*\}|vault:v1:[^ "]+' ../mocks ../transcripts/sign-command*.txt | sort -u)
for length in 128 256; do
    head -c $length /dev/zero | tr '\0' '\7' | seed sign_command_answer
    head -c $length /dev/zero | tr '\0' '\7' | base64 | seed sign_command_answer
    printf '{"KeyId":"k","Signature":"%s","SigningAlgorithm":"RSASSA_PKCS1_V1_5_SHA_256"}' \
        "$(head -c $length /dev/zero | tr '\0' '\7' | base64 -w0)" | seed sign_command_answer
done
printf '0\6\2\1\1\2\1\2' | seed sign_command_answer

# The first three bytes: the forms in and out, and the sizes of chunks and reads.
for to in 0 1 2 3; do
    form() { printf "\\x$(printf %02x $((to * 4 + $1)))\\0\\0"; }
    { form 0; printf 'https://h.example/a\r\n\nhttps://h.example/b!\nhttps://h.example/c'; } | seed rows
    { form 1; printf 'url\tn\nhttps://h.example/a\t1\n\nhttps://h.example/b\r\n'; } | seed rows
    { form 2; printf '\xef\xbb\xbfn,url\r\n"1,""\n2",https://h.example/a\r\n\r\n3,b,c\r\nx,"https://h.example/a"'; } | seed rows
    { form 3; printf '{"url":"https://h.example/a","n":[1,{}]}\n\nurl\n{"n":null,"url":"\\u0061"}\n'; } | seed rows
done

for file in ../manifests/*.m3u8; do seed playlist_hls < "$file"; done
for file in ../manifests/*.mpd; do seed playlist_dash < "$file"; done
{ echo '#EXTM3U'; grep -ohE '#EXT-?[A-Z-]+:[^'"'"'\\]*' ../suite/playlist/properties.rs ../transcripts/playlists.txt | sort -u; } | seed playlist_hls

# The other two take their inputs apart as they are: any bytes will do.
for target in engines sign_then_verify; do
    for text in a 'a/b.mp4?x=1' '%20*' 'a?x=*&y#'; do printf '\1\2\3\4\5\6\7\10%s%s' "$text" "$text" | seed $target; done
done
