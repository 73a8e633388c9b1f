# One image for each mode: `development` (Vite in front of Daphne) and `production` (Nginx in front
# of Daphne or uvicorn). Base images are build arguments, and these lines are their only defaults. There is no
# `syntax` line: it would make BuildKit pull a frontend, which a network without a registry refuses.
ARG PYTHON_IMAGE=python:3.12-slim
ARG NODE_IMAGE=node:24-slim
# Another one than the image's is given where the page is built for another processor's image.
ARG NODE_PLATFORM=$TARGETPLATFORM

# ---- node: where development and the build take Node from ---------------------------------------
# The platform is a person's choice, and by default the image's own.
# hadolint ignore=DL3029
FROM --platform=${NODE_PLATFORM} ${NODE_IMAGE} AS node

# ---- frontend-dependencies: node_modules as the lock file has them ------------------------------
FROM node AS frontend-dependencies
ARG NPM_CONFIG_REGISTRY
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc* ./
RUN --mount=type=cache,target=/root/.npm \
    --mount=type=secret,id=ca-bundle \
    --mount=type=bind,source=docker/bin/with-ca-bundle,target=/with-ca-bundle \
    --mount=type=bind,source=docker/bin/if-changed,target=/if-changed \
    bash /with-ca-bundle npm ci --no-audit --no-fund \
    && bash /if-changed --record node_modules/.lock-hash package-lock.json

# ---- frontend-builder: the page as production serves it -----------------------------------------
FROM frontend-dependencies AS frontend-builder
COPY frontend ./
# Vite copies the modes of public/, which follow the checkout's umask.
RUN npm run build && chmod -R u=rwX,go=rX dist

# ---- dependencies: the virtual environment of production ----------------------------------------
# Wheels only, so no compiler is needed here or later.
FROM ${PYTHON_IMAGE} AS dependencies
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_ONLY_BINARY=:all: PIP_REQUIRE_HASHES=1
WORKDIR /requirements
RUN python3 -m venv /pip && python3 -m venv --without-pip /venv
COPY docker/requirements.txt supervisor.txt
COPY backend/requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=ca-bundle \
    --mount=type=bind,source=docker/bin/with-ca-bundle,target=/with-ca-bundle \
    bash /with-ca-bundle /pip/bin/pip --python /venv/bin/python \
        install -r supervisor.txt -r requirements.txt

# ---- dependencies-dev: the same and what developers need, writable to whoever the host's user is 
FROM dependencies AS dependencies-dev
COPY backend/requirements*.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=ca-bundle \
    --mount=type=bind,source=docker/bin/with-ca-bundle,target=/with-ca-bundle \
    --mount=type=bind,source=docker/bin/if-changed,target=/if-changed \
    touch -a requirements-dev.txt \
    && python3 -m venv /venv \
    && bash /with-ca-bundle /venv/bin/pip install -r requirements-dev.txt \
    && bash /if-changed --record /venv/.lock-hash requirements*.txt \
    && chmod -R a+rwX /venv

