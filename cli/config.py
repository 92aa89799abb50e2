"""`chatflow config`: whether the configuration is right, and what it comes to."""

import typer

from config.librdkafka import refuse_unusable_properties
from config.load import Loaded, load
from config.reference import render_reference
from config.show import show

app = typer.Typer(no_args_is_help=True, help="Check and show the configuration.")


def _load() -> Loaded:
    """Load, and let librdkafka have its say about what is passed on to it."""
    loaded = load()
    refuse_unusable_properties(loaded.settings.kafka.properties)
    return loaded


@app.command()
def check() -> None:
    """Say whether file and environment can be used; exit status 2 if not."""
    typer.echo(f"configuration is valid: {_load().file}")


@app.command("show")
def show_settings() -> None:
    """Print the settings in force as YAML, with where they come from; secrets are masked."""
    loaded = _load()
    typer.echo(f"# file: {loaded.file}")
    typer.echo(show(loaded.settings, loaded.origins), nl=False)


@app.command()
def reference() -> None:
    """Print the reference of all settings as Markdown."""
    typer.echo(render_reference(), nl=False)
