#!/bin/bash
# Builds the Debian package for arm64 on an amd64 Debian 12, and tries its binary under qemu-aarch64. Needs nothing but
# Debian's packages; takes many minutes, so it is no part of .ci/run.
#
#     packaging/arm64.sh [FOLDER]      the package goes there; target/arm64 without it
#
# PROFILE=dev builds quicker. With a Rust that has the target (`rustup target add aarch64-unknown-linux-gnu`) that one is
# used; without, the compiler and the standard library of both machines come from Debian's packages of Rust, which are
# unpacked below target/ and not installed.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-target/arm64}
profile=${PROFILE:-dist}
triple=aarch64-unknown-linux-gnu
work=$PWD/target/arm64-toolchain

need=()
command -v aarch64-linux-gnu-gcc >/dev/null || need+=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
command -v qemu-aarch64 >/dev/null || command -v qemu-aarch64-static >/dev/null || need+=(qemu-user)
command -v dpkg-deb >/dev/null || need+=(dpkg)
if [ ${#need[@]} -gt 0 ]; then
    apt-get update -q
    apt-get install -y -q --no-install-recommends "${need[@]}"
fi
qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static)

# The newest Rust that Debian has for this release: that of its browsers.
debian_rust() {
    local version
    apt-get update -q
    version=$(apt-cache search --names-only '^libstd-rust-web-[0-9.]+$' | sed 's/ .*//; s/.*-//' | sort -V | tail -n 1)
    [ -n "$version" ] || { echo "Debian has no rustc-web here; install Rust with the target $triple" >&2; exit 1; }
    local library=libstd-rust-web-$version
    mkdir -p "$work"/{host,arm/lists/partial,arm/cache/archives/partial}
    (
        cd "$work/host"
        local llvm
        apt-get -o APT::Sandbox::User=root download rustc-web libstd-rust-web-dev "$library"
        llvm=$(dpkg-deb --field rustc-web_*.deb Depends | grep -o 'libllvm[0-9]*' || dpkg-deb --field "${library}"_*.deb Depends | grep -o 'libllvm[0-9]*')
        apt-get -o APT::Sandbox::User=root download "$(echo "$llvm" | head -n 1)"
    )
    # The sources of this machine, read for the other one.
    touch "$work/arm/status"
    apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' | sort -u |
        while read -r uri release component; do
            echo "deb [arch=arm64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $release $component"
        done >"$work/arm/sources.list"
    local apt=(apt-get -o "Dir::Etc::SourceList=$work/arm/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$work/arm/lists" -o "Dir::Cache=$work/arm/cache" -o "Dir::State::status=$work/arm/status"
        -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User=root)
    "${apt[@]}" update -q
    (cd "$work/arm" && "${apt[@]}" download libstd-rust-web-dev "$library")
    for package in "$work"/host/*.deb "$work"/arm/*.deb; do
        dpkg-deb --extract "$package" "$work/root"
    done
    cat >"$work/rustc" <<WRAPPER
#!/bin/sh
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
exec $work/root/usr/bin/rustc --sysroot $work/root/usr "\$@"
WRAPPER
    chmod +x "$work/rustc"
}

if [ -d "$(rustc --print sysroot)/lib/rustlib/$triple" ]; then
    compiler=$(command -v rustc)
else
    [ -x "$work/rustc" ] || debian_rust
    compiler=$work/rustc
fi
"$compiler" --version

# A folder of its own: a target folder knows one compiler.
RUSTC=$compiler CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc CARGO_TARGET_DIR=target/arm64-build \
    cargo build --locked --bin orgbox --profile "$profile" --target "$triple"
folder=$profile
[ "$profile" = dev ] && folder=debug
binary=target/arm64-build/$triple/$folder/orgbox

export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu
# What a quick build leaves unstripped would take minutes to compress.
compression=xz
[ "$profile" = dev ] && compression=none
package=$(packaging/package.py deb "$binary" --arch arm64 --to "$out" --runner "$qemu" --compression "$compression")

# What is tried is what lies in the package.
try=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$try"
}
trap finish EXIT
dpkg-deb --extract "$package" "$try/root"
printf 'version = 1\n[server]\nlisten = "127.0.0.1:0"\n[database]\npath = "orgbox.db"\n' >"$try/config.toml"
run() { "$qemu" "$try/root/usr/bin/orgbox" --config "$try/config.toml" "$@"; }
run version
ORGBOX_ADMIN_PASSWORD=smoke-test-only "$qemu" "$try/root/usr/bin/orgbox" --config "$try/config.toml" serve >"$try/out" 2>"$try/log" &
server=$!
for _ in $(seq 300); do
    grep -q '^Serving on' "$try/out" && break
    kill -0 $server || { cat "$try/log"; exit 1; }
    sleep 0.1
done
url=$(sed -n 's/^Serving on //p' "$try/out")
curl --silent --fail --user admin:smoke-test-only "$url/api/v1/orgs" --json '{"name":"smoke","longName":"Smoke test"}' >/dev/null
run org show smoke
curl --silent --fail "$url/readyz"
echo
kill -TERM $server
wait $server
server=
run org show smoke >/dev/null
echo "$package"
