#!/bin/sh
# Writes what it is told to into the file that it is told.
set -eu
printf '%s\n' "$FLEET_MODE" "$2" > "$1"
echo "surveyed $2"
