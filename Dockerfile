# One image for every app of the hub and for the sandboxes; docker-compose.yml chooses by command.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Not `npm ci`: the lock file holds the binaries of one platform only, and it would refuse that. Versions are pinned.
RUN npm install --no-save
COPY . .
# The optional packages are PostgreSQL's binaries for the local stack; in a container it has one of its own.
RUN npm run build && npm prune --omit=dev --omit=optional

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/schemas schemas
COPY --from=build /app/apps/cli/bin apps/cli/bin
# A new volume takes over owner and content of the directory that it is mounted on.
RUN mkdir /data && touch /data/file-source.jsonl && chown -R node:node /data
USER node
VOLUME /data
CMD ["node", "apps/cli/bin/millrace.js", "--help"]
