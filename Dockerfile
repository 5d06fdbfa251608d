# DL Studio for a host: `docker build .`, or for NVIDIA GPUs `docker build --build-arg LOCK=requirements-gpu.lock .`
# The same image is the app and, by another command, the supervisor; compose.yaml has both, docs/hosting.md says how.
FROM python:3.12-slim-bookworm AS packages
ARG LOCK=requirements.lock
WORKDIR /opt/dlcore
COPY requirements.lock requirements-gpu.lock ./
RUN python -m venv /opt/dlcore/venv \
 && /opt/dlcore/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r "$LOCK"

FROM python:3.12-slim-bookworm
# For `python -m dlcore backup`. Debian's own release is what compose.yaml's database has; pinned, it would vanish.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client \
 && rm -rf /var/lib/apt/lists/*
# 1000 is also whom a Hugging Face Space runs.
RUN useradd --uid 1000 --no-create-home --home-dir /data dlcore \
 && install --directory --owner dlcore --group dlcore --mode 700 /data
COPY --from=packages /opt/dlcore/venv /opt/dlcore/venv
WORKDIR /opt/dlcore/app
COPY app.py ./
COPY .streamlit .streamlit
COPY pages pages
COPY dlcore dlcore
# Nothing is written here later: the root may be read-only.
RUN /opt/dlcore/venv/bin/python -m compileall -q app.py pages dlcore
ENV PATH=/opt/dlcore/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data \
    KERAS_HOME=/data/keras \
    DLCORE_HOME=/data/home \
    DLCORE_MODE=demo
USER 1000
VOLUME /data
EXPOSE 8501
HEALTHCHECK --start-period=60s --timeout=5s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8501", "--ws-per-message-deflate", "false"]
