# The gateway as an image: what package-lock.json names, no development tools, no shell scripts of others, nobody's root.
# Node runs the sources as they are (erasable types only), so there is nothing to build.
FROM node:26-slim AS install
WORKDIR /opt/sluice
COPY package.json package-lock.json ./
COPY detector/package.json detector/
COPY verifier/package.json verifier/
COPY gateway/package.json gateway/
COPY bench/package.json bench/
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
      --workspace=detector --workspace=verifier --workspace=gateway

FROM node:26-slim
ENV NODE_ENV=production
WORKDIR /opt/sluice
COPY --from=install /opt/sluice ./
COPY detector detector
COPY verifier verifier
COPY gateway gateway
# The owner of what the gateway writes; volumes that are mounted here take the rights of these folders.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin sluice \
 && install -d -m 0700 -o sluice -g sluice /var/lib/sluice /var/lib/sluice/keys /var/lib/sluice/custody \
 && install -d -m 0755 -o sluice -g sluice /var/lib/sluice-log
USER 10001
EXPOSE 8787
ENTRYPOINT ["node", "--max-semi-space-size=8", "/opt/sluice/gateway/src/cli/main.ts"]
CMD ["start", "--config", "/etc/sluice/sluice.yaml"]
