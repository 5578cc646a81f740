# The image that `ddlab lab sweep --k8s IMAGE` and anybody without Rust runs: one static binary and nothing else.
#   docker build -t ddlab .
#   docker run --rm -it -v ddlab:/data ddlab
FROM rust:1.95-slim-trixie AS build
WORKDIR /src
COPY . .
# Static, so that it starts on nothing; paths remapped, so that two builds of the same sources are equal.
RUN target="$(uname -m)-unknown-linux-gnu" \
    && RUSTFLAGS="-C target-feature=+crt-static --remap-path-prefix=/src=. --remap-path-prefix=/usr/local/cargo=cargo" \
       cargo build --profile dist --locked --bin ddlab --target "$target" \
    && install -D "target/$target/dist/ddlab" /out/ddlab \
    && install -d -o 65532 -g 65532 /out/data /out/tmp

FROM scratch
COPY --from=build --chown=65532:65532 /out /
USER 65532:65532
ENV DDLAB_DATA=/data TMPDIR=/tmp TERM=xterm-256color LANG=C.UTF-8
VOLUME /data
ENTRYPOINT ["/ddlab"]
