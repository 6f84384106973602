"""Apps whose connections are secured, by all classes that FastAPI has for it."""

from typing import Annotated, Any

from document_message_apps import serve
from document_mount_apps import make_router
from document_register import Pong, documented
from fastapi import Depends, FastAPI, Security, WebSocket
from fastapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPBasic,
    HTTPBearer,
    HTTPDigest,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OpenIdConnect,
    SecurityScopes,
)


class KeyInQuery(APIKeyQuery):
    """One that handlers can depend on: FastAPI's own takes a WebSocket from 0.145 on."""

    async def __call__(self, websocket: WebSocket) -> str | None:  # type: ignore[override]
        return websocket.query_params.get(self.model.name)


@documented
def api_keys() -> FastAPI:
    schemes: list[Any] = [
        APIKeyQuery(name="key", description="From the lobby"),
        APIKeyHeader(name="x-key"),
        APIKeyCookie(name="session", scheme_name="A session"),
    ]
    return serve(make_router(name="Keys", dependencies=[Depends(scheme) for scheme in schemes]))


@documented
def http_schemes() -> FastAPI:
    schemes: list[Any] = [HTTPBearer(bearerFormat="JWT", description="A token"), HTTPBasic(realm="here"), HTTPDigest()]
    return serve(make_router(name="Schemes", dependencies=[Depends(scheme) for scheme in schemes]))


@documented
def oauth2() -> FastAPI:
    code = OAuth2AuthorizationCodeBearer(
        authorizationUrl="https://id.example/authorize",
        tokenUrl="https://id.example/token",
        refreshUrl="https://id.example/refresh",
        scopes={"play": "Take part", "watch": "Look on"},
    )

    async def get_user(scopes: SecurityScopes, token: Annotated[str, Depends(code)]) -> None: ...

    return serve(make_router(name="Code", dependencies=[Security(get_user, scopes=["play"])]))


@documented
def oauth2_at_a_relative_address() -> FastAPI:
    password = OAuth2PasswordBearer("token", scopes={"play": "Take part"})
    return serve(make_router(name="Password", dependencies=[Depends(password)]))


@documented
def openid() -> FastAPI:
    router = make_router(
        name="OpenID",
        dependencies=[
            Depends(OpenIdConnect(openIdConnectUrl="https://id.example/.well-known/openid-configuration")),
            Depends(OpenIdConnect(openIdConnectUrl="/.well-known/openid-configuration", scheme_name="Relative")),
        ],
    )
    return serve(router)


@documented
def security_of_everything() -> FastAPI:
    """The app, the include, the router and a handler each have their own."""
    router = make_router(name="Secured", dependencies=[Depends(APIKeyHeader(name="x-router", scheme_name="router"))])
    of_the_handler = KeyInQuery(name="handler", scheme_name="handler")

    @router.receive
    async def on_pong(websocket: WebSocket, message: Pong, key: Annotated[Any, Depends(of_the_handler)]) -> None: ...

    app = FastAPI(dependencies=[Depends(APIKeyHeader(name="x-app", scheme_name="app"))])
    of_the_include = APIKeyCookie(name="include", scheme_name="in/clude ü")
    app.include_router(router, prefix="/ws", dependencies=[Depends(of_the_include)])
    return app


@documented
def schemes_of_one_name() -> FastAPI:
    """FastAPI calls schemes by their classes."""
    app = FastAPI()
    for name in ("red", "blue"):
        router = make_router(name=name, dependencies=[Depends(APIKeyQuery(name=name))])
        app.include_router(router, prefix=f"/{name}")
    return app


@documented
def schemes_of_names_alike() -> FastAPI:
    """The names of schemes in AsyncAPI are of fewer characters."""
    app = FastAPI()
    for name in ("red", "blue"):
        scheme = APIKeyQuery(name=name, scheme_name={"red": "A key", "blue": "A/key"}[name])
        app.include_router(make_router(name=name, dependencies=[Depends(scheme)]), prefix=f"/{name}")
    return app
