# docker build -t single-backend . && docker run -p 9000:9000 single-backend
ARG NODE_IMAGE=node:24-alpine

FROM ${NODE_IMAGE} AS manifest
WORKDIR /app
COPY package.json package-lock.json ./

FROM manifest AS build
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.mjs scripts/
COPY workers workers
COPY src src
RUN npm run build

FROM manifest AS dependencies
RUN npm ci --no-audit --no-fund --omit=dev

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="offload-lab" \
      org.opencontainers.image.licenses="MIT"
# The admin listener stays on the container's own loopback; it is there for the health check.
ENV NODE_ENV=production \
    ADMIN_PORT=9001
WORKDIR /app
# Everything belongs to root, so the server cannot change its own code.
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist/workers dist/workers
COPY --from=build /app/dist/src dist/src
# The user "node" of the official images, as a number: it needs no entry in /etc/passwd, and Kubernetes'
# runAsNonRoot accepts nothing else.
USER 1000:1000
EXPOSE 9000
# /livez answers from a thread of its own, so an event loop that is blocked for a while is not a reason to
# replace the container. Asked by node, the one tool that every base image has.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.ADMIN_PORT + '/livez').then(({ok}) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# No npm and no shell in between: the signals reach node, which handles them as process 1 too.
ENTRYPOINT []
CMD ["node", "--enable-source-maps", "dist/src/server.js"]
