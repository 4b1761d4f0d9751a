FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are Node itself, which this image has.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY src src

# A new volume takes the owner of the folder that it is mounted on.
RUN mkdir /data && chown node:node /data
USER node
ENV NODE_ENV=production MAILFOLDER=/data
VOLUME /data
EXPOSE 25 143 8088

# Mail first: the server is well when SMTP greets. bash opens the connection itself (/dev/tcp), so that
# looking once a minute does not start a second Node.
HEALTHCHECK --interval=1m --timeout=10s --start-period=30s \
  CMD ["bash", "-c", "address=${SMTP_LISTEN:-:25}; host=${address%:*}; host=${host#[}; host=${host%]}; exec 3<>\"/dev/tcp/${host:-127.0.0.1}/${address##*:}\" && read -rt 5 line <&3 && printf 'QUIT\\r\\n' >&3 && [[ $line == 220* ]]"]

STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "src/main.ts"]
CMD ["serve"]
