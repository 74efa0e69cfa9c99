# The image of Usher. Not yet run in a container: every step and the finished folder were run by hand without one,
# as process 1, as user 1000, without capabilities, on a read-only root file system.
#
#   docker build --tag usher:0.1.0 .
#
# Without DATABASE_URL it needs a folder for the embedded database: --env DATA_DIR=/data --volume usher-data:/data
FROM node:20.20.2-bookworm-slim AS base
WORKDIR /usher
COPY package.json package-lock.json .npmrc ./

FROM base AS build
RUN npm ci --no-audit
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY apps apps
COPY libs libs
RUN npm run build

# Source maps and type declarations are a third of what is installed, and nothing reads them.
FROM base AS dependencies
RUN npm ci --omit=dev --no-audit && find node_modules -type f -regex '.*\.\(map\|d\.[cm]?ts\)' -delete

FROM node:20.20.2-bookworm-slim
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Usher" \
      org.opencontainers.image.description="Self-hosted backend for membership and invitations" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
# DATA_DIR is not set here: an image that was given no DATABASE_URL should say so instead of keeping its data in a container.
RUN install --directory --owner=node --group=node --mode=700 /data
WORKDIR /usher
COPY --from=dependencies /usher/node_modules node_modules
COPY --from=build /usher/package.json package.json
COPY --from=build /usher/dist dist
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/apps/api/src/main.js"]
