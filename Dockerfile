# One image for each mode: `development` (Vite as the reverse proxy of Daphne) and `production` (Nginx as
# the reverse proxy of Daphne). Base images are build arguments, and these lines are their only defaults.
# There is no `syntax` line: it makes BuildKit pull a frontend, which fails without a registry.
ARG PYTHON_IMAGE=python:3.12-slim
ARG NODE_IMAGE=node:24-slim
# Set to the build host's platform where the page is built for another platform's image.
ARG NODE_PLATFORM=$TARGETPLATFORM

# ---- node: Node for development and for the page's build -----------------------------------------
# hadolint ignore=DL3029  # the platform is an argument
FROM --platform=${NODE_PLATFORM} ${NODE_IMAGE} AS node

# ---- frontend-dependencies: node_modules as the lock file has them ------------------------------
FROM node AS frontend-dependencies
ARG NPM_CONFIG_REGISTRY
COPY docker/dev/bin/with-ca-bundle docker/dev/bin/if-changed docker/dev/bin/node-packages /
WORKDIR /app/frontend
# What the package managers read: a pattern matches what an app has of it.
COPY frontend/package.json frontend/package-lock.json* frontend/npm-shrinkwrap.json* frontend/pnpm-lock.yaml* \
    frontend/pnpm-workspace.yaml* frontend/.pnpmfile.cjs* frontend/yarn.lock* frontend/.npmrc* frontend/.yarnrc* ./
# docker/no-file is empty: Buildah refuses a COPY of which no file exists.
COPY docker/no-file frontend/patches* patches/
COPY docker/no-file frontend/.yar[n] .yarn/
RUN --mount=type=cache,target=/root/.npm \
    --mount=type=cache,target=/root/.cache \
    --mount=type=secret,id=ca-bundle \
    bash /with-ca-bundle bash /node-packages update-dependencies

# ---- frontend-builder: the page as production serves it -----------------------------------------
FROM frontend-dependencies AS frontend-builder
COPY frontend ./
# Vite copies the modes of public/, which follow the checkout's umask.
RUN --mount=type=cache,target=/root/.npm \
    --mount=type=cache,target=/root/.cache \
    --mount=type=secret,id=ca-bundle \
    --mount=type=bind,source=docker/dev/vite,target=/docker/dev/vite \
    --mount=type=bind,source=docker/prod/frontend,target=/docker/prod/frontend \
    bash /with-ca-bundle bash /node-packages finish \
    && bash /with-ca-bundle node /docker/prod/frontend/build.js /page bash /node-packages run build \
    && chmod -R u=rwX,go=rX /page

# ---- debian-packages: those that backend/app.toml names -------------------------------------------
FROM ${PYTHON_IMAGE} AS debian-packages
WORKDIR /app-toml
COPY docker/no-file backend/app.tom[l] ./
RUN --mount=type=bind,source=docker/common/list-debian-packages,target=/list-debian-packages \
    python3 /list-debian-packages /lists

# ---- pip: installs into other virtual environments, so that production has no pip ---------------
FROM ${PYTHON_IMAGE} AS pip
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
COPY docker/dev/bin/with-ca-bundle /
WORKDIR /requirements
RUN python3 -m venv /pip

# ---- dependencies: the virtual environment of both modes ----------------------------------------
FROM pip AS dependencies
COPY docker/common/requirements.txt supervisor.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=ca-bundle \
    python3 -m venv --without-pip /venv \
    && bash /with-ca-bundle /pip/bin/pip --python /venv/bin/python \
        install --require-hashes --only-binary=:all: -r supervisor.txt
RUN --mount=type=bind,from=debian-packages,source=/lists,target=/lists \
    --mount=type=bind,source=docker/common/install-debian-packages,target=/install-debian-packages \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    --mount=type=secret,id=ca-bundle \
    bash /install-debian-packages /lists/packages /lists/build-packages
