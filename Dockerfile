# evalgate as a container, run as whoever owns the suite and its store:
#   docker build -t evalgate .
#   docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/evals" evalgate gate suites/x.yaml
# BASE is any Debian-like image with Python 3.11-3.13 and its venv module; both stages use it, so the environment moves as it is.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /src
RUN python3 -m venv --without-pip /opt/evalgate
ENV PATH=/opt/evalgate/bin:$PATH
COPY requirements/uv.txt requirements/build.txt requirements/image.txt requirements/
RUN python3 -m venv /opt/uv \
 && /opt/uv/bin/python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/uv.txt \
 && /opt/uv/bin/uv pip install --no-cache --python /opt/evalgate --compile-bytecode --require-hashes -r requirements/image.txt \
 && /opt/uv/bin/uv pip install --no-cache --python /opt/uv --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY evalgate evalgate
COPY suites suites
COPY rubrics rubrics
RUN /opt/uv/bin/python -m hatchling build -t wheel -d dist \
 && /opt/uv/bin/uv pip install --no-cache --python /opt/evalgate --compile-bytecode --no-deps dist/*.whl

FROM ${BASE}
LABEL org.opencontainers.image.title="evalgate" org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --create-home evalgate \
 && install -d -o evalgate /evals
COPY --from=build /opt/evalgate /opt/evalgate
ENV PATH=/opt/evalgate/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LITELLM_LOCAL_MODEL_COST_MAP=True
USER 10001
WORKDIR /evals
ENTRYPOINT ["evalgate"]
CMD ["--help"]
