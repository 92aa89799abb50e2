# The flow, and the command `chatflow`, in one image.
#
#   docker build -t chatflow .
#   docker run --read-only --tmpfs /tmp -v chatflow:/var/lib/chatflow -e CHAT_KAFKA__BROKERS=… chatflow
#   docker run --rm --entrypoint chatflow -e CHAT_KAFKA__BROKERS=… chatflow config check
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
# Without pip in it: this image's own installs into it, and stays behind with the build tools.
RUN python -m venv --without-pip /opt/chatflow
COPY requirements.lock requirements-compiler.lock ./
# The compiler stays behind with this stage.
RUN python -m pip install --no-cache-dir --require-hashes --requirement requirements-compiler.lock \
 && python -m pip --python /opt/chatflow/bin/python install --no-cache-dir --only-binary :all: \
      --require-hashes --requirement requirements.lock
COPY . ./
RUN python -m native.build \
 && python -m pip --python /opt/chatflow/bin/python install --no-cache-dir --no-deps \
      --no-build-isolation . \
 && python -m pip --python /opt/chatflow/bin/python uninstall --yes setuptools

FROM ${PYTHON_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="chatflow" \
      org.opencontainers.image.description="The consumer side of a chat server's Kafka topics" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="docker.io/library/python:3.12-slim-bookworm"
# By number, so that Kubernetes can see that it is not root.
RUN groupadd --gid 10001 chatflow \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/chatflow \
      --shell /usr/sbin/nologin chatflow \
 && install -d -o 10001 -g 10001 -m 0750 /var/lib/chatflow \
 && python -m pip uninstall --yes --root-user-action ignore pip
COPY --from=build /opt/chatflow /opt/chatflow
ENV PATH=/opt/chatflow/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
# The current directory is what a relative path of the settings begins at: the default database
# is /var/lib/chatflow/var/chat.duckdb. Nothing else is written, so the root may be read-only.
WORKDIR /var/lib/chatflow
VOLUME ["/var/lib/chatflow"]
EXPOSE 9464
# The first SIGTERM drains; give it `--stop-timeout 90`.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=2m --retries=4 \
  CMD ["python", "-I", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9464/healthz', timeout=4)"]
# Without a shell between: signals reach the flow, and its exit status is the container's.
ENTRYPOINT ["python", "-m", "bytewax.run", "dataflows.chat"]
CMD ["-s", "2"]
