#!/bin/sh
# What the tests need and pip cannot bring: a browser and its fonts, and Lighthouse. Installs what is missing.
set -eu

lighthouse() {
  # 12.8.2 is the last that runs on Node 20. It lies in the environment, and goes with it.
  [ -x .venv/lighthouse/node_modules/.bin/lighthouse ] && return
  npm install --silent --no-package-lock --no-audit --no-fund --prefix .venv/lighthouse lighthouse@12.8.2
}

missing=""
command -v chromium >/dev/null || missing="$missing chromium fonts-dejavu-core"
command -v npm >/dev/null || missing="$missing npm"
if [ -z "$missing" ]; then
  lighthouse
  exit
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need:$missing. Install them, then run make test again." >&2
  exit 1
fi
echo "Installing$missing"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $missing >/dev/null
lighthouse
