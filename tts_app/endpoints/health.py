"""How the service is: /healthz for whoever restarts it, /readyz for whoever sends requests to it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from tts_app.endpoints.parts import Parts


def health_routes(parts: Parts) -> APIRouter:
    """GET /healthz and /readyz: 200, or 503."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        health = parts.health()
        return JSONResponse(health, status_code=200 if health["status"] == "ok" else 503)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        engines = [
            {
                "name": engine.name,
                "ready": engine.workers_up > 0,
                "workers_up": engine.workers_up,
                "workers_configured": engine.workers_configured,
            }
            for engine in parts.service.engines()
        ]
        ready = all(engine["ready"] for engine in engines)
        answer = {"status": "ready" if ready else "not ready", "engines": engines}
        return JSONResponse(answer, status_code=200 if ready else 503)

    return router
