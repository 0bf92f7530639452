#!/usr/bin/env bash
# cfsign beside other signers: same key, same URLs, same end of access, run in turns. Prints a Markdown table.
#
#   cargo build --release --locked && tests/bench/compare.sh > speed.md
#   RUNS=9 ROWS=100000 CFSIGN=path/to/cfsign tests/bench/compare.sh
#   BEFORE=path/to/older/cfsign tests/bench/compare.sh      has another build take its turns too
#   STATIC=path/to/static/cfsign tests/bench/compare.sh     and the binary of a release, for one URL
#   tests/bench/compare.sh --check      names what works and prints the same, for a few URLs
#
# Outputs are compared byte for byte before anything is timed; a signer with another output is named and left out, as is
# one that is not installed. All figures are medians. Ratios are those of processor time (user and system), which other
# processes disturb least. Amazon's signer for Node is found through NODE_PATH:
#   npm install --prefix DIR @aws-sdk/cloudfront-signer && export NODE_PATH=DIR/node_modules
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "$0")/../.." && pwd)
peers=$root/tests/bench/peers keys=$root/tests/keys
cfsign=${CFSIGN:-$root/target/release/cfsign}
cores=$(getconf _NPROCESSORS_ONLN)
runs=${RUNS:-5} rows=${ROWS:-10000} shared_rows=${SHARED_ROWS:-1000000}
if [ "${1:-}" = --check ]; then
    runs=0 rows=9 shared_rows=9
fi

