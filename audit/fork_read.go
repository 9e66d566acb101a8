package audit

import "fmt"

// ReadFork says what a file of EncodeFork proves of the log of this origin to
// whoever has its coordinator's key: CheckFork of what is in it.
func ReadFork(origin, coordinatorKey string, evidence []byte) (*Fork, error) {
	a, b, err := DecodeFork(evidence)
	if err != nil {
		return nil, err
	}
	f, err := CheckFork(coordinatorKey, a, b)
	if err != nil {
		return nil, err
	}
	if f.Origin != origin {
		return nil, fmt.Errorf("%w of this log: they are of %s", ErrNoFork, shorten(f.Origin))
	}
	return f, nil
}
