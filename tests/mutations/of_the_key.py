"""Deliberate defects: data that is not under the stack's key, and ways around TLS."""

from __future__ import annotations

from tests.mutations.model import CALM, Defect, Edit, tests

RULES = tests("template/test_rules.py")
SECRETS = tests("unit/test_secret_store.py")
ADDRESSES = tests("unit/test_base_urls.py")

OF_THE_KEY = (
    Defect(
        "a secret that the hub makes is under AWS's key",
        CALM,
        (
            Edit(
                "adapters/secrets/store.py",
                "SecretString=text, KmsKeyId=self._key)",
                "SecretString=text)",
            ),
        ),
        (SECRETS,),
    ),
    Defect(
        "a partner is asked over plain HTTP, wherever it is",
        CALM,
        (
            Edit(
                "domain/file_types.py",
                'if parts.scheme == "http" and parts.hostname in LOOPBACK:',
                'if parts.scheme == "http" and parts.hostname:',
            ),
        ),
        (ADDRESSES,),
    ),
    Defect(
        "where despatches are told may be any address",
        CALM,
        (Edit("domain/relay/settings.py", "    url: BaseUrl\n", "    url: str\n"),),
        (ADDRESSES,),
    ),
    Defect(
        "the key may be used by whoever has its policy, without a service between",
        CALM,
        (
            Edit(
                "template.yaml",
                "                kms:ViaService:\n",
                "                kms:CallerAccount:\n",
            ),
        ),
        (RULES,),
    ),
    Defect(
        "queues answer over plain HTTP",
        CALM,
        (
            Edit(
                "template.yaml",
                "            Action: sqs:*\n",
                "            Action: sqs:PurgeQueue\n",
            ),
        ),
        (RULES,),
    ),
    Defect(
        "the key goes with the stack, and every kept table is lost with it",
        CALM,
        (
            Edit(
                "template.yaml",
                "    Type: AWS::KMS::Key\n    DeletionPolicy: RetainExceptOnCreate\n",
                "    Type: AWS::KMS::Key\n    DeletionPolicy: Delete\n",
            ),
        ),
        (RULES,),
    ),
)
