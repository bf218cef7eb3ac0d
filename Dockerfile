# Two images: `tools` (tts-etl, tts-redash), and `app` (tts-app with its voice, and the HTML preview).
#     docker build --target tools -t voxmeter-tools:0.1.0 .
# IMAGE_PREFIX is a mirror of Docker Hub with its last slash, PIP_INDEX_URL one of PyPI.
ARG IMAGE_PREFIX=docker.io/

FROM ${IMAGE_PREFIX}library/python:3.13.14-slim-bookworm AS build
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv --without-pip /opt/voxmeter
COPY pyproject.toml README.md LICENSE ./
COPY etl etl
COPY migrations migrations
COPY redash redash
COPY tts_app tts_app
COPY voxmeter voxmeter
RUN pip --python /opt/voxmeter/bin/python install .

FROM build AS build-app
RUN pip --python /opt/voxmeter/bin/python install ".[app,preview]"

FROM ${IMAGE_PREFIX}library/python:3.13.14-slim-bookworm AS base
# Of the base image's own pip nobody has any use here.
RUN pip uninstall --yes --quiet pip --root-user-action=ignore \
    && groupadd --gid 10001 voxmeter \
    && useradd --uid 10001 --gid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin voxmeter \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/voxmeter \
    && install -d -m 1777 /var/lib/tts-app
# A file system that may be read-only: home is /tmp, no byte code is written.
ENV PATH=/opt/voxmeter/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /var/lib/voxmeter

FROM base AS app
COPY --from=build-app /opt/voxmeter /opt/voxmeter
# Any user may run it, the one that the log folder belongs to, so not in a folder of the image's own user.
WORKDIR /var/lib/tts-app
EXPOSE 7860
CMD ["tts-app", "serve", "--host", "0.0.0.0", "--port", "7860"]

FROM base AS tools
COPY --from=build /opt/voxmeter /opt/voxmeter
CMD ["tts-etl", "--help"]