# ---- container-files: our own scripts, copied last, so that a change to one installs nothing again
# Modes are set by `install`: a checkout's follow the umask of the user that cloned it, and
# `COPY --chmod` gives its mode to the folders that it makes, too (github.com/moby/buildkit/issues/4945).
FROM ${PYTHON_IMAGE} AS container-files
WORKDIR /files
RUN --mount=type=bind,source=docker,target=/docker \
    install -d etc usr/local/bin \
    && install --mode=755 /docker/entrypoint.sh . \
    && install --mode=755 /docker/bin/* usr/local/bin \
    && install --mode=644 /docker/supervisord.common.conf etc

FROM container-files AS development-files
RUN --mount=type=bind,source=docker,target=/docker \
    install --mode=644 /docker/supervisord.dev.conf etc/supervisord.conf \
    && install -d app/docker \
    && cp --recursive /docker/dev-page app/docker \
    && chmod --recursive u=rwX,go=rX app

FROM container-files AS production-files
RUN --mount=type=bind,source=docker,target=/docker \
    install -d etc/nginx \
    && install --mode=644 /docker/nginx.conf /docker/security-headers.conf etc/nginx \
    && install --mode=644 /docker/supervisord.prod.conf etc/supervisord.conf \
    && install --mode=644 /docker/supervisord.daphne.conf /docker/supervisord.uvicorn.conf etc

# ---- base: what both modes run on ---------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS base
# What the container needs to know of the application. Another Django + Channels + Vite app that
# keeps these names comes up with no file of this repository edited.
ENV DJANGO_SETTINGS_MODULE=config.settings \
    ASGI_APPLICATION=config.asgi:application \
    HEALTH_PATH=/api/health/ready/
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1
# The official image comes without its library's bytecode, and nobody could write it later: each start
# of a program would compile what it imports anew.
RUN python3 -m compileall -q -x '/(test|tests|idlelib|lib2to3|tkinter|turtledemo|ensurepip|pydoc_data|site-packages|dist-packages)/' \
        "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
RUN useradd --uid 10001 --user-group --create-home --shell /bin/bash app \
    && install -d -o app -g app /run/app
WORKDIR /app/backend
ENTRYPOINT ["/entrypoint.sh"]

# ---- development: sources and node_modules are mounted over this --------------------------------
FROM base AS development
# Starts as root only to take on the host user's identity; see docker/entrypoint.sh.
ENV MODE=development \
    FRONT_PORT=3000
# What tools remember belongs in no checkout.
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTEST_ADDOPTS="-o cache_dir=/tmp/pytest" \
    HYPOTHESIS_STORAGE_DIRECTORY=/tmp/hypothesis
COPY --link --from=node /usr/local/bin/node /usr/local/bin/node
COPY --link --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
    && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
COPY --link --from=dependencies-dev /venv /venv
COPY --link --from=frontend-dependencies /app/frontend/node_modules /app/frontend/node_modules
COPY --link --from=development-files /files /
EXPOSE 3000
ARG VERSION=0.0.0
ARG REVISION=unknown
ENV APP_VERSION=$VERSION APP_REVISION=$REVISION
LABEL org.opencontainers.image.title="alarm (development)" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION

# ---- devcontainer: and what an editor inside of it needs ----------------------------------------
FROM development AS devcontainer
# Without versions: the fixes that Debian has published by now are wanted.
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    --mount=type=secret,id=ca-bundle \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && if [ -s /run/secrets/ca-bundle ]; then set -- -o Acquire::https::CAInfo=/run/secrets/ca-bundle; fi \
    && apt-get "$@" update \
    && apt-get "$@" install -y --no-install-recommends ca-certificates git less openssh-client procps
# The checkout may belong to another user than the one that Git is run by.
RUN git config --system --add safe.directory /app

# ---- compiled-backend: sources with their bytecode, which nobody could write later --------------
FROM ${PYTHON_IMAGE} AS compiled-backend
COPY backend /app/backend
# Readable by every user, whatever the checkout's umask was.
RUN chmod --recursive u=rwX,go=rX /app/backend
# By hash, not by time, so that the same sources give the same layer.
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /app/backend

# ---- production: everything baked in, read-only, no root ----------------------------------------
FROM base AS production
ENV MODE=production \
    FRONT_PORT=8080 \
    ASGI_SERVER=daphne \
    ASGI_PROCESSES=2
# Without versions: the fixes that Debian has published by now are wanted.
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    --mount=type=secret,id=ca-bundle \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && if [ -s /run/secrets/ca-bundle ]; then set -- -o Acquire::https::CAInfo=/run/secrets/ca-bundle; fi \
    && apt-get "$@" update \
    && apt-get "$@" install -y --no-install-recommends nginx libnginx-mod-http-brotli-static \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old \
    # No program gives its caller other rights: nobody here may become somebody else.
    && find / -xdev -perm /6000 -type f -exec chmod ug-s {} +
COPY --link --from=dependencies /venv /venv
COPY --link --from=production-files /files /
COPY --link --from=frontend-builder /app/frontend/dist /app/frontend/dist
COPY --link --from=compiled-backend /app/backend /app/backend
# `app`, as a number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 80
ARG VERSION=0.0.0
ARG REVISION=unknown
ENV APP_VERSION=$VERSION APP_REVISION=$REVISION
LABEL org.opencontainers.image.title="alarm" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION
