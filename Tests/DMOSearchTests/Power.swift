import Foundation

/// pow without importing Foundation's many names into the tests.
func _pow(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
