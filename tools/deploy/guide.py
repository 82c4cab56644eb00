"""What the first deployment of an environment asks, and what it makes of the answers."""

from __future__ import annotations

import re
from collections.abc import Callable

from tools.deploy.aws import Aws, in_words
from tools.deploy.environments import Environment
from tools.deploy.talk import USAGE, Stopped, Talk
from tools.deploy.template_facts import TemplateFacts

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
TOPIC = re.compile(r"arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+")


def ask_first(
    talk: Talk,
    environment: Environment,
    template: TemplateFacts,
    given: dict[str, str],
    alarms_to: str | None,
) -> tuple[dict[str, str], str]:
    """Parameters that were asked for, and the e-mail address that alarms go to (or empty).

    Args:
        talk: Whom to ask.
        environment: What is deployed.
        template: What it takes.
        given: Parameters that are known already; nothing is asked about them.
        alarms_to: An address or a topic that was given; None asks.

    Raises:
        Stopped: Something has to be asked and there is nobody, or an answer is no such thing.
    """
    if "FirstMerchant" not in given or alarms_to is None:
        talk.say(f"\nThe first deployment of {environment.name}; two questions, asked once.")
    asked: dict[str, str] = {}
    if "FirstMerchant" not in given:
        talk.say(
            "The first merchant's id is part of its secrets' names, e.g. acme; others come later."
        )
        merchant = _until(
            lambda: talk.ask("First merchant's id (small letters, digits, -)"),
            lambda text: _problem(template, "FirstMerchant", text),
            talk,
        )
        asked["FirstMerchant"] = merchant
    if "AlarmTopicArn" in given:
        return asked, ""
    if alarms_to is None:
        talk.say(
            "Alarms and the daily summary go to an e-mail address (or to an SNS topic you have)."
        )
        alarms_to = _until(
            lambda: talk.ask("E-mail address or topic ARN; - for none", "-"), _no_receiver, talk
        )
    if alarms_to in {"", "-"}:
        return asked, ""
    if _no_receiver(alarms_to):
        raise Stopped(_no_receiver(alarms_to), USAGE)
    if TOPIC.fullmatch(alarms_to):
        return {**asked, "AlarmTopicArn": alarms_to}, ""
    return asked, alarms_to


def _until(ask: Callable[[], str], problem: Callable[[str], str], talk: Talk) -> str:
    while True:
        answer = ask()
        wrong = problem(answer)
        if not wrong:
            return answer
        talk.say(f"  {wrong}")


def _problem(template: TemplateFacts, name: str, text: str) -> str:
    try:
        template.require_valid({name: text})
    except Stopped as error:
        return str(error)
    return ""


def _no_receiver(text: str) -> str:
    if text == "-" or EMAIL.fullmatch(text) or TOPIC.fullmatch(text):
        return ""
    return f"{text!r} is neither an e-mail address nor the ARN of an SNS topic"


def topic_name(stack: str) -> str:
    """The name of the topic that this tool makes for a stack's alarms."""
    return f"{stack}-alarms"


def make_topic(aws: Aws, stack: str, email: str) -> str:
    """The ARN of a topic that tells an address; made, or the one that is there."""
    client = aws.client("sns")
    with in_words(aws.profile):
        arn = str(client.create_topic(Name=topic_name(stack))["TopicArn"])
        client.subscribe(TopicArn=arn, Protocol="email", Endpoint=email)
    return arn
