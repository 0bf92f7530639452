# The step of the setup action. The variables are those that GitHub Actions sets.
set -euo pipefail

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$GITHUB_ACTION_PATH/../../../Cargo.toml" | head -1)
case $RUNNER_OS-$RUNNER_ARCH in
Linux-X64) file=cfsign-x86_64-unknown-linux-gnu.tgz ;;
Linux-ARM64) file=cfsign-aarch64-unknown-linux-gnu.tgz ;;
macOS-X64) file=cfsign-x86_64-apple-darwin.tgz ;;
macOS-ARM64) file=cfsign-aarch64-apple-darwin.tgz ;;
Windows-X64) file=cfsign-x86_64-pc-windows-msvc.zip ;;
*)
    echo "::error::there is no release of cfsign for $RUNNER_OS $RUNNER_ARCH"
    exit 1
    ;;
esac

folder=$(mktemp -d "$RUNNER_TEMP/cfsign-XXXXXX")
cd "$folder"
release=$GITHUB_SERVER_URL/$GITHUB_ACTION_REPOSITORY/releases/download/v$version
for each in "$file" SHA256SUMS; do
    curl --fail --silent --show-error --location --retry 3 --remote-name "$release/$each"
done
grep -F " $file" SHA256SUMS > expected
if command -v sha256sum > /dev/null; then
    sha256sum --check expected
else
    shasum --algorithm 256 --check expected
fi
# The sum comes from the same place as the file; the attestation says which workflow and commit built it. Runners of GitHub have
# gh, and its token is in the environment.
if [ -n "${GH_TOKEN:-}" ] && command -v gh > /dev/null; then
    gh attestation verify "$file" --repo "$GITHUB_ACTION_REPOSITORY"
else
    echo 'the attestation is not verified: gh or its token is missing'
fi

case $file in
*.zip) unzip -q "$file" ;;
*) tar -xzf "$file" ;;
esac
path=$folder/${file%.*}-v$version
if [ "$RUNNER_OS" = Windows ]; then
    path=$(cygpath --windows "$path")
fi
echo "$path" >> "$GITHUB_PATH"
