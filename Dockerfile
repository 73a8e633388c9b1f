# One image for each mode: `development` (Vite as the reverse proxy of Daphne) and `production` (Nginx as
# the reverse proxy of Daphne). Base images are build arguments, and these lines are their only defaults.
# There is no `syntax` line: it makes BuildKit pull a frontend, which fails without a registry.
ARG PYTHON_IMAGE=python:3.12-slim
ARG NODE_IMAGE=node:24-slim
# Set to the build host's platform where the page is built for another platform's image.
ARG NODE_PLATFORM=$TARGETPLATFORM

# ---- node: Node for development and for the page's build -----------------------------------------
# The platform is an argument, and by default the image's own.
# hadolint ignore=DL3029
FROM --platform=${NODE_PLATFORM} ${NODE_IMAGE} AS node

# ---- frontend-dependencies: node_modules as the lock file has them ------------------------------
FROM node AS frontend-dependencies
ARG NPM_CONFIG_REGISTRY
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc* ./
RUN --mount=type=cache,target=/root/.npm \
    --mount=type=secret,id=ca-bundle \
    --mount=type=bind,source=docker/dev/bin/with-ca-bundle,target=/with-ca-bundle \
    --mount=type=bind,source=docker/dev/bin/if-changed,target=/if-changed \
    bash /with-ca-bundle npm ci --no-audit --no-fund \
    && bash /if-changed --record node_modules/.lock-hash package-lock.json

# ---- frontend-builder: the page as production serves it -----------------------------------------
FROM frontend-dependencies AS frontend-builder
COPY frontend ./
# Vite copies the modes of public/, which follow the checkout's umask.
RUN npm run build && chmod -R u=rwX,go=rX dist

# ---- pip: installs into other virtual environments, so that production has no pip ---------------
# Wheels only, so no compiler is needed here or later.
FROM ${PYTHON_IMAGE} AS pip
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_ONLY_BINARY=:all: PIP_REQUIRE_HASHES=1
WORKDIR /requirements
RUN python3 -m venv /pip

# ---- dependencies: the virtual environment of both modes ----------------------------------------
FROM pip AS dependencies
COPY docker/common/requirements.txt supervisor.txt
COPY backend/requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=ca-bundle \
    --mount=type=bind,source=docker/dev/bin/with-ca-bundle,target=/with-ca-bundle \
    python3 -m venv --without-pip /venv \
    && bash /with-ca-bundle /pip/bin/pip --python /venv/bin/python \
        install -r supervisor.txt -r requirements.txt

# ---- production-dependencies: the same without what production never reads ----------------------
FROM dependencies AS production-dependencies
ARG LANGUAGES=en
RUN --mount=type=bind,source=docker/prod/strip-packages,target=/strip-packages \
    bash /strip-packages /venv $LANGUAGES

# ---- development-dependencies: and the test tools; writable for any host user -------------------
FROM dependencies AS development-dependencies
COPY backend/requirements*.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=ca-bundle \
    --mount=type=bind,source=docker/dev/bin/with-ca-bundle,target=/with-ca-bundle \
    --mount=type=bind,source=docker/dev/bin/if-changed,target=/if-changed \
    touch -a requirements-dev.txt \
    && python3 -m venv /venv \
    && bash /with-ca-bundle /venv/bin/pip install -r requirements-dev.txt \
    && bash /if-changed --record /venv/.lock-hash requirements*.txt \
    && chmod -R a+rwX /venv

# ---- development-tools: the file watcher and the debugger, apart from the application's packages -
FROM pip AS development-tools
COPY docker/dev/requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=ca-bundle \
    --mount=type=bind,source=docker/dev/bin/with-ca-bundle,target=/with-ca-bundle \
    python3 -m venv --without-pip /dev-tools \
    && bash /with-ca-bundle /pip/bin/pip --python /dev-tools/bin/python install -r requirements.txt

