"""What CloudWatch does, for the local world: no emulator computes metrics or evaluates alarms.

Moments are seconds since 1970 in the world's time (`clock.WorldTime`).
"""