say() { printf '%s\n' "$*" >&2; }
[ -n "${EPOCHREALTIME:-}" ] || { say 'SKIPPED: bash is older than version 5'; exit 2; }
[ -x "$cfsign" ] || { say "error: \"$cfsign\" is not there"; say 'hint: cargo build --release --locked'; exit 2; }
cfsign=$(realpath "$cfsign")
before=${BEFORE:+$(realpath "$BEFORE")} static=${STATIC:+$(realpath "$STATIC")}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$keys"/{rsa2048-pkcs1,rsa2048-pkcs8,rsa2048-public,p256-pkcs8}.pem "$folder"
chmod 600 "$folder"/*.pem
cd "$folder"

host=https://d111111abcdef8.cloudfront.net id=K2JCJMDEHXQW5F expires=4102444800
url=$host/builds/1.zip
echo "$url" > one
seq -f "$host/builds/%.0f.zip?arch=x86" "$rows" > many
seq -f "$host/builds/%.0f.zip" "$shared_rows" > shared

# The signers. `run` puts in front what belongs to the work at hand: one core, or the count of memory.
key=rsa2048-pkcs8.pem urls=one pattern='' core=() measured=()
run() { "${measured[@]}" "${core[@]}" "$@"; }
cfsign_url() { run "$cfsign" url "$url" -q -k "$id" -p "$key" -e "@$expires"; }
cfsign_p256() { local key=p256-pkcs8.pem; cfsign_url; }
cfsign_verify() { run "$cfsign" verify "$signed" -q --public-key rsa2048-public.pem; }
cfsign_inspect() { run "$cfsign" inspect "$signed" -q; }
cfsign_batch() {
    run "$cfsign" batch "$urls" -q -j "${jobs:-1}" -k "$id" -p "$key" -e "@$expires" ${pattern:+-r "$pattern"}
}
cfsign_cores() { local core=() jobs=$cores; cfsign_batch; }
cfsign_pipe() { cfsign_batch | "${core[@]}" cat > /dev/null; }
before_url() { local cfsign=$before; cfsign_url; }
static_url() { local cfsign=$static; cfsign_url; }
before_batch() { local cfsign=$before; cfsign_batch; }
before_pipe() { local cfsign=$before; cfsign_pipe; }
cat_pipe() { run cat cfsign_batch.out | "${core[@]}" cat > /dev/null; }
python_cryptography() { run "$python" "$peers/sign.py" "$key" "$id" "$expires" ${pattern:+"$pattern"} < "$urls"; }
python_p256() { python_cryptography; }
python_botocore() { run "$python" "$peers/botocore_signer.py" "$key" "$id" "$expires" < "$urls"; }
node_crypto() { run node "$peers/sign.js" "$key" "$id" "$expires" < "$urls"; }
node_amazon() { run node "$peers/amazon_signer.js" "$key" "$id" "$expires" < "$urls"; }
bash_openssl() { run bash "$peers/openssl.sh" "$key" "$id" "$expires" < "$urls"; }
# Version 1 reads PKCS#1 only, and prints no line break.
aws_cli() {
    run "$aws" cloudfront sign --url "$url" --key-pair-id "$id" --date-less-than "$expires" \
        --private-key file://rsa2048-pkcs1.pem && echo
}
floor() { run ./floor "$key" "$url"; }
empty() { run ./empty; }

declare -A names=(
    [cfsign_url]='cfsign url' [cfsign_p256]='cfsign url, P-256' [cfsign_verify]='cfsign verify'
    [cfsign_inspect]='cfsign inspect' [cfsign_batch]='cfsign batch' [cfsign_cores]="cfsign batch, on all $cores cores"
    [cfsign_pipe]='cfsign batch' [before_url]='cfsign url, before' [before_batch]='cfsign batch, before'
    [before_pipe]='cfsign batch, before' [cat_pipe]='cat, of the signed URLs'
    [python_cryptography]='Python, cryptography' [python_p256]='Python, cryptography'
    [python_botocore]='Python, botocore' [node_crypto]='Node, crypto' [node_amazon]="Node, Amazon's signer"
    [bash_openssl]='bash and openssl' [aws_cli]='aws cloudfront sign' [floor]='start, read the key, print'
    [static_url]='cfsign url, static' [empty]='an empty process'
)

# needs SIGNER WHAT COMMAND...: leaves a signer out where the command fails.
declare -A missing=()
needs() {
    local signer=$1 what=$2
    shift 2
    "$@" > /dev/null 2>&1 || { missing[$signer]=$what; say "SKIPPED: ${names[$signer]}: needs $what"; }
}
# The programs themselves, since a version manager's stand-in for them takes longer than their work.
python=$(python3 -c 'import sys; print(sys.executable)' 2> err || echo python3)
aws=${python%/*}/aws
[ -x "$aws" ] || aws=aws
deterministic='from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
ec.ECDSA(SHA256(), deterministic_signing=True)'
for signer in before_url before_batch before_pipe; do
    [ -n "$before" ] || missing[$signer]='another build'
done
[ -n "$static" ] || missing[static_url]='a static build'
needs python_cryptography 'python3 and its cryptography' "$python" -c 'import cryptography'
needs python_p256 'a cryptography with deterministic ECDSA' "$python" -c "$deterministic"
needs python_botocore 'botocore and cryptography' "$python" -c 'import botocore, cryptography'
needs node_crypto node node --version
needs node_amazon @aws-sdk/cloudfront-signer node -e 'require("@aws-sdk/cloudfront-signer")'
needs bash_openssl openssl openssl version
needs aws_cli 'version 1 of the AWS CLI' bash -c '"$0" --version 2>&1 | grep -q ^aws-cli/1' "$aws"
needs floor rustc rustc -O -o floor "$peers/floor.rs"
needs empty rustc rustc -O -o empty "$peers/empty.rs"
gnu_time=$(type -P time || true)
if ! "${gnu_time:-false}" -f %M -o err true 2> err; then
    gnu_time=''
    say 'SKIPPED: peak memory: needs GNU time'
fi
if taskset -c 0 true 2> err; then
    one_core=(taskset -c 0)
else
    one_core=()
    say 'SKIPPED: one core: needs taskset'
fi

# Amazon's signer for Node puts the key pair ID before the signature.
reordered() { sed -E 's/(&Key-Pair-Id=[^&]*)(&Signature=[^&]*)$/\2\1/' "$1"; }

# agrees SIGNER FIRST: whether a signer works, and prints what the first one does. Its memory is measured on the way.
failed=0
agrees() {
    local measured=(${gnu_time:+"$gnu_time" -f %M -o "$1.memory"})
    if ! "$1" > "$1.out" 2> err; then
        say "FAILED: ${names[$1]}: $title: $(tail -n 1 err)"
    elif [ -n "$2" ] && ! cmp -s "$2.out" <(reordered "$1.out"); then
        say "DIFFERENT: ${names[$1]}: $title: not the output of ${names[$2]}"
    else
        return 0
    fi
    failed=1
    return 1
}

# timed SIGNER: runs a signer `repeats` times, and notes the mean processor and elapsed time in microseconds.
timed() {
    local begin=${EPOCHREALTIME/./} TIMEFORMAT='%3U %3S'
    { time for ((repeat = 0; repeat < repeats; repeat++)); do "$1" > out 2> err; done; } 2> used
    echo $(((${EPOCHREALTIME/./} - begin) / repeats)) >> "$1.elapsed"
    awk -v repeats="$repeats" '{ print ($1 + $2) * 1e6 / repeats }' used >> "$1.processor"
}

median() { sort -n "$1" | awk '{ all[NR] = $1 } END { print (all[int((NR + 1) / 2)] + all[int(NR / 2) + 1]) / 2 }'; }

# contest TITLE REPEATS SIGNER... -- OTHER...: times signers that print the same, and others that have something else to do.
contest() {
    local title=$1 repeats=$2 first=$3 compare=$3 signer taking_part=()
    shift 2
    for signer; do
        if [ "$signer" = -- ]; then
            compare=''
        elif [ -z "${missing[$signer]:-}" ] && agrees "$signer" "$compare"; then
            taking_part+=("$signer")
        fi
    done
    if [ "$runs" -eq 0 ]; then
        for signer in "${taking_part[@]}"; do echo "$title: ${names[$signer]}"; done
        return
    fi
    rm -f ./*.elapsed ./*.processor
    for ((run = 0; run < runs; run++)); do
        for signer in "${taking_part[@]}"; do timed "$signer"; done
    done
    echo "| **$title** | | | | |"
    for signer in "${taking_part[@]}"; do
        awk -v name="${names[$signer]}" -v processor="$(median "$signer.processor")" \
            -v elapsed="$(median "$signer.elapsed")" -v first="$(median "$first.processor")" \
            -v memory="$(cat "$signer.memory" 2> err)" '
                function shown(time) {
                    if (time >= 1e6) return sprintf("%.2f s", time / 1e6)
                    return sprintf("%.*f ms", time < 1e4 ? 2 : time < 1e5 ? 1 : 0, time / 1e3)
                }
                BEGIN {
                    printf "| %s | %s | %.2f | %s | %s |\n", name, shown(processor), processor / first,
                        shown(elapsed), memory ? sprintf("%.0f MiB", memory / 1024) : ""
                }'
    done
}

signed=$(cfsign_url)
if [ "$runs" -gt 0 ]; then
    processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2> err | head -n 1)
    echo "$("$cfsign" --version | head -n 1) on $(uname -sm), $cores cores of ${processor:-an unnamed processor};" \
        "medians of $runs runs in alternation; lists on one core if not said otherwise"
    printf '\n| | processor time | ratio | elapsed | peak memory |\n|---|--:|--:|--:|--:|\n'
fi
# One process is short, and its time is that of 20.
contest 'one URL, a process each' 20 \
    cfsign_url static_url before_url bash_openssl node_crypto node_amazon python_cryptography python_botocore aws_cli \
    -- empty floor cfsign_p256 cfsign_verify cfsign_inspect
core=("${one_core[@]}") urls=many
contest "$rows URLs, a signature each" 1 \
    cfsign_batch before_batch cfsign_cores python_cryptography python_botocore node_crypto node_amazon
key=p256-pkcs8.pem
contest "$rows URLs, a P-256 signature each" 1 cfsign_batch before_batch cfsign_cores python_p256
key=rsa2048-pkcs8.pem urls=shared pattern="$host/builds/*"
contest "$shared_rows URLs under one policy" 1 cfsign_batch before_batch cfsign_cores python_cryptography
contest "$shared_rows URLs under one policy, into a pipe" 1 cfsign_pipe before_pipe cat_pipe
exit "$failed"
