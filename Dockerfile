# syntax=docker/dockerfile:1
FROM docker.io/library/swift:6.3-bookworm AS build
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libsqlite3-dev zlib1g-dev \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift openapi.yaml ./
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
RUN swift build --configuration release --product descent --static-swift-stdlib \
  && install -D --strip \
    "$(swift build --configuration release --show-bin-path)/descent" /out/descent

FROM docker.io/library/debian:bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libsqlite3-0 zlib1g \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --no-create-home descent \
  && install --directory --owner descent --group descent /data
COPY --from=build /out/descent /usr/local/bin/descent
USER descent
ENV DESCENT_HOST=0.0.0.0 DESCENT_PORT=8080 DESCENT_DATA=/data
EXPOSE 8080
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["descent", "health"]
ENTRYPOINT ["descent"]
CMD ["serve"]
