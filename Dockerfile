# Kapu as an image: types are checked while it is built, it runs from a few files (decision 028), and as a user without rights.
#   docker build -t kapu . && docker run --rm kapu --help
# compose.yaml shows it with the servers that it needs.

# The version of the package `node` in package.json: what is tested is what runs.
ARG NODE=node:24.21.0-slim

FROM ${NODE} AS built
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit
COPY . .
RUN node_modules/.bin/tsc -p . && node scripts/build.ts

FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit

FROM ${NODE}
WORKDIR /app
ENV NODE_ENV=production
# As src/workers/memory.ts.
ENV MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=1048576 GLIBC_TUNABLES=glibc.malloc.hugetlb=1
ENV NODE_COMPILE_CACHE=/app/node_modules/.cache/kapu NODE_OPTIONS="--max-semi-space-size=4 --max-old-space-size=512 --v8-pool-size=1"
COPY --from=packages /app/node_modules node_modules
COPY --from=built /app/package.json .
COPY --from=built /app/config config
COPY --from=built /app/interactions interactions
COPY --from=built /app/src src
COPY --from=built /app/dist dist
# Keys, and records where they are SQLite, live in data: mount a volume.
RUN install -d -o node -g node -m 700 data node_modules/.cache
USER node
# Compiles what a command loads when it starts; and tells that the image works. What is compiled is of this user, and of this kind of processor: on another one it
# is compiled at the first start.
RUN node dist/cli.mjs --help > /dev/null \
  && node -e "for (const file of fs.globSync('dist/*.mjs')) if (file !== 'dist/cli.mjs') import('/app/' + file)"
EXPOSE 3000 3003
# Alive, not ready: restarting Kapu brings no store back. The operations port must be 3003.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3003/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli.mjs"]
CMD ["serve"]
