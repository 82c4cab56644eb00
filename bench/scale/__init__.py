"""What the hub asks for and takes at a size that no one machine can play.

`life` measures one merchant in the simulation (the real doors, flows and adapters, virtual time),
`crowd` lives through a day of many merchants with what was measured, and `month` prices it.
`python -m bench.scale` does all and writes docs/scale.md and its plots.
"""
