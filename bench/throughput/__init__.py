"""Throughput, measured with real handlers in real processes: python -m bench.throughput

One execution environment is one process under AWS's own runtime client (`awslambdaric`), as
`local.lambda_host` runs it. Partners and AWS answer over HTTP on the loopback from processes of
their own, after a set delay, so that the processor time of the environment is its own. The
environment has a core to itself where the machine has more than one.
"""
