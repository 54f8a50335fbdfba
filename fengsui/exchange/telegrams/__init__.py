"""Life safety in 78 bytes: BeiDou, datagrams, SMS."""
