"""Settings of the Dhanam API, from the environment."""
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    port: int = 4000
    public_url: str = "http://localhost:4000"
    janua_api_url: str = "http://janua-api:4100"
    max_import_rows: int = 4000
    overdraft_limit_cents: int = 490000


settings = Settings()
