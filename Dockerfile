# Untested: written without a container runtime at hand. Reports and corrections are welcome.
#
#   docker build -t kundenkontor .
#   docker run -p 127.0.0.1:8000:8000 -v kundenkontor:/var/lib/kundenkontor \
#     --read-only --tmpfs /tmp --tmpfs /run --cap-drop=ALL --security-opt=no-new-privileges --pids-limit=1024 kundenkontor
#
# Published on this machine only: TLS ends in a proxy in front (docs/operations/install.md).
# Without DATABASE_URL it starts its own PostgreSQL in the volume and fills it with demo data;
# see docs/operations for production.
FROM node:22-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --silent

FROM python:3.12-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/app/.venv/bin:$PATH \
    KUNDENKONTOR_VAR=/var/lib/kundenkontor BIND=0.0.0.0 PORT=8000
RUN useradd --system --uid 10001 --create-home kundenkontor \
    && install -d -o kundenkontor -g kundenkontor -m 0750 /var/lib/kundenkontor
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv .venv && pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml LICENSE README.md ./
COPY src src
COPY --from=assets /app/node_modules node_modules
RUN python src/kundenkontor/config/build/editable.py \
    && python -m kundenkontor.config.build.assets \
    && python -m kundenkontor.config.build.messages \
    && rm -rf node_modules
USER kundenkontor
VOLUME /var/lib/kundenkontor
EXPOSE 8000
STOPSIGNAL SIGINT
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8000/health/', timeout=5)"]
CMD ["kundenkontor", "up"]
