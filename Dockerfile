FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are Node itself, which this image has.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

# Compiled code for the server and for its parser process, so that a start in a container whose files are
# read-only costs half. Node keeps it for each user id by itself: others start all the same, only slower.
FROM dependencies AS compiled
COPY src src
RUN mkdir node_modules/.cache && chown node node_modules/.cache
USER node
RUN DOMAINNAME=example.test MAILUSER=user MAILPASSWORD=only-to-compile MAILFOLDER=/tmp/mail \
    NODE_COMPILE_CACHE=node_modules/.cache/secretary \
    node --import ./src/app/serve.ts src/main.ts ingest --dry-run package.json \
 && chmod -R go+rX node_modules/.cache

FROM node:24-slim
WORKDIR /app
COPY --from=compiled /app/node_modules node_modules
COPY package.json ./
COPY src src

# A new volume takes the owner of the folder that it is mounted on.
RUN mkdir /data && chown node:node /data
USER node
ENV NODE_ENV=production MAILFOLDER=/data NODE_COMPILE_CACHE=/app/node_modules/.cache/secretary
VOLUME /data
EXPOSE 25 143 8088

# Mail first: the server is well when SMTP greets. bash opens the connection itself (/dev/tcp), so that
# looking once a minute does not start a second Node. Where TRUSTED_PROXIES counts this machine among the proxies,
# the server waits for the PROXY protocol first: whoever hears nothing says that it speaks for itself.
HEALTHCHECK --interval=1m --timeout=10s --start-period=30s \
  CMD ["bash", "-c", "address=${SMTP_LISTEN:-:25}; host=${address%:*}; host=${host#[}; host=${host%]}; patience=5; [[ $TRUSTED_PROXIES ]] && patience=2; exec 3<>\"/dev/tcp/${host:-127.0.0.1}/${address##*:}\" && { read -rt $patience line <&3 || { printf 'PROXY UNKNOWN\\r\\n' >&3 && read -rt 5 line <&3; }; } && printf 'QUIT\\r\\n' >&3 && [[ $line == 220* ]]"]

STOPSIGNAL SIGTERM
# A small young generation keeps the idle server small, as in `npm start`.
ENTRYPOINT ["node", "--max-semi-space-size=2", "src/main.ts"]
CMD ["serve"]
