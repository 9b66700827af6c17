"""What we call outside: a protocol, a real client with time-outs and a recording fake each."""
