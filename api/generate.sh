#!/bin/sh
# Regenerates the committed Go code of the .proto files. Needs protoc (Debian:
# protobuf-compiler); the plugins are fetched at the versions pinned here.
#   api/generate.sh          writes the generated files
#   api/generate.sh --check  fails when the committed files differ
set -eu
cd "$(dirname "$0")"
tools=$(mktemp -d)
out=$(mktemp -d)
trap 'rm -rf "$tools" "$out"' EXIT
GOBIN=$tools go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
GOBIN=$tools go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
PATH=$tools:$PATH protoc \
	--go_out="$out" --go_opt=paths=source_relative \
	--go-grpc_out="$out" --go-grpc_opt=paths=source_relative \
	federation.proto enrolment.proto
# The files name the protoc that made them; that line is no difference.
tidy() { sed -i -E 's,^(//.*[[:space:]]protoc[[:space:]]+)v[0-9.]+$,\1(any),' "$1"; }
for f in federation.pb.go federation_grpc.pb.go enrolment.pb.go enrolment_grpc.pb.go; do
	tidy "$out/$f"
	if [ "${1:-}" = --check ]; then
		diff -u "$f" "$out/$f"
	else
		cp "$out/$f" "$f"
	fi
done
