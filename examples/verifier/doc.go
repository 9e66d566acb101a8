// Package verifier holds the verifier in Python, which was written after the
// documents alone, against the product: both judge every entry of many logs with
// damaged statements, and must agree.
package verifier
