FROM python:3.12-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 FANGPIN_ENV=production
WORKDIR /srv/fangpin
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
# Collecting static files reads no secret; local settings serve for this one step.
RUN FANGPIN_ENV=local FANGPIN_VAR=/tmp/build FANGPIN_MANIFEST=1 python manage.py collectstatic --noinput -v0 \
 && rm -rf /tmp/build && useradd --system --home /srv/fangpin fangpin \
 && mkdir -p /srv/fangpin/var && chown fangpin /srv/fangpin/var
USER fangpin
EXPOSE 8000
CMD ["gunicorn", "fangpin.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
