"""hub completion: what a shell needs to complete verbs, options, merchants and parked work."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from cli.terminal import act_json_option, machine, say_json
from cli.verbs import verb

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_HUB_COMPLETE"
INSTALL = {
    "bash": "echo 'source <(hub completion bash)' >> ~/.bashrc   # Bash 4.4 and newer",
    "zsh": "echo 'source <(hub completion zsh)' >> ~/.zshrc     # after compinit",
    "fish": "hub completion fish > ~/.config/fish/completions/hub.fish",
}


@verb()
@click.argument("shell", type=click.Choice(SHELLS))
@act_json_option
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script by which a shell completes this command, and how to install it.

    It completes verbs and options, ids of merchants and of parked work. Ids come from the hub that
    the words before name; a hub that does not answer soon completes none.

    \b
    hub completion bash
    hub completion fish > hub.fish

    See also: hub man, docs/command.md
    """
    made = get_completion_class(shell)
    if made is None:
        raise AssertionError(f"click knows {shell}")
    script = made(ctx.find_root().command, {}, "hub", VARIABLE).source()
    if machine() is not None:
        say_json({"shell": shell, "install": INSTALL[shell], "script": script})
        return
    click.echo(f"# {INSTALL[shell]}\n{script}")