# ---- *-files: our own scripts, copied last, so that a changed script installs nothing again ------
# `install` sets the modes, because a checkout's follow the umask of the user that cloned it, and
# `COPY --chmod` also sets the mode of the folders that it makes (github.com/moby/buildkit/issues/4945).
FROM ${PYTHON_IMAGE} AS common-files
WORKDIR /files
RUN --mount=type=bind,source=docker/common,target=/common \
    install -d etc usr/local/bin \
    && install --mode=755 /common/bin/* usr/local/bin \
    && install --mode=644 /common/supervisord.common.conf etc

FROM common-files AS development-files
RUN --mount=type=bind,source=docker/dev,target=/dev-files \
    install --mode=755 /dev-files/entrypoint.sh . \
    && install --mode=755 /dev-files/bin/* usr/local/bin \
    && install --mode=644 /dev-files/supervisord.conf etc \
    && install -d app/docker/dev \
    && cp --recursive /dev-files/dev-page app/docker/dev \
    && chmod --recursive u=rwX,go=rX app

FROM common-files AS production-files
RUN --mount=type=bind,source=docker/prod,target=/prod \
    install -d etc/nginx \
    && install --mode=755 /prod/entrypoint.sh . \
    && install --mode=755 /prod/bin/* usr/local/bin \
    && install --mode=644 /prod/supervisord.conf etc \
    && install --mode=644 /prod/nginx.conf /prod/security-headers.conf etc/nginx

# ---- base: what both modes run on ---------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS base
# What the container needs to know of the application. Another Django + Channels + Vite app that
# keeps these names runs without a change to this repository's other files.
ENV DJANGO_SETTINGS_MODULE=config.settings \
    ASGI_APPLICATION=config.asgi:application \
    HEALTH_PATH=/api/health/ready/
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1
# The official image has no bytecode of the standard library, and no process can write it later: each
# start would compile what it imports.
RUN python3 -m compileall -q -x '/(test|tests|idlelib|lib2to3|tkinter|turtledemo|ensurepip|pydoc_data|site-packages|dist-packages)/' \
        "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
# useradd leaves copies of the files that it changes, /etc/shadow- for example.
RUN useradd --uid 10001 --user-group --create-home --shell /bin/bash app \
    && rm -f /etc/*- \
    && install -d -o app -g app /run/app
WORKDIR /app/backend
ENTRYPOINT ["/entrypoint.sh"]

# ---- development: sources and node_modules are mounted over this --------------------------------
FROM base AS development
# Starts as root only to take the host user's identity; see docker/dev/entrypoint.sh.
ENV MODE=development \
    REVERSE_PROXY_PORT=3000 \
    DEV_TOOLS=/dev-tools
# Caches of tools stay out of the checkout.
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTEST_ADDOPTS="-o cache_dir=/tmp/pytest" \
    HYPOTHESIS_STORAGE_DIRECTORY=/tmp/hypothesis
COPY --link --from=node /usr/local/bin/node /usr/local/bin/node
COPY --link --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
    && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
COPY --link --from=development-tools /dev-tools /dev-tools
COPY --link --from=development-dependencies /venv /venv
COPY --link --from=frontend-dependencies /app/frontend/node_modules /app/frontend/node_modules
COPY --link --from=development-files /files /
EXPOSE 3000
ARG VERSION=0.0.0
ARG REVISION=unknown
ENV APP_VERSION=$VERSION APP_REVISION=$REVISION
LABEL org.opencontainers.image.title="alarm (development)" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION

# ---- devcontainer: and the tools of an editor in the container ----------------------------------------
FROM development AS devcontainer
# Without versions, to get Debian's latest fixes.
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    --mount=type=secret,id=ca-bundle \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && if [ -s /run/secrets/ca-bundle ]; then set -- -o Acquire::https::CAInfo=/run/secrets/ca-bundle; fi \
    && apt-get "$@" update \
    && apt-get "$@" install -y --no-install-recommends ca-certificates git less openssh-client procps
# The checkout's owner may be another user than the one that runs Git.
RUN git config --system --add safe.directory /app

# ---- compiled-backend: sources with their bytecode, which no process can write later -------------
FROM ${PYTHON_IMAGE} AS compiled-backend
COPY backend /app/backend
# Modes independent of the checkout's umask; no lists of test tools.
RUN chmod --recursive u=rwX,go=rX /app/backend && rm -f /app/backend/requirements-dev.*
# By hash, not by time, so that equal sources make equal layers.
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /app/backend

# ---- production: everything baked in, read-only, no root ----------------------------------------
FROM base AS production
ENV MODE=production \
    REVERSE_PROXY_PORT=8080 \
    ASGI_PROCESSES=2
# Without versions, to get Debian's latest fixes.
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    --mount=type=secret,id=ca-bundle \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && if [ -s /run/secrets/ca-bundle ]; then set -- -o Acquire::https::CAInfo=/run/secrets/ca-bundle; fi \
    && apt-get "$@" update \
    && apt-get "$@" install -y --no-install-recommends nginx libnginx-mod-http-brotli-static \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old \
    # Strip setuid and setgid bits, so that no process can gain another user's rights.
    && find / -xdev -perm /6000 -type f -exec chmod ug-s {} +
COPY --link --from=production-dependencies /venv /venv
COPY --link --from=production-files /files /
COPY --link --from=frontend-builder /app/frontend/dist /app/frontend/dist
COPY --link --from=compiled-backend /app/backend /app/backend
# `app`, as a number, by which an orchestrator can tell that it is not root.
USER 10001:10001
EXPOSE 80
ARG VERSION=0.0.0
ARG REVISION=unknown
ENV APP_VERSION=$VERSION APP_REVISION=$REVISION
LABEL org.opencontainers.image.title="alarm" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION
