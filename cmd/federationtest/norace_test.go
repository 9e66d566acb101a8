//go:build !race

package federationtest

const slower = 1
