"""值班: who sits in the duty room, hands over, answers a roll-call, reports being safe."""
