# Tunesmith in a container: the chat on 7860, everything that is kept under /data, no root, no secrets in it.
#
#   docker build -t tunesmith .
#   docker volume create tunesmith
#   docker run --rm -it -v tunesmith:/data tunesmith users add ann        the password is asked for
#   docker run -d --init -p 127.0.0.1:7860:7860 -v tunesmith:/data tunesmith
#
# or with compose.yaml, which says the same once. The chat opens to the network of the container, so it does not start
# before there is a user. Put a server that speaks https before it when others than this machine shall reach it.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/tunesmith
WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE ./
# The two that others are built and resolved against, as in the Makefile; a layer that a change of ours leaves alone.
RUN /opt/tunesmith/bin/pip install --quiet --only-binary=:all: -c constraints.txt setuptools torch
COPY workspace workspace
COPY tools tools
COPY finetune finetune
COPY agent agent
COPY ui ui
RUN /opt/tunesmith/bin/pip install --quiet --prefer-binary --no-build-isolation -c constraints.txt .

FROM python:3.11-slim
# llama.cpp needs libgomp; the report card's picture for Slack needs a font with Chinese characters.
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libgomp1 fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin tunesmith \
 && install -d -o tunesmith -g tunesmith -m 700 /data
COPY --from=build /opt/tunesmith /opt/tunesmith
ENV PATH=/opt/tunesmith/bin:$PATH HOME=/data TUNESMITH_HOME=/data LANG=C.UTF-8 PYTHONUNBUFFERED=1
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 7860
STOPSIGNAL SIGTERM
# The first start fetches the model of 1.1 GB; only then is the port open.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20m --retries=3 \
  CMD ["python", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:7860/health', timeout=4)"]
ENTRYPOINT ["tunesmith"]
CMD ["serve", "chat", "--host", "0.0.0.0", "--port", "7860"]
