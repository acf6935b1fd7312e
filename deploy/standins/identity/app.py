"""Puts the identity stand-in together: protocol routes, the page, the control API."""

from fastapi import FastAPI, Request, Response

from deploy.standins.faults import Fault
from deploy.standins.identity.protocol import ShownHere
from deploy.standins.identity.provider import Provider, build_provider
from deploy.standins.identity.settings import IdentitySettings
from deploy.standins.identity.sign_in import sign_in_routes
from deploy.standins.identity.tokens import token_routes
from deploy.standins.web import back_to, new_app, page


def build_app(settings: IdentitySettings) -> FastAPI:
    """Return the application."""
    provider = build_provider(settings)
    app = new_app("Identity provider (stand-in)")
    app.include_router(sign_in_routes(provider))
    app.include_router(token_routes(provider))
    _add_page(app, provider)
    _add_control(app, provider)

    @app.exception_handler(ShownHere)
    async def shown_here(_: Request, problem: Exception) -> Response:
        provider.store.note(f"refused: {problem}", good=False)
        return page("identity/problem.html", status=400, sentence=str(problem))

    return app


def _add_page(app: FastAPI, provider: Provider) -> None:
    @app.get("/")
    async def home() -> Response:
        return page(
            "identity/home.html",
            settings=provider.settings,
            people=provider.people.people,
            sessions=provider.store.sessions.values(),
            happenings=provider.store.happenings,
            faults=provider.faults.waiting(),
        )

    @app.post("/sign-everybody-out")
    async def sign_everybody_out() -> Response:
        _end_all_sessions(provider)
        return back_to("/")

    @app.post("/change-key")
    async def change_key() -> Response:
        _change_key(provider)
        return back_to("/")


def _add_control(app: FastAPI, provider: Provider) -> None:
    @app.post("/control/faults")
    async def order_fault(fault: Fault) -> dict[str, int]:
        """Endpoints: discovery, jwks, token, userinfo."""
        provider.faults.order(fault)
        return provider.faults.waiting()

    @app.post("/control/keys/rotate")
    async def rotate_key() -> dict[str, str]:
        return {"kid": _change_key(provider)}

    @app.post("/control/sessions/end")
    async def end_sessions() -> dict[str, str]:
        _end_all_sessions(provider)
        return {"status": "ended"}

    @app.post("/control/reset")
    async def reset() -> dict[str, str]:
        provider.faults.clear()
        provider.store.sessions.clear()
        provider.store.codes.clear()
        return {"status": "reset"}


def _change_key(provider: Provider) -> str:
    kid = provider.keys.rotate()
    provider.store.note("signing key changed")
    return kid


def _end_all_sessions(provider: Provider) -> None:
    provider.store.sessions.clear()
    provider.store.note("everybody signed out")
