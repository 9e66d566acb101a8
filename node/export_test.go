package node

// Off returns the policy with rules switched off: the proof that a test which
// expects a refusal would see that the rule is gone.
func (p Policy) Off(codes ...string) Policy {
	off := map[string]bool{}
	for c := range p.off {
		off[c] = true
	}
	for _, c := range codes {
		off[c] = true
	}
	p.off = off
	return p
}
