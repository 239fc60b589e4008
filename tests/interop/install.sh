#!/usr/bin/env bash
# Installs every program that tests/interop/ talks with, on Debian 12: packages of
# Debian, packages of npm in .interop/, and the programs written here, compiled
# there. To be run as root.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/interop
peers=.interop
mkdir -p "$peers"

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends \
  python3-websockets libwebsockets-dev libwebsocketpp-dev libasio-dev \
  zlib1g-dev gcc g++ chromium firefox-esr

npm install --prefix "$peers" --no-save --no-fund --no-audit ws@8 bun@1

gcc -O1 -o "$peers/lws_echo" "$here/programs/lws_echo.c" -lwebsockets
g++ -std=c++17 -O1 -DASIO_STANDALONE -D_WEBSOCKETPP_CPP11_STL_ \
  -o "$peers/wspp_echo" "$here/programs/wspp_echo.cpp" -lz -lpthread
