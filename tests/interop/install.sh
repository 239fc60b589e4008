#!/usr/bin/env bash
# Installs every program that tests/interop/ talks with, on Debian 12: packages of
# Debian, packages of npm in .interop/, and the programs written here, compiled
# there. To be run as root.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/interop
peers=.interop
mkdir -p "$peers"

if [ "$(id -u)" -ne 0 ]; then
  echo "Cannot install: found a user who is not root, wanted root" >&2
  exit 1
fi

# Servers are started by the tests alone, not by their installation.
if [ ! -e /usr/sbin/policy-rc.d ]; then
  printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
  chmod +x /usr/sbin/policy-rc.d
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq -o Acquire::Retries=3 --no-install-recommends \
  python3-websockets libwebsockets-dev libwebsocketpp-dev libasio-dev \
  zlib1g-dev gcc g++ chromium firefox-esr python3-ws4py python3-autobahn \
  golang-go golang-github-gorilla-websocket-dev \
  nginx apache2 lighttpd haproxy caddy tshark redis-server

npm install --prefix "$peers" --no-save --no-fund --no-audit \
  ws@8 bun@1 undici@7 workerd@1 socket.io@4 socket.io-client@4

gcc -O1 -o "$peers/lws_echo" "$here/programs/lws_echo.c" -lwebsockets
g++ -std=c++17 -O1 -DASIO_STANDALONE -D_WEBSOCKETPP_CPP11_STL_ \
  -o "$peers/wspp_echo" "$here/programs/wspp_echo.cpp" -lz -lpthread
GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$(mktemp -d)" \
  go build -o "$peers/gorilla_echo" "$here/programs/gorilla_echo.go"