COPY docker/dev/lock-readers /usr/local/lock-readers
COPY docker/dev/bin/install-requirements /usr/local/bin/
WORKDIR /requirements/app
# Of these, those that the app has. A file in brackets need not exist.
COPY docker/no-file backend/app.tom[l] backend/pyproject.tom[l] backend/uv.loc[k] backend/poetry.loc[k] backend/*.txt ./
COPY docker/no-file backend/requirement[s] ./requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=ca-bundle \
    rm no-file requirements/no-file \
    && bash /with-ca-bundle /pip/bin/python3 /usr/local/bin/install-requirements production /venv

# ---- production-dependencies: the same without what app.toml says that production never reads ----
FROM dependencies AS production-dependencies
RUN --mount=type=bind,source=docker/prod/strip-packages,target=/strip-packages \
    python3 /strip-packages /venv

# ---- migration-linter: apart from the application's packages, of which it uses Django and what that needs
FROM pip AS migration-linter
COPY docker/prod/requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=ca-bundle \
    bash /with-ca-bundle /pip/bin/pip install --no-deps --require-hashes --only-binary=:all: \
        --target=/migration-linter --requirement=requirements.txt \
    && rm -rf /migration-linter/django /migration-linter/[dD]jango-* /migration-linter/asgiref* \
        /migration-linter/sqlparse* /migration-linter/bin

# ---- development-dependencies: and the test tools; writable for any host user -------------------
FROM dependencies AS development-dependencies
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=ca-bundle \
    python3 -m venv /venv \
    && bash /with-ca-bundle /venv/bin/python3 /usr/local/bin/install-requirements development /venv \
    && chmod -R a+rwX /venv

# ---- development-tools: the file watcher and the debugger, apart from the application's packages -
FROM pip AS development-tools
COPY docker/dev/requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=ca-bundle \
    python3 -m venv --without-pip /dev-tools \
    && bash /with-ca-bundle /pip/bin/pip --python /dev-tools/bin/python \
        install --require-hashes --only-binary=:all: -r requirements.txt

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
    && install -D --mode=644 --target-directory=usr/local/lock-readers /dev-files/lock-readers/*.txt \
    && install -d app/docker/dev \
    && cp --recursive /dev-files/dev-page /dev-files/vite app/docker/dev \
    && chmod --recursive u=rwX,go=rX app

FROM common-files AS production-files
RUN --mount=type=bind,source=docker/prod,target=/prod \
    install -d etc/nginx \
    && install --mode=755 /prod/entrypoint.sh . \
    && install --mode=755 /prod/bin/* usr/local/bin \
    && install --mode=644 /prod/supervisord.conf etc \
    && install --mode=644 /prod/nginx.conf /prod/security-headers.conf /prod/backend-location.conf etc/nginx

# ---- base: what both modes run on ---------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS base
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1
# The official image has no bytecode of the standard library, and no process can write it later: each
# start would compile what it imports.
RUN python3 -m compileall -q -x '/(test|tests|idlelib|lib2to3|tkinter|turtledemo|ensurepip|pydoc_data|site-packages|dist-packages)/' \
        "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
RUN --mount=type=bind,from=debian-packages,source=/lists,target=/lists \
    --mount=type=bind,source=docker/common/install-debian-packages,target=/install-debian-packages \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    --mount=type=secret,id=ca-bundle \
    bash /install-debian-packages /lists/packages
# useradd leaves copies of the files that it changes, /etc/shadow- for example. A tmpfs gets the mode
# of the folder that it is mounted on.
RUN useradd --uid 10001 --user-group --create-home --shell /bin/bash app \
    && rm -f /etc/*- \
    && install -d -m 1777 /run/app \
    && install -d --owner=app --group=app /app/media
WORKDIR /app/backend
ENTRYPOINT ["/entrypoint.sh"]

# ---- development: sources and node_modules are mounted over this --------------------------------
FROM base AS development
# Starts as root only to take the host user's identity; see docker/dev/entrypoint.sh.
ENV MODE=development \
    REVERSE_PROXY_PORT=3000 \
    BACKEND_PORT=8000 \
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

# ---- static-files: what Django's apps bring for browsers, and how Nginx serves it ----------------
FROM dependencies AS static-files
COPY --from=compiled-backend /app/backend /app/backend
RUN --mount=type=bind,source=docker/prod/collect-static,target=/collect-static \
    --mount=type=bind,source=docker/common/bin/app-environment,target=/app-environment \
    python3 /collect-static

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
COPY --link --from=migration-linter /migration-linter /usr/local/migration-linter
COPY --link --from=production-files /files /
COPY --link --from=frontend-builder /page /app/frontend
COPY --link --from=static-files /app/backend /app/backend
COPY --link --from=static-files /app/nginx.d /app/nginx.d
COPY --link --from=static-files /outside /
# `app`, as a number, by which an orchestrator can tell that it is not root.
USER 10001:10001
EXPOSE 80
ARG VERSION=0.0.0
ARG REVISION=unknown
ENV APP_VERSION=$VERSION APP_REVISION=$REVISION
LABEL org.opencontainers.image.title="alarm" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION
